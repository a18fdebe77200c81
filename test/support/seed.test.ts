import { readConfigureGlobal } from "fast-check";
import { describe, expect, it } from "vitest";
import { SEED, seedOf } from "./seed.ts";

const random = (): number => 0.5;

describe("the seed of property tests", () => {
  it("is PROPERTY_SEED if that is set, under CI too", () => {
    expect(seedOf({ PROPERTY_SEED: "-42", CI: "true" }, random)).toBe(-42);
    expect(seedOf({ PROPERTY_SEED: "7" }, random)).toBe(7);
  });

  it("is the same in every run under CI, and random elsewhere", () => {
    expect(seedOf({ CI: "true" }, random)).toBe(1);
    expect(seedOf({}, random)).toBe(1_073_741_823);
    expect(seedOf({ PROPERTY_SEED: "", CI: "" }, random)).toBe(1_073_741_823);
  });

  it.each(["x", "1.5", "2147483648", " 1"])("cannot be %j", (given) => {
    expect(() => seedOf({ PROPERTY_SEED: given }, random)).toThrow(
      `PROPERTY_SEED must be a whole number of 32 bits, but got "${given}"`,
    );
  });

  it("is that of every fast-check property", () => {
    expect(readConfigureGlobal()).toMatchObject({ seed: SEED });
  });
});
