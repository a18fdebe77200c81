/**
 * How is a compiled plan carried out?
 *
 * Steps fetch from subgraphs and put the responses into slots. Entities are de-duplicated by what identifies them, so
 * that a subgraph resolves each once in a step. An entity whose requirements failed is not asked for: its fields fail
 * with the same error, and no decision is made from facts that are missing.
 */
import { print, visit } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { EntityBatch, Fetch, SelectedField, Step } from "./compile.ts";
import { ANY_KIND, entitiesAt, isOfType } from "./entities.ts";
import { responseKey } from "./private-names.ts";
import type { Requirements } from "./requirements.ts";
import { rewrite } from "./rewrites.ts";
import { Failure, failNames, failType, isSlots, mergeInto, place } from "./slots.ts";
import type { Result, Slots, SubgraphError } from "./slots.ts";
import { TYPENAME } from "./type-names.ts";

export interface SubgraphResponse {
  readonly data?: unknown;
  readonly errors?: readonly SubgraphError[] | undefined;
  /** For how many seconds it is fresh; undefined where nobody knows. */
  readonly maxAge?: number | undefined;
  /** What the subgraph says beside its data. */
  readonly extensions?: unknown;
}

/** Never rejects for a subgraph that fails: its failure is an error of the response. */
export type CallSubgraph = (fetch: Fetch, variables: Readonly<Record<string, unknown>>) => Promise<SubgraphResponse>;

export interface Run {
  /** Of the supergraph, with what is hidden from clients. */
  readonly schema: GraphQLSchema;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly call: CallSubgraph;
  readonly requirements: Requirements;
  /** Names of those in `schema`. */
  readonly interfaces: ReadonlySet<unknown>;
}

export async function run(step: Step, context: Run): Promise<Result> {
  const slots: Slots = Object.create(null);
  const unplaced: SubgraphError[] = [];
  await runStep(step, slots, { ...context, report: (errors) => void unplaced.push(...errors) });
  return { slots, unplaced };
}

interface Running extends Run {
  /** Takes errors that name no place in a response. */
  report(errors: readonly SubgraphError[]): void;
}

async function runStep(step: Step, root: Slots, context: Running): Promise<void> {
  switch (step.kind) {
    case "sequence":
      for (const one of step.steps) await runStep(one, root, context);
      return;
    case "parallel":
      await Promise.all(step.steps.map((one) => runStep(one, root, context)));
      return;
    case "root": {
      const response = await context.call(step.fetch, pick(step.fetch, context));
      const data = isSlots(response.data) ? response.data : {};
      const unplaced = (response.errors ?? []).filter((error) => !place(data, error.path ?? [], error));
      context.report(unplaced);
      const failure = failureOf(isSlots(response.data), response.errors, unplaced);
      if (failure) failNames(data, namesOf(step.selected), failure);
      rewrite(data, step.rewrites, (slots, type) => isOfType(slots, type, context.schema));
      mergeInto(root, data, context.interfaces);
      return;
    }
    case "entities":
      await fetchEntities(step.fetch, step.batches, root, context);
      return;
  }
}

/** The entities of one batch that one call asks for. */
interface Target {
  readonly slots: Slots;
  readonly index: number;
}

interface Representations {
  readonly items: Slots[];
  /** Of the items, by their kinds and identities. */
  readonly indices: Map<string, Map<string, number>>;
}

