/**
 * Does an engine answer random operations over a federation as one schema does?
 *
 * The native one over federations with hostile names, healthy and with one fault. The one in JavaScript over federations
 * with plain names, healthy: see EXCLUSIONS. Decibel's own federation is checked in the same ways, with generated values.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { javaScriptEngine } from "../../../../gateway/engine/engine.ts";
import type { Engine } from "../../../../gateway/engine/engine.ts";
import { createNativeEngine } from "../../../../gateway/engine/native.ts";
import { asAnswer, atNulls, differenceOf } from "../compare.ts";
import type { Answer } from "../compare.ts";
import { SUPERGRAPH, readRover } from "../../../../schema/rover.ts";
import { projectRoot } from "../../../../subgraphs/platform/environment.ts";
import { createRandom } from "../../../support/random.ts";
import { randomOperation } from "../random.ts";
import type { RandomOperation, Values, Variables } from "../random.ts";
import { createGenerated, createModelled } from "./federation.ts";
import type { Fault, GeneratedFederation } from "./federation.ts";
import { namedType } from "./model.ts";
import type { Model } from "./model.ts";
import { readModel } from "./read.ts";
import { drawnCaller } from "./scopes.ts";

const ENGINES: Readonly<Record<Engine["name"], Engine>> = {
  rust: { name: "rust", create: createNativeEngine },
  javascript: javaScriptEngine(),
};

/** Federations that the libraries of the engine in JavaScript, graphql-tools, are known to answer wrongly. */
const EXCLUSIONS: Readonly<Record<string, (model: Model) => boolean>> = {
  // Objects keep the interface as their type, and fields of implementing types are lost.
  "@interfaceObject": ({ interfaces }) => interfaces.some(({ object }) => object),
  // Parts of the objects are lost, one subgraph's or another's.
  "a list of objects that several subgraphs give": ({ objects, interfaces, unions }) => {
    const composite = new Set([...objects, ...interfaces, ...unions].map(({ name }) => name));
    return objects.some(({ fields }) =>
      fields.some(({ type, owners }) => owners.length > 1 && type.startsWith("[") && composite.has(namedType(type))),
    );
  },
};

export interface Tally {
  readonly seed: number;
  /** Texts that say what differs. */
  readonly differences: string[];
  readonly counts: Map<string, number>;
}

export async function check(engine: Engine["name"], seed: number, operations: number): Promise<Tally> {
  const tally: Tally = { seed, differences: [], counts: new Map() };
  const count = (what: string): void => void tally.counts.set(what, (tally.counts.get(what) ?? 0) + 1);
  const naming = engine === "rust" ? "hostile" : "plain";
  const federation = await createGenerated(seed, naming, [ENGINES[engine]]).catch((error: unknown) => {
    if (!isRefusedByComposer(error)) throw error;
    count("federations that do not compose");
  });
  if (!federation) return tally;
  const excluded = engine === "javascript" && Object.entries(EXCLUSIONS).find(([, has]) => has(federation.model));
  if (excluded) {
    count(`federations excluded: ${excluded[0]}`);
    return tally;
  }
  count("federations");
  await checkOperations(federation, engine, { ...tally, count, operations, title: `federation ${seed}` });
  return tally;
}

/** Decibel's own federation. */
export async function checkOwn(engine: Engine["name"], seed: number, operations: number): Promise<Tally> {
  const tally: Tally = { seed, differences: [], counts: new Map() };
  const count = (what: string): void => void tally.counts.set(what, (tally.counts.get(what) ?? 0) + 1);
  const read = (file: string): Promise<string> => readFile(join(projectRoot(), file), "utf8");
  const { subgraphs } = readRover(join(projectRoot(), "rover.yaml"));
  const files = await Promise.all(subgraphs.map(async ({ name, file }) => [name, await read(file)] as const));
  const schemas = new Map(files);
  const own = { model: readModel(seed, schemas), supergraph: await read(SUPERGRAPH), schemas };
  const federation = await createModelled(own, [ENGINES[engine]]);
  await checkOperations(federation, engine, { ...tally, count, operations, title: `seed ${seed}`, values: OWN_VALUES });
  return tally;
}

const OWN_VALUES: Values = {
  DateTime: ["2026-01-01T00:00:00Z", "2026-01-01T12:30:00.5+02:00"],
  CountryCode: ["DE", "US"],
  CurrencyCode: ["EUR"],
  JSON: [{ s0: [1, null], constructor: "x" }],
};

interface Operations extends Tally {
  readonly count: (what: string) => void;
  readonly operations: number;
  readonly title: string;
  readonly values?: Values;
}

async function checkOperations(
  federation: GeneratedFederation,
  engine: Engine["name"],
  { operations, values = {}, ...tally }: Operations,
): Promise<void> {
  const { count } = tally;
  for (let index = 0; index < operations && tally.differences.length < ENOUGH; index += 1) {
    const { next: random } = createRandom(tally.seed * 100_003 + index);
    const operation = randomOperation(federation.publicSchema, random, values);
    for (const [variant, variables] of operation.variants.slice(0, 2).entries()) {
      const title = `${tally.title} operation ${index}`;
      const healthy = await checkHealthy(federation, engine, operation, variables, { ...tally, count, title });
      await checkForbidden(federation, engine, operation, variables, drawnCaller(random), { ...tally, count, title }); // prettier-ignore
      if (!healthy || engine === "javascript" || variant > 0) continue;
      await checkFault(federation, healthy, operation, variables, randomFault(federation, operation, random), { ...tally, count, title }); // prettier-ignore
    }
  }
}

