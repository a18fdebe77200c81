/**
 * Does the public engine, whose protocol and model OpenText's match, decide as this project does?
 *
 *   npm run conform -- dmn [--seed N] [--facts N] [--tables N] [--migrated]
 *
 * 1. Each table of the project with many random facts: the same rules match, with the same rows, in the order that a hash
 *    map gives them; what fails here fails there.
 * 2. Random tables that the reader accepts, with a few facts each.
 * 3. A whole Decibel, connected to the engine as to OpenText, decides everything in the sandboxes' world as one that
 *    decides locally.
 *
 * `--migrated`: the engine takes a file without `modelVersion` for one of its first version, and migrates it: a cell that
 * begins and ends with a quote loses both. Whether OpenText does that is not known.
 *
 * Needs Java and Maven, which fetches the engine (see pom.xml). Exits with 1 for any difference, and with 3 if nothing was
 * compared because Java or Maven is missing.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../../subgraphs/registry.ts";
import { createRandom } from "../../support/random.ts";
import type { Random } from "../../support/random.ts";
import { wholeNumber } from "../../support/whole-number.ts";
import { createCompare } from "./compare.ts";
import type { Compare, Comparison } from "./compare.ts";
import { missing, startDmnEngine } from "./engine.ts";
import type { DmnEngine } from "./engine.ts";
import { factsOf } from "./facts.ts";
import type { Difference, Model } from "./probe.ts";
import { startDmnServer } from "./server.ts";
import type { DeployedModel } from "./server.ts";
import { createRandomTables } from "./tables.ts";
import { compareWorlds } from "./world.ts";

const NOTHING_COMPARED = 3;
const FACTS_OF_A_RANDOM_TABLE = 12;
const OPTIONS = {
  seed: { type: "string", default: "1" },
  facts: { type: "string", default: "2000" },
  tables: { type: "string", default: "2000" },
  migrated: { type: "boolean", default: false },
} as const;

/** Gives the exit code. */
export async function conformToEngine(given: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...given], options: OPTIONS });
  const [seed, facts, tables] = [
    wholeNumber("seed", values.seed),
    wholeNumber("facts", values.facts),
    wholeNumber("tables", values.tables),
  ];
  const absent = missing();
  if (absent !== undefined) {
    print(`nothing was compared: ${absent} cannot be run here`);
    return NOTHING_COMPARED;
  }
  print(`seed ${seed}, ${values.migrated ? "migrated" : "as version 3"}`);
  const engine = await startDmnEngine();
  try {
    // The version that its own editor writes.
    const compare = createCompare(engine, (model) => (values.migrated ? model : { ...model, modelVersion: "3" }));
    const random = createRandom(seed);
    const own = await compareOwn(compare, random, facts);
    const kinds =
      own.kinds + (await compareRandom(compare, random, tables)) + (await compareWorld(engine, own.deployed));
    print(kinds === 0 ? "everything conforms" : `${kinds} kinds of differences`);
    return kinds === 0 ? 0 : 1;
  } finally {
    await engine.close();
  }
}

interface Own {
  readonly kinds: number;
  readonly deployed: readonly DeployedModel[];
}

async function compareOwn(compare: Compare, random: Random, count: number): Promise<Own> {
  const deployed: DeployedModel[] = [];
  let kinds = 0;
  for (const model of await ownModels()) {
    const result = await compare(model, (table) => Array.from({ length: count }, factsOf(table, random)));
    kinds += report(`table ${model.key}`, [result]);
    if (result.version !== undefined) deployed.push({ model, version: result.version });
  }
  return { kinds, deployed };
}

async function compareRandom(compare: Compare, random: Random, count: number): Promise<number> {
  const { next, refused } = createRandomTables(random);
  const results: Comparison[] = [];
  for (let made = 0; made < count; made++) {
    const facts = (table: Parameters<typeof factsOf>[0]) =>
      Array.from({ length: FACTS_OF_A_RANDOM_TABLE }, factsOf(table, random));
    results.push(await compare(next(), facts));
  }
  return report(
    `${count} random tables (the reader refused ${refused.cells} cells, ${refused.tables} tables)`,
    results,
  );
}

async function compareWorld(engine: DmnEngine, models: readonly DeployedModel[]): Promise<number> {
  const server = await startDmnServer(engine, models);
  try {
    const { decisions, explained, differences } = await compareWorlds(server.origin);
    const executed = [...server.executed].map(([status, times]) => `${times} with ${status}`).join(", ");
    const what = `world: ${decisions} decisions, ${explained} with the numbers of their rules, evaluations: ${executed}`;
    return list(what, differences);
  } finally {
    await server.close();
  }
}

/** The tables of all subgraphs, as their files have them. */
async function ownModels(): Promise<readonly Model[]> {
  const models: Model[] = [];
  for (const { name } of subgraphs) {
    const folder = join(projectRoot(), "subgraphs", name);
    for (const { table } of await loadTables(folder)) {
      const { data } = JSON.parse(await readFile(join(folder, table.file), "utf8")) as { data: Model };
      models.push(data);
    }
  }
  return models;
}

function report(what: string, results: readonly Comparison[]): number {
  const sum = (field: "evaluations" | "matches" | "failed" | "unsent" | "differing"): number =>
    results.reduce((total, result) => total + result[field], 0);
  const counts = [
    `${sum("evaluations")} evaluations`,
    `${sum("matches")} matches`,
    `${sum("failed")} failed in both`,
    `${sum("unsent")} not sent`,
    `${sum("differing")} differ`,
  ];
  const differences = results.flatMap(({ differences }) => differences);
  return list(`${what}: ${counts.join(", ")}`, differences);
}

/** Prints each kind of difference with its first example, and gives their number. */
function list(what: string, differences: readonly Difference[]): number {
  const kinds = new Map<string, { readonly example: string; times: number }>();
  for (const { kind, example } of differences) {
    const known = kinds.get(kind) ?? { example, times: 0 };
    known.times += 1;
    kinds.set(kind, known);
  }
  print(`${kinds.size === 0 ? "ok " : "NOT"} ${what}`);
  for (const [kind, { example, times }] of kinds) print(`      ${kind}, ${times} times\n        ${example}`);
  return kinds.size;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
