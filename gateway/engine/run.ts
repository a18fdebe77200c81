/**
 * How is a compiled plan carried out?
 *
 * Steps fetch from subgraphs and put the responses into slots. Entities are de-duplicated by what identifies them, so
 * that a subgraph resolves each once in a step. An entity whose requirements failed is not asked for: its fields fail
 * with the same error, and no decision is made from facts that are missing.
 */
import type { FlattenNodePathSegment, RequiresSelection } from "@graphql-hive/router-query-planner";
import { isAbstractType } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { EntityBatch, Fetch, Step } from "./compile.ts";
import { rewrite } from "./rewrites.ts";
import { Failure, failNames, isSlots, mergeInto, place } from "./slots.ts";
import type { Slots, SubgraphError } from "./slots.ts";

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
}

export async function run(step: Step, context: Run): Promise<Slots> {
  const root: Slots = Object.create(null);
  await runStep(step, root, context);
  return root;
}

async function runStep(step: Step, root: Slots, context: Run): Promise<void> {
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
      const [error] = isSlots(response.data) ? unplaced : [...(response.errors ?? []), NO_DATA];
      if (error) failNames(data, step.names, new Failure(error, isSlots(response.data) ? [] : error.path));
      rewrite(data, step.rewrites, (slots, type) => isOfType(slots, type, context.schema));
      mergeInto(root, data);
      return;
    }
    case "entities":
      await fetchEntities(step.fetch, step.batches, root, context);
      return;
  }
}

interface Target {
  readonly slots: Slots;
  readonly index: number;
}

async function fetchEntities(fetch: Fetch, batches: readonly EntityBatch[], root: Slots, context: Run): Promise<void> {
  const byVariable = new Map<string, { readonly items: Slots[]; readonly indices: Map<string, number> }>();
  const targets = batches.map((batch) => {
    const found: Target[] = [];
    const known = byVariable.get(batch.variable) ?? { items: [], indices: new Map<string, number>() };
    byVariable.set(batch.variable, known);
    for (const slots of new Set(batch.paths.flatMap((path) => entitiesAt(root, path, context.schema)))) {
      const representation = project(batch.requires, slots, context.schema);
      if (representation instanceof Failure) {
        failNames(slots, batch.names, representation);
        continue;
      }
      if (!representation) continue;
      rewrite(representation, batch.inputRewrites, (one, type) => isOfType(one, type, context.schema));
      const key = JSON.stringify(representation);
      let index = known.indices.get(key);
      if (index === undefined) {
        index = known.items.length;
        known.indices.set(key, index);
        known.items.push(representation);
      }
      found.push({ slots, index });
    }
    return found;
  });
  if (targets.every((found) => found.length === 0)) return;

  const representations = Object.fromEntries([...byVariable].map(([variable, { items }]) => [variable, items]));
  const response = await context.call(fetch, { ...pick(fetch, context), ...representations });
  const data = isSlots(response.data) ? response.data : undefined;
  const unplaced = (response.errors ?? []).filter((error) => !place(data, error.path ?? [], error));
  for (const [position, batch] of batches.entries()) {
    const entities = data?.[batch.alias];
    const failed = entities instanceof Failure ? entities.below().below() : undefined;
    const whole = failed ?? toFailure(data ? unplaced[0] : (response.errors?.[0] ?? NO_DATA));
    rewrite(entities, withoutEntities(batch.outputRewrites), (one, type) => isOfType(one, type, context.schema));
    for (const { slots, index } of targets[position] ?? []) {
      const entity: unknown = Array.isArray(entities) ? entities[index] : undefined;
      if (isSlots(entity)) mergeInto(slots, entity);
      const failure = entity instanceof Failure ? entity.below() : whole;
      if (failure) failNames(slots, batch.names, failure);
    }
  }
}

const NO_DATA: SubgraphError = { message: "the response has no data" };