/** A call for entities, without the fields whose requirements failed for them. */
interface EntityCall {
  readonly byVariable: Map<string, Representations>;
  readonly targets: Map<EntityBatch, Target[]>;
  readonly failed: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

async function fetchEntities(
  fetch: Fetch,
  batches: readonly EntityBatch[],
  root: Slots,
  context: Running,
): Promise<void> {
  const calls = new Map<string, EntityCall>();
  for (const batch of batches) {
    for (const slots of new Set(batch.paths.flatMap((path) => entitiesAt(root, path, context.schema)))) {
      const { representation, identity, kind, failures } = batch.project(slots);
      const failed = failures.size === 0 ? NONE : failDependents(fetch, batch, slots, failures, context);
      if (!representation || (failed.size > 0 && batch.selected.every(({ name }) => failed.has(name)))) continue;
      const { inputRewrites } = batch;
      rewrite(representation, inputRewrites, (one, type) => isOfType(one, type, context.schema));
      const found = inputRewrites.length === 0 ? { kind, identity } : rewritten(representation);
      addTo(callFor(calls, failed), batch, { slots, representation, ...found });
    }
  }
  await Promise.all([...calls.values()].map((call) => callEntities(fetch, batches, call, context)));
}

/** Fails the fields of an entity whose requirements failed, and gives their names. */
function failDependents(
  fetch: Fetch,
  batch: EntityBatch,
  slots: Slots,
  failures: ReadonlyMap<string, Failure>,
  context: Running,
): ReadonlySet<string> {
  const failed = new Set<string>();
  for (const [required, failure] of failures) {
    const dependent = dependentNames(fetch.subgraph, batch.selected, required, context);
    failNames(slots, dependent, failure);
    if (batch.readsType) failType(slots, failure, context.interfaces);
    for (const name of dependent) failed.add(name);
  }
  return failed;
}

function callFor(calls: Map<string, EntityCall>, failed: ReadonlySet<string>): EntityCall {
  const key = failed.size === 0 ? "" : [...failed].join(" ");
  let call = calls.get(key);
  if (!call) calls.set(key, (call = { byVariable: new Map(), targets: new Map(), failed }));
  return call;
}

function rewritten(representation: Slots): { readonly kind: string; readonly identity: string } {
  return { kind: ANY_KIND, identity: JSON.stringify(representation) };
}

interface FoundEntity {
  readonly slots: Slots;
  readonly representation: Slots;
  readonly kind: string;
  readonly identity: string;
}

/** Equal representations are sent once. */
function addTo(call: EntityCall, batch: EntityBatch, { slots, representation, kind, identity }: FoundEntity): void {
  let known = call.byVariable.get(batch.variable);
  if (!known) call.byVariable.set(batch.variable, (known = { items: [], indices: new Map() }));
  let indices = known.indices.get(kind);
  if (!indices) known.indices.set(kind, (indices = new Map()));
  let index = indices.get(identity);
  if (index === undefined) {
    index = known.items.length;
    known.items.push(representation);
    indices.set(identity, index);
  }
  const target = { slots, index };
  const targets = call.targets.get(batch);
  if (targets) targets.push(target);
  else call.targets.set(batch, [target]);
}

async function callEntities(
  fetch: Fetch,
  batches: readonly EntityBatch[],
  { byVariable, targets, failed }: EntityCall,
  context: Running,
): Promise<void> {
  const variables = new Set(batches.map(({ variable }) => variable));
  const representations = Object.fromEntries([...variables].map((name) => [name, byVariable.get(name)?.items ?? []]));
  const asked = failed.size === 0 ? fetch : without(fetch, failed);
  const response = await context.call(asked, { ...pick(fetch, context), ...representations });
  const data = isSlots(response.data) ? response.data : undefined;
  const unplaced = (response.errors ?? []).filter((error) => !place(data, error.path ?? [], error));
  context.report(unplaced);
  const whole = failureOf(data !== undefined, response.errors, unplaced)
    ?.below()
    .below();
  for (const batch of batches) {
    const entities = data?.[batch.alias];
    const listFailure = entities instanceof Failure ? entities.below().below() : undefined;
    rewrite(entities, batch.outputRewrites, (one, type) => isOfType(one, type, context.schema));
    for (const { slots, index } of targets.get(batch) ?? []) {
      const entity: unknown = Array.isArray(entities) ? entities[index] : undefined;
      if (isSlots(entity)) mergeInto(slots, entity, context.interfaces);
      const failure = entity instanceof Failure ? entity.below() : (listFailure ?? whole);
      if (!failure) continue;
      failNames(slots, namesOf(batch.selected), failure);
      if (batch.readsType) failType(slots, failure, context.interfaces);
    }
  }
}

/** Of a response that has no data, or errors that name no place in it. */
function failureOf(
  hasData: boolean,
  errors: readonly SubgraphError[] | undefined,
  unplaced: readonly SubgraphError[],
): Failure | undefined {
  const causes = hasData ? unplaced : errors && errors.length > 0 ? errors : [NO_DATA];
  if (causes.length === 0) return undefined;
  return new Failure(causes.map((error) => ({ error, path: hasData ? [] : (error.path ?? []) })));
}

const NO_DATA: SubgraphError = { message: "Cannot read the response of a subgraph: it has no data" };

function namesOf(selected: readonly SelectedField[]): readonly string[] {
  return selected.map(({ name }) => name);
}

/** The fields that depend on a required field: all of them if it is part of the entity's key. */
function dependentNames(
  subgraph: string,
  selected: readonly SelectedField[],
  required: string,
  { requirements }: Run,
): readonly string[] {
  const dependent = selected.filter(({ type, field }) => requirements.of(subgraph, type, field).has(required));
  return namesOf(dependent.length > 0 ? dependent : selected);
}

/** The same fetch without the fields of some response keys. */
function without(fetch: Fetch, names: ReadonlySet<string>): Fetch {
  const document = visit(fetch.document, {
    Field: (node) => (names.has(responseKey(node)) ? null : undefined),
    SelectionSet: { leave: (node) => (node.selections.length > 0 ? undefined : { ...node, selections: [TYPENAME] }) },
  });
  return { ...fetch, document, query: print(document) };
}

function pick({ variables }: Fetch, { variables: values }: Run): Record<string, unknown> {
  const picked: Record<string, unknown> = Object.create(null);
  for (const name of variables) if (Object.hasOwn(values, name)) picked[name] = values[name];
  return picked;
}
