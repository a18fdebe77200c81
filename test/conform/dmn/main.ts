/**
 * Does the public engine, whose protocol and model OpenText's match, decide as this project does?
 *
 *   npm run conform -- dmn [--part own|random|world]… [--seed N] [--facts N] [--tables N] [--migrated]
 *
 * 1. own: each table of the project with many random facts: the same rules match, with the same rows, in the order that a hash
 *    map gives them; what fails here fails there.
 * 2. random: tables that the reader accepts, with a few facts each.
 * 3. world: a whole Decibel, connected to the engine as to OpenText, decides everything in the sandboxes' world as one that
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
import type { Table } from "../../../subgraphs/pipeline/table/table.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../../subgraphs/registry.ts";
import { createRandom } from "../../support/random.ts";
import type { Random } from "../../support/random.ts";
import { wholeNumber } from "../../support/whole-number.ts";
import { createCompare } from "./compare.ts";
import type { Comparison } from "./compare.ts";
import { missing, startDmnEngine } from "./engine.ts";
import type { DmnEngine } from "./engine.ts";
import { factsOf } from "./facts.ts";
import type { AsDeployed, Difference, Model } from "./probe.ts";
import { startDmnServer } from "./server.ts";
import type { DeployedModel } from "./server.ts";
import { createRandomTables } from "./tables.ts";
import { compareWorlds } from "./world.ts";

const NOTHING_COMPARED = 3;
const FACTS_OF_A_RANDOM_TABLE = 12;
/** Random tables compared at once, so that neither engine waits for the other. */
const AT_ONCE = 50;
const OPTIONS = {
  seed: { type: "string", default: "1" },
  facts: { type: "string", default: "2000" },
  tables: { type: "string", default: "2000" },
  migrated: { type: "boolean", default: false },
  part: { type: "string", multiple: true },
} as const;

interface Setup {
  readonly engine: DmnEngine;
  readonly asDeployed: AsDeployed;
  readonly random: Random;
  /** For each table of the project. */
  readonly facts: number;
  /** How many random tables. */
  readonly tables: number;
}

/** Each gives the number of kinds of differences. */
const PARTS: Readonly<Record<string, (setup: Setup) => Promise<number>>> = {
  own: compareOwn,
  random: compareRandom,
  world: compareWorld,
};

/** Gives the exit code. */
export async function conformToEngine(given: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...given], options: OPTIONS });
  const numbers = {
    seed: wholeNumber("seed", values.seed),
    facts: wholeNumber("facts", values.facts),
    tables: wholeNumber("tables", values.tables),
  };
  const parts = (values.part ?? Object.keys(PARTS)).map((name) => PARTS[name] ?? unknownPart(name));
  const absent = missing();
  if (absent !== undefined) {
    print(`nothing was compared: ${absent} cannot be run here`);
    return NOTHING_COMPARED;
  }
  print(`seed ${numbers.seed}, ${values.migrated ? "migrated" : "as version 3"}`);
  // The version that its own editor writes.
  const asDeployed: AsDeployed = (model) => (values.migrated ? model : { ...model, modelVersion: "3" });
  let kinds = 0;
  for (const part of parts) {
    // An engine of its own: another deployment of a table would be another version.
    const engine = await startDmnEngine();
    try {
      kinds += await part({ ...numbers, engine, asDeployed, random: createRandom(numbers.seed) });
    } finally {
      await engine.close();
    }
  }
  print(kinds === 0 ? "everything conforms" : `${kinds} kinds of differences`);
  return kinds === 0 ? 0 : 1;
}

async function compareOwn({ engine, asDeployed, random, facts: count }: Setup): Promise<number> {
  const compare = createCompare(engine, asDeployed);
  let kinds = 0;
  for (const model of await ownModels()) {
    const result = await compare(model, (table) => Array.from({ length: count }, factsOf(table, random)));
    kinds += report(`table ${model.key}`, [result]);
  }
  return kinds;
}

async function compareRandom({ engine, asDeployed, random, tables: count }: Setup): Promise<number> {
  const compare = createCompare(engine, asDeployed);
  const { next, refused } = createRandomTables(random);
  const facts = (table: Table) => Array.from({ length: FACTS_OF_A_RANDOM_TABLE }, factsOf(table, random));
  const results: Comparison[] = [];
  while (results.length < count) {
    // Tables and facts are drawn in the same order in every run: before a comparison first waits.
    const batch = Array.from({ length: Math.min(AT_ONCE, count - results.length) }, async () => compare(next(), facts));
    results.push(...(await Promise.all(batch)));
  }
  const what = `${count} random tables (the reader refused ${refused.cells} cells, ${refused.tables} tables)`;
  return report(what, results);
}

async function compareWorld({ engine, asDeployed }: Setup): Promise<number> {
  const models: DeployedModel[] = [];
  for (const model of await ownModels()) {
    const { status, body } = await engine.deploy(asDeployed(model));
    if (status !== 201) throw new Error(`Cannot deploy ${model.key}: ${body.exception ?? status}`);
    models.push({ model, version: body.version ?? 0 });
  }
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

function unknownPart(name: string): never {
  throw new RangeError(`--part expects one of ${Object.keys(PARTS).join(", ")}, got "${name}"`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
