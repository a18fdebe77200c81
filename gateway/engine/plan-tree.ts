/**
 * How is a plan shown?
 *
 * As a tree of steps. Fields have the client's names where it has selected them, and variables stand for all values: what is shown
 * is of the operation, and never of its data.
 */
import { Kind, parse, print, visit } from "graphql";
import type { FieldNode } from "graphql";
import type { FlattenNodePathSegment, RequiresSelection } from "@graphql-hive/router-query-planner";
import type { Fetch, Step } from "./compile.ts";
import { DEFERRED_SUBGRAPH } from "./deferral.ts";
import { responseKey } from "./private-names.ts";
import type { PrivateNames } from "./private-names.ts";

export type PlanNode = Steps | Flatten | PlannedFetch | Defer;

/** One after the other, or all at once. */
export interface Steps {
  readonly kind: "Sequence" | "Parallel";
  readonly nodes: readonly PlanNode[];
}

/** A fetch for the entities at some paths: `campaigns.nodes.@`, where `@` is each item of a list. */
export interface Flatten {
  readonly kind: "Flatten";
  readonly paths: readonly string[];
  readonly node: PlannedFetch;
}

export interface PlannedFetch {
  readonly kind: "Fetch";
  /** By which calls name it. */
  readonly id: number;
  readonly subgraph: string;
  readonly operation: string;
  /** What is sent of each entity, as a selection; absent at the root. */
  readonly requires?: string;
}

/** What is answered first, and what follows it. */
export interface Defer {
  readonly kind: "Defer";
  readonly primary: PlanNode;
  readonly deferred: readonly DeferredPlan[];
}

export interface DeferredPlan {
  readonly label: string | null;
  /** That the fragment is on. */
  readonly type: string;
  readonly node: PlanNode;
}

/** Gives the id of a fetch for entities at some paths, which it gets by some variables: both empty at the root. */
export type NameFetch = (fetch: Fetch, paths: readonly string[], variables: ReadonlySet<string>) => number;

/** undefined for what needs no call. */
export function planTree(step: Step, names: PrivateNames, nameFetch: NameFetch): PlanNode | undefined {
  if (step.kind === "root") {
    if (step.fetch.subgraph === DEFERRED_SUBGRAPH) return undefined;
    return fetchOf(step.fetch, nameFetch(step.fetch, [], new Set()), names);
  }
  if (step.kind === "entities") {
    const { fetch, batches } = step;
    const places = batches.flatMap((batch) => batch.paths.map((path) => pathText(path, names)));
    const paths = [...new Set(places)].toSorted();
    const id = nameFetch(fetch, paths, new Set(batches.map(({ variable }) => variable)));
    const requires = selectionText(batches.flatMap((batch) => batch.requires));
    return { kind: "Flatten", paths, node: { ...fetchOf(fetch, id, names), requires } };
  }
  const nodes = step.steps.flatMap((one) => planTree(one, names, nameFetch) ?? []);
  if (nodes.length <= 1) return nodes[0];
  return { kind: step.kind === "sequence" ? "Sequence" : "Parallel", nodes };
}

function fetchOf({ subgraph, document }: Fetch, id: number, names: PrivateNames): PlannedFetch {
  const operation = print(visit(document, { Field: (node) => withClientName(node, names) }));
  return { kind: "Fetch", id, subgraph, operation };
}

function withClientName(node: FieldNode, names: PrivateNames): FieldNode | undefined {
  const key = names.responseKeyOf(responseKey(node));
  if (key === undefined) return undefined;
  const { alias: _private, ...field } = node;
  return key === node.name.value ? field : { ...field, alias: { kind: Kind.NAME, value: key } };
}

/** Of a deferred fragment: from its objects on. */
function pathText(path: readonly FlattenNodePathSegment[], names: PrivateNames): string {
  const [first] = path;
  const isDeferred = typeof first === "object" && "Field" in first && first.Field === names.entities;
  const own = isDeferred ? path.slice(1) : path;
  return own
    .map((segment) => {
      if (segment === "@") return segment;
      if ("TypeCondition" in segment) return `[${segment.TypeCondition.join("|")}]`;
      return names.responseKeyOf(segment.Field) ?? segment.Field;
    })
    .join(".");
}

function selectionText(requires: readonly RequiresSelection[]): string {
  return print(parse(textOf(requires), { noLocation: true }));
}

function textOf(requires: readonly RequiresSelection[]): string {
  const texts = requires.map((one) => {
    if (one.kind === "FragmentSpread") throw new Error("Cannot show a plan: requirements spread a fragment");
    if (one.kind === "InlineFragment") return `... on ${one.typeCondition} ${textOf(one.selections)}`;
    const name = one.alias === undefined ? one.name : `${one.alias}: ${one.name}`;
    return one.selections && one.selections.length > 0 ? `${name} ${textOf(one.selections)}` : name;
  });
  return `{ ${texts.join(" ")} }`;
}
