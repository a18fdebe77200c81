/**
 * Which entities does a step of a plan fetch, and by which representations?
 *
 * Entities are the objects at the step's paths. A representation has the key of an entity and the fields that its subgraph
 * requires; a required field that failed is reported instead, so that only what depends on it fails.
 */
import type { FlattenNodePathSegment, RequiresSelection } from "@graphql-hive/router-query-planner";
import { isAbstractType, isObjectType } from "graphql";
import type { GraphQLSchema } from "graphql";
import { Failure, isSlots } from "./slots.ts";
import type { Slots } from "./slots.ts";

/** The objects at a path of the plan; lists are walked item by item. */
export function entitiesAt(
  at: unknown,
  path: readonly FlattenNodePathSegment[],
  schema: GraphQLSchema,
): readonly Slots[] {
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

export interface Projection {
  /** undefined for an entity that has none of what identifies it. */
  readonly representation: Slots | undefined;
  /** Equal for equal representations of one kind. */
  readonly identity: string;
  /** Two kinds of representations are never equal. */
  readonly kind: string;
  /** Of required fields, by their names. */
  readonly failures: ReadonlyMap<string, Failure>;
}

export type Project = (slots: Slots) => Projection;

/** What a subgraph needs of an entity to find it and to resolve fields. */
export function createProject(requires: readonly RequiresSelection[], schema: GraphQLSchema): Project {
  const key = simpleKeyOf(requires);
  const any: Project = (slots) => {
    const { representation, failures } = project(requires, slots, schema);
    return { representation, failures, kind: ANY_KIND, identity: JSON.stringify(representation) };
  };
  return key ? (slots) => projectKey(key, slots) ?? any(slots) : any;
}

/** Of representations whose identity is all of them, as JSON. */
export const ANY_KIND = "";

/** Most entities are found by their type and one field. */
interface SimpleKey {
  readonly type: string;
  readonly name: string;
  readonly kind: string;
}

function simpleKeyOf(requires: readonly RequiresSelection[]): SimpleKey | undefined {
  const [fragment, ...others] = requires;
  if (others.length > 0 || fragment?.kind !== "InlineFragment") return undefined;
  const names = fragment.selections.map((one) =>
    one.kind === "Field" && one.alias === undefined && (one.selections ?? []).length === 0 ? one.name : undefined,
  );
  const [name, ...more] = names.filter((one) => one !== "__typename");
  if (name === undefined || name === "__proto__" || more.length > 0 || !names.includes("__typename")) return undefined;
  const type = fragment.typeCondition;
  return { type, name, kind: `${type} ${name}` };
}

const NO_FAILURES: ReadonlyMap<string, Failure> = new Map();

/** undefined for an entity that is not as most are. */
function projectKey({ type, name, kind }: SimpleKey, slots: Slots): Projection | undefined {
  const id = Object.hasOwn(slots, name) ? slots[name] : undefined;
  if (slots["__typename"] !== type || typeof id !== "string") return undefined;
  const representation = name === "id" ? { __typename: type, id } : { __typename: type, [name]: id };
  return { representation, identity: id, kind, failures: NO_FAILURES };
}

function project(
  requires: readonly RequiresSelection[],
  slots: Slots,
  schema: GraphQLSchema,
): Pick<Projection, "representation" | "failures"> {
  const projected: Slots = Object.create(null);
  const failures = new Map<string, Failure>();
  projectInto(projected, requires, slots, schema, (name, failure) => void failures.set(name, failure));
  const isIdentified = Object.keys(projected).some((name) => name !== "__typename");
  if (isIdentified && !Object.hasOwn(projected, "__typename")) projected["__typename"] = slots["__typename"];
  return { representation: isIdentified ? projected : undefined, failures };
}

function projectInto(
  projected: Slots,
  requires: readonly RequiresSelection[],
  slots: Slots,
  schema: GraphQLSchema,
  fail: (name: string, failure: Failure) => void,
): void {
  for (const required of requires) {
    if (required.kind === "FragmentSpread") throw new Error("Cannot read a plan: requirements spread a fragment");
    if (required.kind === "InlineFragment") {
      if (isOfType(slots, required.typeCondition, schema))
        projectInto(projected, required.selections, slots, schema, fail);
      continue;
    }
    const key = required.alias ?? required.name;
    const source = Object.hasOwn(slots, required.name) ? required.name : key;
    if (!Object.hasOwn(slots, source)) continue;
    const value = projectValue(slots[source], required.selections, schema);
    if (value instanceof Failure) fail(required.name, value);
    else projected[key] = value;
  }
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
      if (projected instanceof Failure) return projected.here();
      items.push(projected);
    }
    return items;
  }
  if (!selections || selections.length === 0 || !isSlots(value)) return value;
  const projected: Slots = {};
  let failed: Failure | undefined;
  projectInto(projected, selections, value, schema, (_, failure) => void (failed ??= failure));
  return failed?.here() ?? projected;
}

/** Slots without a type are taken for what the planner says that they are. */
export function isOfType(slots: Slots, condition: string, schema: GraphQLSchema): boolean {
  const name = slots["__typename"];
  if (typeof name !== "string" || name === condition) return true;
  const [type, abstract] = [schema.getType(name), schema.getType(condition)];
  if (!type || !abstract || !isAbstractType(abstract)) return false;
  if (isAbstractType(type))
    return "getInterfaces" in type && type.getInterfaces().some((one) => one.name === condition);
  return isObjectType(type) && schema.isSubType(abstract, type);
}
