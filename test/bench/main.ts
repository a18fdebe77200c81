/**
 * `npm run bench -- NAME [--json]`: measures, and prints a table or JSON. Never part of the tests: a figure is not a verdict.
 */
import { benchDecisions } from "./decisions.ts";
import { benchEngine, engineRows } from "./engine.ts";

/** The same twice: for programs and, as rows, for people. */
interface Result {
  readonly figures: object;
  readonly rows: readonly object[];
}

const benches: Readonly<Record<string, () => Promise<Result>>> = {
  decisions: async () => {
    const [decisions, engine] = [await benchDecisions(), await benchEngine()];
    const { ratios } = engine;
    return {
      figures: { ...decisions, engine, ratios },
      rows: [...decisions.growth, { warm: decisions.warm }, { cold: decisions.cold }, ...engineRows(engine)],
    };
  },
  engine: async () => {
    const figures = await benchEngine();
    return { figures, rows: engineRows(figures) };
  },
};

const name = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "";
const bench = benches[name];
if (bench) {
  const { figures, rows } = await bench();
  // oxlint-disable-next-line no-console -- its purpose
  if (process.argv.includes("--json")) console.log(JSON.stringify(figures, null, 2));
  // oxlint-disable-next-line no-console -- its purpose
  else console.table(rows);
} else {
  process.stderr.write(`Cannot measure "${name}": there are ${Object.keys(benches).join(", ")}\n`);
  process.exitCode = 1;
}
