/**
 * `npm run conform -- rules [pairs] [cells] [facts] [seed]`: are differences, checks and explanations of random tables those
 * of every cell, for so many pairs of at most so many cells? And are the diagrams of every table right for so many facts?
 */
import { proveOwnTables, proveRandomTables } from "../support/prove.ts";

/** Gives the exit code. */
export async function conformToRules([
  pairs = "500",
  cells = "1000000",
  facts = "100000",
  seed = "1",
]: readonly string[]): Promise<number> {
  const options = { seed: Number(seed), pairs: Number(pairs), mostCells: Number(cells), mostInputs: 8 };
  const proven = proveRandomTables(options);
  const wrong = [...proven.wrong, ...(await proveOwnTables(Number(facts)))];
  for (const each of wrong) process.stdout.write(`NOT ${each}\n`);
  process.stdout.write(
    [
      `${proven.pairs} pairs of random tables with ${proven.cells} cells, facts of ${proven.explained} of them explained`,
      `${facts} random facts of each table`,
      `${wrong.length} disagreements`,
      "",
    ].join("\n"),
  );
  return wrong.length === 0 ? 0 : 1;
}
