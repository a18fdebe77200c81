/** Numbers among the options of a command. */
import { expect, it } from "vitest";
import { wholeNumber } from "./whole-number.ts";

it.each([
  ["0", 0],
  ["30", 30],
  ["999999999", 999_999_999],
])("a whole number is read: %s", (text, expected) => {
  expect(wholeNumber("seed", text)).toBe(expected);
});

it.each(["x", "", " 1", "-1", "1.5", "1e3", "1000000000"])("no other text is: '%s'", (text) => {
  expect(() => wholeNumber("seed", text)).toThrow(`--seed expects a whole number from 0, got "${text}"`);
});

it("one below the minimum is not", () => {
  expect(() => wholeNumber("mutations", "0", 1)).toThrow('--mutations expects a whole number from 1, got "0"');
});
