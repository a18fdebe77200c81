/**
 * Operations over generated federations are answered as one schema answers them.
 *
 * `node test/gateway/engine/generated/main.ts rust 1000 900 100` checks many more.
 */
import { describe, expect, it } from "vitest";
import { checkAll } from "./loop.ts";

/** Of them, some do not compose, and some are excluded. */
const SEEDS = 24;
const FEDERATIONS = 8;
const OPERATIONS = 50;

describe("random operations over generated federations", () => {
  it("have the data and the error paths that graphql-js gives, healthy and with one fault", async () => {
    const { differences, counts, ended } = await checkAll({
      engine: "rust",
      first: 0,
      federations: SEEDS,
      operations: OPERATIONS,
    });
    expect(differences.join("\n\n")).toBe("");
    expect(counts.get("federations")).toBeGreaterThanOrEqual(FEDERATIONS);
    // The planner in Rust panics over some of them, in its own process.
    expect([...ended]).toEqual([]);
    for (const kind of ["field", "wrong", "subgraph", "missing"])
      expect(counts.get(`answers with a fault of kind ${kind}`)).toBeGreaterThan(50);
    const healthy = counts.get("answers of a healthy federation") ?? 0;
    expect(counts.get("answers with a fault, to which the one schema has no answer")).toBeLessThan(healthy / 20);
    expect(counts.get("answers that the planner refuses to plan")).toBeLessThan(healthy / 20);
    expect(counts.get("answers with a field that the caller may not have")).toBeGreaterThan(healthy / 4);
    expect(counts.get("answers with the rest of the fields")).toBeGreaterThan(healthy / 6);
    expect(counts.get("answers with another error of the same null") ?? 0).toBeLessThan(healthy / 100);
  }, 300_000);

  it("have them by the engine in JavaScript too, but for what its libraries are known to do wrongly", async () => {
    const { differences, counts, ended } = await checkAll({
      engine: "javascript",
      first: 0,
      federations: SEEDS,
      operations: OPERATIONS,
    });
    expect(differences.join("\n\n")).toBe("");
    expect([...ended]).toEqual([]);
    expect(counts.get("federations")).toBeGreaterThanOrEqual(FEDERATIONS);
    const healthy = counts.get("answers of a healthy federation") ?? 0;
    expect(counts.get("answers excluded: an entity asked for without its key")).toBeLessThan(healthy / 100);
  }, 300_000);
});
