/** Can the graph show a text as a CountryCode? Any other text fails its field, and with it the list that the field is in. */
import { CountryCode } from "./scalars.ts";

export function isCountryCode(text: string): boolean {
  try {
    CountryCode.serialize(text);
    return true;
  } catch {
    return false;
  }
}
