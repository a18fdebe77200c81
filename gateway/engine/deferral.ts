/**
 * Which fragments with `@defer` are deferred, and how are they planned?
 *
 * Those on entities, and on the root of a query. Others are answered with the rest, as GraphQL allows. For entities the
 * supergraph gets a subgraph of its own: it gives the entities that the response already has, by their keys, and the
 * planner goes on from there as from any other subgraph.
 */
import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLError,
  GraphQLNonNull,
  GraphQLString,
  Kind,
  OperationTypeNode,
  TypeInfo,
  getDirectiveValues,
  getNamedType,
  getOperationAST,
  isObjectType,
  isSpecifiedScalarType,
  parse,
  print,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type {
  ASTVisitor,
  FieldDefinitionNode,
  FieldNode,
  GraphQLObjectType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
  ValidationContext,
} from "graphql";
import { argumentOf } from "./directives.ts";
import { isIntrospection } from "./operation.ts";
import type { ClientOperation } from "./operation.ts";
import { limitExceeded } from "./limits.ts";
import { responseKey } from "./private-names.ts";
import type { CallSubgraph } from "./run.ts";
import type { Slots } from "./slots.ts";

export const DEFER = new GraphQLDirective({
  name: "defer",
  description: "The fragment may be answered later than the rest, if the client accepts an answer in parts.",
  locations: [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
  args: {
    if: { type: new GraphQLNonNull(GraphQLBoolean), defaultValue: true },
    label: { type: GraphQLString },
  },
});

/** By the name of an entity's type: the fields that identify it. */
export type EntityKeys = ReadonlyMap<string, readonly string[]>;

/** A rule of validation: labels tell the parts of an answer apart, so they are known before it, and different. */
export function staticLabels(context: ValidationContext): ASTVisitor {
  const labels = new Set<string>();
  return {
    Directive(node) {
      const label = node.name.value === DEFER.name && node.arguments?.find(({ name }) => name.value === "label")?.value;
      if (!label) return;
      if (label.kind !== Kind.STRING) {
        context.reportError(new GraphQLError("The label of @defer must be a text, not a variable.", { nodes: node }));
      } else if (labels.has(label.value)) {
        context.reportError(new GraphQLError("Two fragments with @defer have the same label.", { nodes: node }));
      } else {
        labels.add(label.value);
      }
    },
  };
}

/** Each is an operation of its own. */
const MAX_DEFERRED = 20;

/** The fragments of an operation that are answered later, with their labels. */
export type DeferredFragments = ReadonlyMap<SelectionNode, string | null>;

export const NOT_DEFERRED: DeferredFragments = new Map();

/** Fragments inside a deferred one are answered together with it. */
export function deferredFragments(client: ClientOperation, keys: EntityKeys): DeferredFragments {
  const { schema, operation, fragments, variables } = client;
  const found = new Map<SelectionNode, string | null>();
  const queryType = operation.operation === OperationTypeNode.QUERY ? schema.getQueryType()?.name : undefined;
  const ofRoot: SelectionNode[] = [];
  let isIntrospecting = false;
  const types = new TypeInfo(schema);
  const add = (node: SelectionNode, type: unknown): void => {
    const values = node.directives && getDirectiveValues(DEFER, node, variables);
    if (!values || values["if"] === false || !isObjectType(type)) return;
    const { label } = values;
    if (type.name === queryType) ofRoot.push(node);
    if (keys.has(type.name) || type.name === queryType) found.set(node, typeof label === "string" ? label : null);
    if (found.size > MAX_DEFERRED) throw limitExceeded(`operation has more than ${MAX_DEFERRED} deferred fragments`);
  };
  const search = visitWithTypeInfo(types, {
    Field(node) {
      isIntrospecting ||= isIntrospection(node);
    },
    InlineFragment: (node) => add(node, types.getType()),
    FragmentSpread(node) {
      const condition = fragments.get(node.name.value)?.typeCondition;
      add(node, condition && typeFromAST(schema, condition));
    },
  });
  for (const node of [operation, ...fragments.values()]) visit(node, search);
  // Introspection is answered with the rest.
  if (isIntrospecting) for (const node of ofRoot) found.delete(node);
  return found;
}

/** The subgraph of entities that the response already has; no subgraph can be called so. */
export const DEFERRED_SUBGRAPH = "decibel/deferred";
const GRAPH = "DECIBEL__DEFERRED";

/** A field of the query's root that gives entities of a type. */
export function entitiesField(type: string): string {
  return `_deferred_${type}`;
}

/** Of the types that have a key of plain scalars; of several, the one that most subgraphs know. */
export function readEntityKeys(schema: GraphQLSchema): EntityKeys {
  const keys = new Map<string, readonly string[]>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const counted = new Map<string, number>();
    for (const directive of type.astNode?.directives ?? []) {
      const key = directive.name.value === "join__type" ? argumentOf(directive, "key") : undefined;
      if (key !== undefined && isPlain(type, key.trim().split(/\s+/))) counted.set(key, (counted.get(key) ?? 0) + 1);
    }
    const [best] = [...counted].toSorted(([, left], [, right]) => right - left);
    if (best) keys.set(type.name, best[0].trim().split(/\s+/));
  }
  return keys;
}