function toFailure(error: SubgraphError | undefined): Failure | undefined {
  return error && new Failure(error);
}

/** The planner's paths start at the root of the response; here they are applied to the entities. */
function withoutEntities(rewrites: EntityBatch["outputRewrites"]): EntityBatch["outputRewrites"] {
  return rewrites;
}

function pick({ variables }: Fetch, { variables: values }: Run): Record<string, unknown> {
  const picked: Record<string, unknown> = Object.create(null);
  for (const name of variables) if (Object.hasOwn(values, name)) picked[name] = values[name];
  return picked;
}

function entitiesAt(at: unknown, path: readonly FlattenNodePathSegment[], schema: GraphQLSchema): readonly Slots[] {
  const found: Slots[] = [];
  walk(at, 0);
  return found;

  function walk(value: unknown, depth: number): void {
    if (Array.isArray(value)) {
      const isList = path[depth] === "@";
      for (const item of value) walk(item, isList ? depth + 1 : depth);
      return;
    }
    if (!isSlots(value)) return;
    const segment = path[depth];
    if (segment === undefined) found.push(value);
    else if (segment === "@") walk(value, depth + 1);
    else if ("Field" in segment) {
      if (Object.hasOwn(value, segment.Field)) walk(value[segment.Field], depth + 1);
    } else if (segment.TypeCondition.some((type) => isOfType(value, type, schema))) walk(value, depth + 1);
  }
}

/** undefined for an entity that has none of what identifies it; the first failure where one of them failed. */
function project(
  requires: readonly RequiresSelection[],
  slots: Slots,
  schema: GraphQLSchema,
): Slots | Failure | undefined {
  const representation: Slots = Object.create(null);
  const failure = projectInto(representation, requires, slots, schema);
  if (failure) return failure;
  const names = Object.keys(representation).filter((name) => name !== "__typename");
  if (names.length === 0) return undefined;
  if (!Object.hasOwn(representation, "__typename")) representation["__typename"] = slots["__typename"];
  return representation;
}

function projectInto(
  projected: Slots,
  requires: readonly RequiresSelection[],
  slots: Slots,
  schema: GraphQLSchema,
): Failure | undefined {
  for (const required of requires) {
    if (required.kind === "FragmentSpread") throw new Error("Cannot read a plan: requirements spread a fragment");
    if (required.kind === "InlineFragment") {
      if (!isOfType(slots, required.typeCondition, schema)) continue;
      const failure = projectInto(projected, required.selections, slots, schema);
      if (failure) return failure;
      continue;
    }
    const key = required.alias ?? required.name;
    const source = Object.hasOwn(slots, required.name) ? required.name : key;
    if (!Object.hasOwn(slots, source)) continue;
    const value = projectValue(slots[source], required.selections, schema);
    if (value instanceof Failure) return value;
    projected[key] = value;
  }
  return undefined;
}

function projectValue(
  value: unknown,
  selections: readonly RequiresSelection[] | undefined,
  schema: GraphQLSchema,
): unknown {
  if (value instanceof Failure) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const projected = projectValue(item, selections, schema);
      if (projected instanceof Failure) return projected;
      items.push(projected);
    }
    return items;
  }
  if (!selections || selections.length === 0 || !isSlots(value)) return value;
  const projected: Slots = {};
  return projectInto(projected, selections, value, schema) ?? projected;
}

/** Slots without a type are taken for what the planner says that they are. */
function isOfType(slots: Slots, condition: string, schema: GraphQLSchema): boolean {
  const name = slots["__typename"];
  if (typeof name !== "string" || name === condition) return true;
  const [type, abstract] = [schema.getType(name), schema.getType(condition)];
  if (!type || !abstract || !isAbstractType(abstract)) return false;
  if (isAbstractType(type))
    return "getInterfaces" in type && type.getInterfaces().some((one) => one.name === condition);
  return "getFields" in type && "isTypeOf" in type && schema.isSubType(abstract, type);
}
