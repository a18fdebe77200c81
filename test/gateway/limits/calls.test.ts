/** No operation calls the decision service more often than the gateway says that it can. */
import { describe, expect, it } from "vitest";
import { SEED, SEEDED } from "../../support/seed.ts";
import { checkCalls } from "./calls.ts";

describe("the calls of random operations with a cold cache", () => {
  it("are never more than was computed before, with every answer verified that can be", async () => {
    const tally = await checkCalls({ seed: Math.abs(SEED) % 1000, documents: 150, verifyShare: 1 });
    expect(tally.violations.map((one) => `${SEEDED}, ${one}`)).toEqual([]);
    expect(tally.deciding).toBeGreaterThan(60);
    expect(tally.ratios.length).toBeGreaterThan(15);
  }, 60_000);
});
