/**
 * Which steps does a plan have, ready to run?
 *
 * Steps know the document of their fetch, parsed once, and the names that it selects: a fetch that fails as a whole
 * fails each of them. The document asks for the type of each object whose field has an abstract type.
 */
import { Kind, OperationTypeNode, getOperationAST, parse, print, stripIgnoredCharacters } from "graphql";
import type { DocumentNode, FieldNode, GraphQLSchema, SelectionSetNode } from "graphql";
import type {
  FetchNode,
  FetchRewrite,
  FlattenNodePathSegment,
  PlanNode,
  QueryPlan,
  RequiresSelection,
} from "@graphql-hive/router-query-planner";
import { createProject } from "./entities.ts";
import type { Project } from "./entities.ts";
import { fragmentsIn } from "./operation.ts";
import { responseKey } from "./private-names.ts";
import { withTypes } from "./type-names.ts";

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
  /** Its place among those of its plan; undefined where nothing is planned ahead. */
  readonly number: number | undefined;
  readonly subgraph: string;
  /** The text of `document`, whose only operation has no name. */
  readonly query: string;
  readonly document: DocumentNode;
  readonly operationType: OperationTypeNode;
  readonly variables: readonly string[];
}

export interface EntityBatch {
  /** The response key of its `_entities`. */
  readonly alias: string;
  readonly variable: string;
  readonly paths: readonly (readonly FlattenNodePathSegment[])[];
  /** What the subgraph needs of an entity. */
  readonly requires: readonly RequiresSelection[];
  /** Gives it. */
  readonly project: Project;
  readonly inputRewrites: readonly FetchRewrite[];
  readonly outputRewrites: readonly FetchRewrite[];
  readonly selected: readonly SelectedField[];
  /** Whether it asks for the types of entities. */
  readonly readsType: boolean;
}

/** A field that a fetch selects of an entity, or of the root. */
export interface SelectedField {
  /** Its response key. */
  readonly name: string;
  readonly field: string;
  /** The type that it is selected on; undefined at the root. */
  readonly type: string | undefined;
}

/** `schema` is that of the supergraph. */
export function compile({ node }: QueryPlan, schema: GraphQLSchema): CompiledPlan {
  let fetches = 0;
  return node && compileNode(node, [], { schema, nextNumber: () => (fetches += 1) });
}

interface Compiling {
  readonly schema: GraphQLSchema;
  readonly nextNumber: () => number;
}

function compileNode(node: PlanNode, path: readonly FlattenNodePathSegment[], compiling: Compiling): Step {
  switch (node.kind) {
    case "Sequence":
      return { kind: "sequence", steps: node.nodes.map((one) => compileNode(one, path, compiling)) };
    case "Parallel":
      return { kind: "parallel", steps: node.nodes.map((one) => compileNode(one, path, compiling)) };
    case "Flatten":
      return compileNode(node.node, [...path, ...node.path], compiling);
    case "Fetch":
      return compileFetch(node, path, compiling);
    case "BatchFetch": {
      const fetch = toFetch(node, compiling);
      const selectionOf = readSelections(fetch.document);
      const batches = node.entityBatch.aliases.map((batch) => ({
        alias: batch.alias,
        variable: batch.representationsVariableName,
        paths: batch.paths.map((one) => [...path, ...one]),
        requires: batch.requires,
        project: createProject(batch.requires, compiling.schema),
        inputRewrites: batch.inputRewrites ?? [],
        outputRewrites: batch.outputRewrites ?? [],
        ...selectionOf(batch.alias),
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

function compileFetch(node: FetchNode, path: readonly FlattenNodePathSegment[], compiling: Compiling): Step {
  const fetch = toFetch(node, compiling);
  const selectionOf = readSelections(fetch.document);
  const [inputRewrites, outputRewrites] = [node.inputRewrites ?? [], node.outputRewrites ?? []];
  if (!node.requires || node.requires.length === 0) {
    return { kind: "root", fetch, selected: selectionOf().selected, rewrites: outputRewrites };
  }
  const { requires } = node;
  const project = createProject(requires, compiling.schema);
  const batch = { alias: "_entities", variable: "representations", paths: [path], requires, project };
  return {
    kind: "entities",
    fetch,
    batches: [{ ...batch, inputRewrites, outputRewrites, ...selectionOf("_entities") }],
  };
}

const OPERATION_TYPES = {
  query: OperationTypeNode.QUERY,
  mutation: OperationTypeNode.MUTATION,
  subscription: OperationTypeNode.SUBSCRIPTION,
} as const;

function toFetch(
  node: Pick<FetchNode, "serviceName" | "operation" | "operationKind" | "variableUsages">,
  { schema, nextNumber }: Compiling,
): Fetch {
  const document = withTypes(parse(node.operation, { noLocation: true }), schema);
  return {
    number: nextNumber(),
    subgraph: node.serviceName,
    query: stripIgnoredCharacters(print(document)),
    document,
    operationType: OPERATION_TYPES[node.operationKind ?? "query"],
    variables: node.variableUsages ?? [],
  };
}

interface Selection {
  readonly selected: readonly SelectedField[];
  readonly readsType: boolean;
}

/** What a document selects at its root, or below the field there with a given response key. */
function readSelections(document: DocumentNode): (alias?: string) => Selection {
  const fragments = fragmentsIn(document);
  const operation = getOperationAST(document);
  return (alias) => {
    const root = operation ? fieldsOf(operation.selectionSet) : [];
    const below = ({ node }: Located) =>
      responseKey(node) === alias && node.selectionSet ? fieldsOf(node.selectionSet) : [];
    const fields = alias === undefined ? root : root.flatMap(below);
    const selected = fields
      .map(({ node, type }) => ({ name: responseKey(node), field: node.name.value, type }))
      .filter(({ field }) => field !== "__typename");
    return { selected, readsType: selected.length < fields.length };
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
