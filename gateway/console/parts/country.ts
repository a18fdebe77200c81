/** Which country has this code? One that the graph takes as well: others have a name, but are not in its standard. */

const NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** Unions, parts of countries, and codes that are reserved or made up for tests. */
const NO_COUNTRY = /AC|C[PQ]|DG|E[AUZ]|IC|QO|TA|UN|X[AB]|ZZ/;

/** As it is written today: `UK` is `GB`. undefined where it is the code of no country. */
export function countryOf(code: string): string | undefined {
  const region = /^[a-z]{2}$/i.test(code) ? new Intl.Locale(`und-${code}`).region : undefined;
  return region !== undefined && !NO_COUNTRY.test(region) && nameOf(region) !== undefined ? region : undefined;
}

export function nameOf(country: string): string | undefined {
  return NAMES.of(country);
}
