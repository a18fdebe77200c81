/**
 * Which steps does a plan have, ready to run?
 *
 * Steps know the document of their fetch, parsed once, and the names that it selects: a fetch that fails as a whole
 * fails each of them.
 */
import { Kind, OperationTypeNode, parse } from "graphql";
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from "graphql";
import type {
  FetchNode,
  FetchRewrite,
  FlattenNodePathSegment,
  PlanNode,
  QueryPlan,
  RequiresSelection,
} from "@graphql-hive/router-query-planner";

export type CompiledPlan = Step | undefined;
export type Step =
  | { readonly kind: "sequence"; readonly steps: readonly Step[] }
  | { readonly kind: "parallel"; readonly steps: readonly Step[] }
  | {
      readonly kind: "root";
      readonly fetch: Fetch;
      readonly names: readonly string[];
      readonly rewrites: readonly FetchRewrite[];
    }
  | { readonly kind: "entities"; readonly fetch: Fetch; readonly batches: readonly EntityBatch[] };

export interface Fetch {
  readonly subgraph: string;
  readonly document: DocumentNode;
  readonly operationType: OperationTypeNode;
  readonly variables: readonly string[];
}

export interface EntityBatch {
  /** The response key of its `_entities`. */
  readonly alias: string;
  readonly variable: string;
  readonly paths: readonly (readonly FlattenNodePathSegment[])[];
  readonly requires: readonly RequiresSelection[];
  readonly inputRewrites: readonly FetchRewrite[];
  readonly outputRewrites: readonly FetchRewrite[];
  /** What is selected of each entity. */
  readonly names: readonly string[];
}

export function compile({ node }: QueryPlan): CompiledPlan {
  return node && compileNode(node, []);
}

function compileNode(node: PlanNode, path: readonly FlattenNodePathSegment[]): Step {
  switch (node.kind) {
    case "Sequence":
      return { kind: "sequence", steps: node.nodes.map((one) => compileNode(one, path)) };
    case "Parallel":
      return { kind: "parallel", steps: node.nodes.map((one) => compileNode(one, path)) };
    case "Flatten":
      return compileNode(node.node, [...path, ...node.path]);
    case "Fetch":
      return compileFetch(node, path);
    case "BatchFetch": {
      const fetch = toFetch(node);
      const selected = selectionsOf(fetch.document);
      const batches = node.entityBatch.aliases.map((batch) => ({
        alias: batch.alias,
        variable: batch.representationsVariableName,
        paths: batch.paths.map((one) => [...path, ...one]),
        requires: batch.requires,
        inputRewrites: batch.inputRewrites ?? [],
        outputRewrites: batch.outputRewrites ?? [],
        names: selected(batch.alias),
      }));
      return { kind: "entities", fetch, batches };
    }
    default:
      // Conditions are evaluated before planning; neither subscriptions nor deferred parts are planned.
      throw new Error(`Cannot compile a plan: it has a node of kind ${node.kind}`);
  }
}

function compileFetch(node: FetchNode, path: readonly FlattenNodePathSegment[]): Step {
  const fetch = toFetch(node);
  const selected = selectionsOf(fetch.document);
  const [inputRewrites, outputRewrites] = [node.inputRewrites ?? [], node.outputRewrites ?? []];
  if (!node.requires || node.requires.length === 0) {
    return { kind: "root", fetch, names: selected(), rewrites: outputRewrites };
  }
  const batch = { alias: "_entities", variable: "representations", paths: [path], requires: node.requires };
  return {
    kind: "entities",
    fetch,
    batches: [{ ...batch, inputRewrites, outputRewrites, names: selected("_entities") }],
  };
}

const OPERATION_TYPES = {
  query: OperationTypeNode.QUERY,
  mutation: OperationTypeNode.MUTATION,
  subscription: OperationTypeNode.SUBSCRIPTION,
} as const;

function toFetch(node: Pick<FetchNode, "serviceName" | "operation" | "operationKind" | "variableUsages">): Fetch {
  return {
    subgraph: node.serviceName,
    document: parse(node.operation, { noLocation: true }),
    operationType: OPERATION_TYPES[node.operationKind ?? "query"],
    variables: node.variableUsages ?? [],
  };
}

/** The response keys of a document's root, or of the field there with a given response key. */
function selectionsOf(document: DocumentNode): (alias?: string) => readonly string[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  }
  return (alias) => {
    if (!operation) return [];
    const root = fieldsOf(operation.selectionSet);
    const fields =
      alias === undefined
        ? root
        : root.flatMap((field) => (keyOf(field) === alias && field.selectionSet ? fieldsOf(field.selectionSet) : []));
    return [...new Set(fields.map(keyOf))].filter((name) => name !== "__typename");
  };

  function fieldsOf({ selections }: SelectionSetNode): readonly FieldNode[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      return fragment ? fieldsOf(fragment.selectionSet) : [];
    });
  }
}

function keyOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}
