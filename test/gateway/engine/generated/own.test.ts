/**
 * Operations over Decibel's own supergraph are answered as one schema answers them, whatever the values are.
 *
 * `node test/gateway/engine/generated/main.ts rust 1 own 5000` checks many more.
 */
import { describe, expect, it } from "vitest";
import { SEED, SEEDED } from "../../../support/seed.ts";
import { checkOwn } from "./check.ts";

/** Each is sent up to twice, with other variables, and once with a fault. */
const OPERATIONS = 400;
/** Its libraries take longer. */
const OPERATIONS_IN_JAVASCRIPT = 120;
const FAULTS = ["field", "null", "wrong", "subgraph", "missing"];

describe("random operations over Decibel's supergraph", () => {
  it("have the data and the error paths that graphql-js gives, healthy and with one fault", async () => {
    const { differences, counts } = await checkOwn("rust", Math.abs(SEED) % 1000, OPERATIONS);
    expect(differences.map((one) => `${SEEDED}, ${one}`).join("\n\n")).toBe("");
    for (const kind of FAULTS) expect(counts.get(`answers with a fault of kind ${kind}`)).toBeGreaterThan(20);
    expect(counts.get("answers with an error of the fault")).toBeGreaterThan(20);
    expect(counts.get("answers with a field that the caller may not have")).toBeGreaterThan(OPERATIONS / 4);
    expect(counts.get("answers with the rest of the fields")).toBeGreaterThan(OPERATIONS / 20);
    expect(counts.get("answers that the planner refuses to plan") ?? 0).toBe(0);
    expect(counts.get("answers with another error of the same null") ?? 0).toBeLessThan(OPERATIONS / 50);
  }, 60_000);

  it("have them by the engine in JavaScript too, healthy", async () => {
    const { differences, counts } = await checkOwn("javascript", Math.abs(SEED) % 1000, OPERATIONS_IN_JAVASCRIPT);
    expect(differences.map((one) => `${SEEDED}, ${one}`).join("\n\n")).toBe("");
    const excluded = counts.get("answers excluded: an entity asked for without its key") ?? 0;
    expect(excluded).toBeLessThan(OPERATIONS_IN_JAVASCRIPT / 20);
  }, 60_000);
});
