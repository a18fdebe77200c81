/**
 * By which query is an event read for a client?
 *
 * By what the client selects of the subscription's field, of a field of the query that gives the same type by its id. So who
 * may see what of it, and what that may cost, is as for any query, and the answer has the client's names.
 */
import { Kind, OperationTypeNode } from "graphql";
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from "graphql";
import { fragmentsIn, isIncluded } from "../engine/operation.ts";
import { responseKey } from "../engine/private-names.ts";

export interface EventQuery {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Of the id. */
  readonly variable: string;
  /** The key of the field in the answer. */
  readonly key: string;
}

/** The nodes of the one field at the root; empty where the client has turned it off. */
export function rootFieldNodes(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly FieldNode[] {
  return nodesIn(operation.selectionSet, fragmentsIn(document), variables);
}

function nodesIn(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
): readonly FieldNode[] {
  return selections.flatMap((node) => {
    if (!isIncluded(node, variables)) return [];
    if (node.kind === Kind.FIELD) return [node];
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    return fragment ? nodesIn(fragment.selectionSet, fragments, variables) : [];
  });
}

export type EventQueries = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  /** One at least. */
  nodes: readonly FieldNode[],
  /** Of the query; it takes `id`. */
  field: string,
) => EventQuery;

/** The same query for the same nodes of an operation, so that what is prepared for it, and its answers, can be shared. */
export function createEventQueries(): EventQueries {
  const known = new WeakMap<OperationDefinitionNode, Map<readonly FieldNode[], EventQuery>>();
  return (document, operation, nodes, field) => {
    const variants = known.get(operation) ?? new Map<readonly FieldNode[], EventQuery>();
    known.set(operation, variants);
    for (const [same, query] of variants) {
      if (same.length === nodes.length && same.every((node, index) => node === nodes[index])) return query;
    }
    const made = eventQuery(document, operation, nodes, field);
    variants.set(nodes, made);
    return made;
  };
}

function eventQuery(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  nodes: readonly FieldNode[],
  field: string,
): EventQuery {
  const taken = new Set(operation.variableDefinitions?.map((one) => one.variable.name.value));
  let name = "event";
  while (taken.has(name)) name = `_${name}`;
  const variable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } as const;
  const query: OperationDefinitionNode = {
    ...operation,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: [
      ...(operation.variableDefinitions ?? []),
      { kind: Kind.VARIABLE_DEFINITION, variable, type: ID },
    ],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: nodes.map((node) => ({
        ...node,
        alias: { kind: Kind.NAME, value: responseKey(node) },
        name: { kind: Kind.NAME, value: field },
        arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "id" }, value: variable }],
      })),
    },
  };
  const [first] = nodes;
  if (!first) throw new RangeError("a subscription has one field at least");
  const definitions = document.definitions.map((one) => (one === operation ? query : one));
  return { document: { ...document, definitions }, operation: query, variable: name, key: responseKey(first) };
}

const ID = {
  kind: Kind.NON_NULL_TYPE,
  type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: "ID" } },
} as const;
