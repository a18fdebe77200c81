/** Of which country only? Its code is typed, because nobody has a list of those that occur; once it is one, its name is shown. */
import { TextField, useFilters } from "../parts/filters.tsx";

const NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** null while none is chosen, and while what is typed is no country. */
export function useCountry(): string | null {
  const typed = useFilters().filters["country"] ?? "";
  // `UK` is `GB`.
  const code = /^[a-z]{2}$/i.test(typed) ? new Intl.Locale(`und-${typed}`).region : undefined;
  return code !== undefined && NAMES.of(code) !== undefined ? code : null;
}

export function CountryFilter() {
  const { filters, set } = useFilters();
  const country = useCountry();
  return (
    <TextField
      label={country === null ? "Country" : `Country: ${NAMES.of(country)}`}
      placeholder="two letters, as DE"
      value={filters["country"] ?? ""}
      onValue={(value) => set("country", value)}
    />
  );
}
