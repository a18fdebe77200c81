/** Which texts can the graph show as a CountryCode? Any other fails its field, and with it the list that the field is in. */
import { CountryCode } from "./scalars.ts";

/** What a country is that nobody knows, where there has to be one. */
export const UNKNOWN_COUNTRY = "ZZ";

export function isCountryCode(text: string): boolean {
  try {
    CountryCode.parseValue(text);
    return true;
  } catch {
    return false;
  }
}
