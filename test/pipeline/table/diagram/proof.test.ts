import { expect, it } from "vitest";
import { proveOwnTables, proveRandomTables } from "../../../support/prove.ts";

// `npm run conform -- rules` does the same with more and larger tables.
it("differences, checks and explanations of random tables are those of every cell", { timeout: 120_000 }, () => {
  const seed = Number(process.env["PROPERTY_SEED"] ?? 1);
  const proven = proveRandomTables({ seed, pairs: 120, mostCells: 30_000, mostInputs: 6 });
  expect(proven.wrong).toEqual([]);
  expect(proven.explained).toBeGreaterThan(50);
  expect(proven.cells).toBeGreaterThan(30_000);
});

it("the diagrams of every table give the verdict and the outputs of its facts", { timeout: 120_000 }, async () => {
  await expect(proveOwnTables(1_500)).resolves.toEqual([]);
});
