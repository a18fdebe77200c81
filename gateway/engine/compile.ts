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
      readonly selected: readonly SelectedField[];
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
  readonly selected: readonly SelectedField[];
}

/** A field that a fetch selects of an entity, or of the root. */
export interface SelectedField {
  /** Its response key. */
  readonly name: string;
  readonly field: string;
  /** The type that it is selected on; undefined at the root. */
  readonly type: string | undefined;
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
        selected: selected(batch.alias),
      }));
      return { kind: "entities", fetch, batches };
    }
    case "Condition":
    case "Subscription":
    case "Defer":
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
    return { kind: "root", fetch, selected: selected(), rewrites: outputRewrites };
  }
  const batch = { alias: "_entities", variable: "representations", paths: [path], requires: node.requires };
  return {
    kind: "entities",
    fetch,
    batches: [{ ...batch, inputRewrites, outputRewrites, selected: selected("_entities") }],
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

/** What a document selects at its root, or below the field there with a given response key. */
function selectionsOf(document: DocumentNode): (alias?: string) => readonly SelectedField[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  }
  return (alias) => {
    const root = operation ? fieldsOf(operation.selectionSet) : [];
    const below = ({ node }: Located) =>
      keyOf(node) === alias && node.selectionSet ? fieldsOf(node.selectionSet) : [];
    const fields = alias === undefined ? root : root.flatMap(below);
    return fields
      .map(({ node, type }) => ({ name: keyOf(node), field: node.name.value, type }))
      .filter(({ field }) => field !== "__typename");
  };

  function fieldsOf({ selections }: SelectionSetNode, type?: string): readonly Located[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [{ node: selection, type }];
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      return fragment ? fieldsOf(fragment.selectionSet, fragment.typeCondition?.name.value ?? type) : [];
    });
  }
}

interface Located {
  readonly node: FieldNode;
  readonly type: string | undefined;
}

function keyOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}
