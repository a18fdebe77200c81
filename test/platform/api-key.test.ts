/** What an API key looks like, so that scanners find it and typing errors are seen. */
import { describe, expect, it } from "vitest";
import { createApiKey, digestOf, isApiKey, looksLikeApiKey } from "../../subgraphs/platform/api-key.ts";

describe("an API key", () => {
  it("has a prefix, 256 random bits and a checksum", () => {
    const keys = Array.from({ length: 100 }, () => createApiKey());
    for (const key of keys)
      expect([key, isApiKey(key)]).toEqual([expect.stringMatching(/^dbk_[0-9A-Za-z]{49}$/), true]);
    expect(new Set(keys).size).toBe(100);
    expect(new Set(keys.map(digestOf)).size).toBe(100);
    expect(62n ** 43n > 2n ** 256n).toBe(true);
  });

  it("is the same wherever it is made", () => {
    expect(createApiKey(() => 0)).toBe(`dbk_${"0".repeat(43)}1hosuG`);
    expect(digestOf("dbk_")).toHaveLength(43);
  });

  it("is not one with any character changed, left out or added", () => {
    const key = createApiKey();
    const wrong = Array.from(key, (letter, index) => [
      `${key.slice(0, index)}${letter === "a" ? "b" : "a"}${key.slice(index + 1)}`,
      `${key.slice(0, index)}${key.slice(index + 1)}`,
      `${key.slice(0, index)}0${key.slice(index)}`,
    ]).flat();
    expect([...wrong, `${key}\n`, ` ${key}`, "", "dbk_"].filter((text) => isApiKey(text))).toEqual([]);
    expect([key, "dbk_x", "eyJhbGciOiJSUzI1NiJ9.e30.x"].map(looksLikeApiKey)).toEqual([true, true, false]);
  });
});
