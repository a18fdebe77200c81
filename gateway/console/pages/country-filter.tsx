/** Of which country only? Its code is typed, because nobody has a list of those that occur; once it is one, its name is shown. */
import { countryOf, nameOf } from "../parts/country.ts";
import { TextField, useFilters } from "../parts/filters.tsx";

/** null while none is chosen, and while what is typed is no country. */
export function useCountry(): string | null {
  return countryOf(useFilters().filters["country"] ?? "") ?? null;
}

export function CountryFilter() {
  const { filters, set } = useFilters();
  const country = useCountry();
  return (
    <TextField
      label={country === null ? "Country" : `Country: ${nameOf(country)}`}
      placeholder="two letters, as DE"
      value={filters["country"] ?? ""}
      onValue={(value) => set("country", value)}
    />
  );
}
