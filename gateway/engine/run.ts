/**
 * How is a compiled plan carried out?
 *
 * Steps fetch from subgraphs and put the responses into slots. Entities are de-duplicated by what identifies them, so
 * that a subgraph resolves each once in a step. An entity whose requirements failed is not asked for: its fields fail
 * with the same error, and no decision is made from facts that are missing.
 */
import { Kind, visit } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import type { EntityBatch, Fetch, SelectedField, Step } from "./compile.ts";
import { entitiesAt, isOfType, project } from "./entities.ts";
import type { Requirements } from "./requirements.ts";
import { rewrite } from "./rewrites.ts";
import { Failure, failNames, isSlots, mergeInto, place } from "./slots.ts";
import type { Result, Slots, SubgraphError } from "./slots.ts";

export interface SubgraphResponse {
  readonly data?: unknown;
  readonly errors?: readonly SubgraphError[] | undefined;
}

/** Never rejects for a subgraph that fails: its failure is an error of the response. */
export type CallSubgraph = (fetch: Fetch, variables: Readonly<Record<string, unknown>>) => Promise<SubgraphResponse>;

export interface Run {
  /** Of the supergraph, with what is hidden from clients. */
  readonly schema: GraphQLSchema;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly call: CallSubgraph;
  readonly requirements: Requirements;
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
      mergeInto(root, data);
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

/** A call for entities, without the fields whose requirements failed for them. */
interface EntityCall {
  readonly byVariable: Map<string, { readonly items: Slots[]; readonly indices: Map<string, number> }>;
  readonly targets: Map<EntityBatch, Target[]>;
  readonly failed: ReadonlySet<string>;
}

async function fetchEntities(
  fetch: Fetch,
  batches: readonly EntityBatch[],
  root: Slots,
  context: Running,
): Promise<void> {
  const calls = new Map<string, EntityCall>();
  for (const batch of batches) {
    for (const slots of new Set(batch.paths.flatMap((path) => entitiesAt(root, path, context.schema)))) {
      const { representation, failures } = project(batch.requires, slots, context.schema);
      const failed = new Set<string>();
      for (const [required, failure] of failures) {
        const dependent = dependentNames(fetch.subgraph, batch.selected, required, context);
        failNames(slots, dependent, failure);
        for (const name of dependent) failed.add(name);
      }
      if (!representation || batch.selected.every(({ name }) => failed.has(name))) continue;
      rewrite(representation, batch.inputRewrites, (one, type) => isOfType(one, type, context.schema));
      addTo(calls, batch, { slots, representation, failed });
    }
  }
  await Promise.all([...calls.values()].map((call) => callEntities(fetch, batches, call, context)));
}

function addTo(
  calls: Map<string, EntityCall>,
  batch: EntityBatch,
  {
    slots,
    representation,
    failed,
  }: { readonly slots: Slots; readonly representation: Slots; readonly failed: ReadonlySet<string> },
): void {
  const key = [...failed].join(" ");
  const call: EntityCall = calls.get(key) ?? { byVariable: new Map(), targets: new Map(), failed };
  calls.set(key, call);
  const known = call.byVariable.get(batch.variable) ?? { items: [], indices: new Map<string, number>() };
  call.byVariable.set(batch.variable, known);
  const identity = JSON.stringify(representation);
  let index = known.indices.get(identity);
  if (index === undefined) {
    index = known.items.length;
    known.indices.set(identity, index);
    known.items.push(representation);
  }
  const targets = call.targets.get(batch) ?? [];
  call.targets.set(batch, targets);
  targets.push({ slots, index });
}

async function callEntities(
  fetch: Fetch,
  batches: readonly EntityBatch[],
  { byVariable, targets, failed }: EntityCall,
  context: Running,
): Promise<void> {
  const variables = new Set(batches.map(({ variable }) => variable));
  const representations = Object.fromEntries([...variables].map((name) => [name, byVariable.get(name)?.items ?? []]));
  const asked = failed.size === 0 ? fetch : { ...fetch, document: without(fetch.document, failed) };
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
      if (isSlots(entity)) mergeInto(slots, entity);
      const failure = entity instanceof Failure ? entity.below() : (listFailure ?? whole);
      if (failure) failNames(slots, namesOf(batch.selected), failure);
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

/** The same document without the fields of some response keys. */
function without(document: DocumentNode, names: ReadonlySet<string>): DocumentNode {
  return visit(document, {
    Field: (node) => (names.has((node.alias ?? node.name).value) ? null : undefined),
    SelectionSet: { leave: (node) => (node.selections.length > 0 ? undefined : { ...node, selections: [TYPENAME] }) },
  });
}

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } } as const;

function pick({ variables }: Fetch, { variables: values }: Run): Record<string, unknown> {
  const picked: Record<string, unknown> = Object.create(null);
  for (const name of variables) if (Object.hasOwn(values, name)) picked[name] = values[name];
  return picked;
}