function isPlain(type: GraphQLObjectType, names: readonly string[]): boolean {
  return names.every((name) => {
    const field = type.getFields()[name];
    return field !== undefined && isSpecifiedScalarType(getNamedType(field.type));
  });
}

/** The same supergraph with the subgraph of entities. */
export function withDeferredEntities(sdl: string, keys: EntityKeys): string {
  const document = visit(parse(sdl, { noLocation: true }), {
    EnumTypeDefinition(node) {
      if (node.name.value !== "join__Graph") return undefined;
      const value = `enum E { ${GRAPH} @join__graph(name: ${JSON.stringify(DEFERRED_SUBGRAPH)}, url: "") }`;
      return { ...node, values: [...(node.values ?? []), ...enumValues(value)] };
    },
    ObjectTypeDefinition(node) {
      const name = node.name.value;
      const key = keys.get(name);
      const isRoot = name === "Query";
      if (!key && !isRoot) return undefined;
      const graphs = (node.directives ?? []).flatMap((one) =>
        one.name.value === "join__type" ? [argumentOf(one, "graph") ?? ""] : [],
      );
      const fields = (node.fields ?? []).map((field) =>
        withGraphs(field, graphs, key?.includes(field.name.value) ?? false),
      );
      const added = isRoot
        ? [...keys.keys()].map((type) => `${entitiesField(type)}: [${type}] @join__field(graph: ${GRAPH})`)
        : [];
      const joined = key
        ? `@join__type(graph: ${GRAPH}, key: ${JSON.stringify(key.join(" "))}, resolvable: false)`
        : `@join__type(graph: ${GRAPH})`;
      const { directives, ownFields } = typeParts(`type T ${joined} { _: Int ${added.join(" ")} }`);
      return {
        ...node,
        directives: [...(node.directives ?? []), ...directives],
        fields: [...fields, ...ownFields.slice(1)],
      };
    },
  });
  return print(document);
}

/** A field without `@join__field` is one of all graphs of its type: those it had before. */
function withGraphs(field: FieldDefinitionNode, graphs: readonly string[], isKey: boolean): FieldDefinitionNode {
  const directives = field.directives ?? [];
  const isJoined = directives.some(({ name }) => name.value === "join__field");
  const own = isJoined ? [] : graphs;
  const added = isKey ? [...own, GRAPH] : own;
  if (added.length === 0) return field;
  const { directives: joins } = typeParts(
    `type T ${[...new Set(added)].map((graph) => `@join__field(graph: ${graph})`).join(" ")} { _: Int }`,
  );
  return { ...field, directives: [...directives, ...joins] };
}

function typeParts(source: string) {
  const [definition] = parse(source, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OBJECT_TYPE_DEFINITION) throw new Error(`Cannot read ${source}`);
  return { directives: definition.directives ?? [], ownFields: definition.fields ?? [] };
}

function enumValues(source: string) {
  const [definition] = parse(source, { noLocation: true }).definitions;
  return definition?.kind === Kind.ENUM_TYPE_DEFINITION ? (definition.values ?? []) : [];
}

/** Answers the subgraph of entities with these, by the names of their keys' fields; asks the others by `call`. */
export function withEntities(call: CallSubgraph, entities: readonly Slots[]): CallSubgraph {
  return async (fetch, variables) => {
    if (fetch.subgraph !== DEFERRED_SUBGRAPH) return call(fetch, variables);
    const data: Slots = {};
    const operation = getOperationAST(fetch.document);
    for (const root of fieldsOf(operation?.selectionSet)) {
      const fields = fieldsOf(root.selectionSet);
      data[responseKey(root)] = entities.map((entity) =>
        Object.fromEntries(fields.map((field) => [responseKey(field), entity[field.name.value]])),
      );
    }
    return { data };
  };
}

function fieldsOf(selectionSet: SelectionSetNode | undefined): readonly FieldNode[] {
  return (selectionSet?.selections ?? []).flatMap((one) => {
    if (one.kind === Kind.FIELD) return [one];
    return one.kind === Kind.INLINE_FRAGMENT ? fieldsOf(one.selectionSet) : [];
  });
}
