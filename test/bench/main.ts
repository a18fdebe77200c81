/**
 * `npm run bench -- NAME [--json]`: measures, and prints a table or JSON. Never part of the tests: a figure is not a verdict.
 */
import { benchDecisions } from "./decisions.ts";

const benches: Readonly<Record<string, () => Promise<readonly object[]>>> = { decisions: () => benchDecisions() };

const name = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "";
const bench = benches[name];
if (bench) {
  const rows = await bench();
  // oxlint-disable-next-line no-console -- its purpose
  if (process.argv.includes("--json")) console.log(JSON.stringify({ [name]: rows }, null, 2));
  // oxlint-disable-next-line no-console -- its purpose
  else console.table(rows);
} else {
  process.stderr.write(`Cannot measure "${name}": there are ${Object.keys(benches).join(", ")}\n`);
  process.exitCode = 1;
}
