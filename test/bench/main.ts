/**
 * `npm run bench -- NAME [--json]` measures, and prints a table or JSON. Not part of the tests: figures do not pass or fail.
 */
import { parseArgs } from "node:util";
import { benchDecisions } from "./decisions.ts";
import { benchEngine, engineRows } from "./engine.ts";
import { benchWorklist } from "./worklist.ts";
import { benchFacts } from "./upstreams/bench.ts";
import { benchConsole } from "./console.ts";
import { benchBoard } from "./board/bench.ts";
import { PARTS, benchGateway } from "./gateway/bench.ts";
import { profileGateway } from "./gateway/profile.ts";
import type { GatewayFigures } from "./gateway/bench.ts";
import { benchHeap } from "./heap.ts";
import { benchLive } from "./live.ts";
import { benchRules } from "./rules.ts";
import { benchRolling } from "./rolling/bench.ts";
import { SCALES, benchScale } from "./scale/bench.ts";

/** The same for programs, and as rows for people. */
interface Result {
  readonly figures: object;
  readonly rows: readonly object[];
  /** Besides, each under its title. */
  readonly tables?: Readonly<Record<string, readonly object[]>>;
}

const options = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean" },
    install: { type: "boolean" },
    profile: { type: "boolean" },
    only: { type: "string" },
    rate: { type: "string", default: "200" },
    seconds: { type: "string", default: "60" },
    outage: { type: "string", default: "20" },
    grouped: { type: "boolean", default: false },
  },
});

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
  gateway: async () => (options.values.profile === true ? profile() : gateway()),
  rules: async () => {
    const tables = await benchRules();
    return { figures: { tables }, rows: tables };
  },
  console: async () => {
    const pages = await benchConsole();
    return { figures: { pages }, rows: pages };
  },
  board: async () => comparison(await benchBoard()),
  facts: async () => {
    const { boards, memory } = await benchFacts();
    const rows = Object.entries(boards).map(([name, { upstreams, ...figures }]) =>
      Object.assign({ name }, figures, upstreams),
    );
    const worklist = await benchWorklist();
    const pages = Object.entries(worklist).flatMap(([database, measured]) =>
      measured.map((page) => Object.assign({ database }, page)),
    );
    return {
      figures: { boards, memory, worklist },
      rows: [...rows, { memory }],
      tables: { "a page of a worklist": pages },
    };
  },
  scale: async () => {
    const { only } = options.values;
    if (only !== undefined && !SCALES.includes(only)) throw new Error(`--only takes one of ${SCALES.join(", ")}`);
    const measured = await benchScale(only === undefined ? SCALES : [only]);
    const rows = measured.map(({ read, ...figures }) => Object.assign({}, figures, read));
    return { figures: { measured }, rows };
  },
  live: async () => {
    const figures = await benchLive();
    return { figures, rows: [figures] };
  },
  rolling: async () => {
    const { rate, seconds, outage, grouped } = options.values;
    const figures = await benchRolling({
      rate: Number(rate),
      seconds: Number(seconds),
      outage: Number(outage),
      isGrouped: grouped,
    });
    const { phases, complaints, ...totals } = figures;
    const rows = phases.flatMap(({ phase, seconds: took, kinds }) =>
      Object.entries(kinds).map(([kind, { reasons, ...tally }]) =>
        Object.assign({ phase, seconds: took, kind }, tally, { why: JSON.stringify(reasons) }),
      ),
    );
    return { figures, rows: [totals], tables: { phases: rows, complaints: complaints.map((line) => ({ line })) } };
  },
  engine: async () => {
    const figures = await benchEngine();
    return { figures, rows: engineRows(figures) };
  },
};

async function gateway(): Promise<Result> {
  const { only, install = false } = options.values;
  if (only !== undefined && !PARTS.includes(only)) throw new Error(`--only takes one of ${PARTS.join(", ")}`);
  const figures = await benchGateway({ install, only });
  const { measured, ratios, shapes, native } = figures;
  const { rows } = comparison({ measured, ratios });
  const tables = Object.entries(shapes).map(([shape, gateways]) => [shape, rowsOf(gateways)] as const);
  return { figures, rows: [...rows, { name: `native: ${native}` }], tables: Object.fromEntries(tables) };
}

async function profile(): Promise<Result> {
  const figures = await profileGateway();
  return { figures, rows: figures.areas };
}

function comparison(figures: Pick<GatewayFigures, "measured" | "ratios">): Result {
  const rows = rowsOf(figures.measured);
  return { figures, rows: [...rows, ...Object.entries(figures.ratios).map(([name, ratio]) => ({ name, ratio }))] };
}

function rowsOf(byName: Readonly<Record<string, object>>): readonly object[] {
  return Object.entries(byName).map(([name, figures]) => Object.assign({ name }, figures));
}

const name = options.positionals[0] ?? "";
const bench = benches[name];
if (bench) {
  const { figures, rows, tables = {} } = await bench();
  if (options.values.json === true) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  else {
    print(rows);
    for (const [title, table] of Object.entries(tables)) print(table, title);
  }
} else {
  process.stderr.write(`Cannot measure "${name}": there are ${Object.keys(benches).join(", ")}\n`);
  process.exitCode = 1;
}

function print(rows: readonly object[], title?: string): void {
  if (title !== undefined) process.stdout.write(`${title}\n`);
  // oxlint-disable-next-line no-console -- its purpose
  console.table(rows);
}