/** Differences after which no more are looked for. */
const ENOUGH = 20;

/** Its errors, and those that its own defects with hostile names throw. */
function isRefusedByComposer(error: unknown): boolean {
  return /^Error: Cannot compose|unreachables is not iterable|errorsBySourceGraph\[/.test(String(error));
}

interface Report extends Tally {
  readonly title: string;
  readonly count: (what: string) => void;
}

type Healthy = Awaited<ReturnType<GeneratedFederation["gateway"]>>;

/** undefined where the engine has no answer that faults could change. */
async function checkHealthy(
  federation: GeneratedFederation,
  engine: Engine["name"],
  { source, document }: RandomOperation,
  variables: Variables,
  { title, differences, count }: Report,
): Promise<Healthy | undefined> {
  const actual: Answer | Healthy = await federation.gateway(engine, document, variables).catch(asAnswer);
  if (isRefusedByPlanner(actual)) {
    count("answers that the planner refuses to plan");
    return undefined;
  }
  if (engine === "javascript" && isWithoutKey(actual)) {
    count("answers excluded: an entity asked for without its key");
    return undefined;
  }
  const expected = await federation.oracle(document, variables);
  const difference = expected && differenceOf(actual, expected);
  count("answers of a healthy federation");
  if (difference) differences.push([title, source, JSON.stringify(variables), difference].join("\n"));
  return difference || !("resolved" in actual) ? undefined : actual;
}

/** graphql-tools asks for an entity without its key, where a field of it is reached through another subgraph. */
function isWithoutKey({ errors }: Answer): boolean {
  return errors.some((error) => error.includes("4 entities are {"));
}

/** To a caller who lacks scopes. */
async function checkForbidden(
  federation: GeneratedFederation,
  engine: Engine["name"],
  { source, document }: RandomOperation,
  variables: Variables,
  scopes: ReadonlySet<string>,
  { title, differences, count }: Report,
): Promise<void> {
  const actual: Answer = await federation.gateway(engine, document, variables, undefined, scopes).catch(asAnswer);
  if (isRefusedByPlanner(actual) || (engine === "javascript" && isWithoutKey(actual))) return;
  const expected = await federation.oracle(document, variables, undefined, undefined, scopes);
  const difference = expected && differenceOf(actual, expected);
  count("answers to a caller who may lack scopes");
  if (expected && expected.paths.length > 0) count("answers with a field that the caller may not have");
  if (expected && expected.paths.length > 0 && expected.data !== null) count("answers with the rest of the fields");
  if (difference)
    differences.push(
      [`${title} by ${[...scopes].join(" ")}`, source, JSON.stringify(variables), difference].join("\n"),
    );
}

/** The planner in Rust cannot plan some valid operations, or not in time, or panics. */
function isRefusedByPlanner({ data }: Answer): boolean {
  return typeof data === "string" && /^Error: Failed to plan query|takes longer to plan|the planner fails/.test(data);
}

async function checkFault(
  federation: GeneratedFederation,
  healthy: Healthy,
  { source, document }: RandomOperation,
  variables: Variables,
  fault: Fault,
  { title, differences, count }: Report,
): Promise<void> {
  const actual: Answer | Healthy = await federation.gateway("rust", document, variables, fault).catch(asAnswer);
  const resolved = "resolved" in actual ? { healthy: healthy.resolved, now: actual.resolved } : undefined;
  const expected = await federation.oracle(document, variables, fault, resolved);
  if (!expected) return count("answers with a fault, to which the one schema has no answer");
  count(`answers with a fault of kind ${fault.kind}`);
  if (expected.paths.length > healthy.paths.length) count("answers with an error of the fault");
  if (!differenceOf(actual, expected)) return undefined;
  // A subgraph loses all that it was asked of an object whose field may not be null. And a lost call is an error of the
  // response too where no field that the client sees has shown it.
  const placed = actual.paths.filter((path) => path !== "<none>" || expected.paths.length === 0);
  const difference = differenceOf(atNulls({ ...actual, paths: placed }), atNulls(expected));
  if (!difference) return count("answers with another error of the same null");
  differences.push([`${title} ${JSON.stringify(fault)}`, source, JSON.stringify(variables), difference].join("\n"));
  return undefined;
}

/** Of a field, it is mostly one that the operation names. */
function randomFault(
  { model, coordinates }: GeneratedFederation,
  { source }: RandomOperation,
  random: () => number,
): Fault {
  const words = new Set(source.match(/\w+/g));
  const touched = (all: readonly string[]): readonly string[] => {
    const named = all.filter((one) => words.has(one.split(".")[1] ?? ""));
    return named.length > 0 ? named : all;
  };
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const kind = pick(["field", "null", "wrong", "subgraph", "missing"] as const);
  const subgraph = pick(model.subgraphs);
  switch (kind) {
    case "field":
    case "null":
      return { kind, coordinate: pick(touched(coordinates.field)) };
    case "wrong":
      return { kind, coordinate: pick(touched(coordinates.wrong.length > 0 ? coordinates.wrong : coordinates.field)) };
    case "subgraph":
      return { kind, subgraph, form: Math.floor(random() * 4) };
    case "missing":
    default:
      return { kind, subgraph };
  }
}
