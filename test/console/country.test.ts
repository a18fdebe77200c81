/** The countries that lists are filtered by are those that the graph takes. */
import { describe, expect, it } from "vitest";
import { countryOf } from "../../gateway/console/parts/country.ts";
import { isCountryCode } from "../../schema/country-code.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
const CODES = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));

describe("the country of a code", () => {
  it("is there for each that the graph takes, and is never one that it refuses", () => {
    const known = CODES.filter(isCountryCode);
    expect(known.length).toBeGreaterThan(240);
    expect(known.map(countryOf)).toEqual(known);
    expect(CODES.map(countryOf).filter((code) => code !== undefined && !isCountryCode(code))).toEqual([]);
  });

  it("is found in small letters, and by a code of old; there is none of anything else", () => {
    expect(["de", "UK", "EU", "ZZ", "D", "DEU", "1a", ""].map(countryOf)).toEqual([
      "DE",
      "GB",
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
