/**
 * `npm run bench -- NAME [--json]` measures, and prints a table or JSON. Not part of the tests: figures do not pass or fail.
 */
import { benchDecisions } from "./decisions.ts";
import { benchEngine, engineRows } from "./engine.ts";
import { benchBoard } from "./board/bench.ts";
import { benchGateway } from "./gateway/bench.ts";
import type { Figures } from "./gateway/rounds.ts";
import { benchHeap } from "./heap.ts";

/** The same for programs, and as rows for people. */
interface Result {
  readonly figures: object;
  readonly rows: readonly object[];
}

const benches: Readonly<Record<string, () => Promise<Result>>> = {
  decisions: async () => {
    const [heap, decisions, engine] = [await benchHeap(), await benchDecisions(), await benchEngine()];
    const { growth, ...boards } = decisions;
    const { ratios, identityRatios } = engine;
    return {
      figures: { ...decisions, heap, engine, ratios, identityRatios },
      rows: [
        ...growth,
        ...Object.entries({ ...boards, heap }).map(([name, one]) => ({ [name]: one })),
        ...engineRows(engine),
      ],
    };
  },
  heap: async () => {
    const heap = await benchHeap();
    return { figures: heap, rows: [heap] };
  },
  gateway: async () => comparison(await benchGateway({ install: process.argv.includes("--install") })),
  board: async () => comparison(await benchBoard()),
  engine: async () => {
    const figures = await benchEngine();
    return { figures, rows: engineRows(figures) };
  },
};

function comparison(figures: Figures): Result {
  const rows = Object.entries(figures.measured).map(([name, measured]) => Object.assign({ name }, measured));
  return { figures, rows: [...rows, ...Object.entries(figures.ratios).map(([name, ratio]) => ({ name, ratio }))] };
}

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
