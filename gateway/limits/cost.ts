/**
 * What can an operation cost, before anything of it is run?
 *
 * Its field cost is that of the cost specification: the weights of its fields, each times the size of the lists it is in.
 * Its calls are the evaluations of decisions that it can cause, at most, with a cold cache: each field that decides, once for
 * each object it may be on. Neither counts scalars, which aliases can multiply, so the values of the response are counted as
 * well. All depend on the values of variables; the rest is compiled once.
 */
import {
  Kind,
  OperationTypeNode,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  visit,
} from "graphql";
import type { DirectiveNode, FieldNode, GraphQLField, GraphQLObjectType, SelectionSetNode, ValueNode } from "graphql";
import { isIncluded, rootTypeOf } from "../engine/operation.ts";
import type { CallerOperation, ClientOperation } from "../engine/operation.ts";
import { responseKey } from "../engine/private-names.ts";
import { refusalOf } from "../engine/refusal.ts";
import { LACKING_NOTHING } from "../engine/scopes.ts";
import type { ListSize, Weights } from "./weights.ts";

export interface Cost {
  readonly fieldCost: number;
  readonly openTextCalls: number;
}

export interface Counted extends Cost {
  /** Of the response: each field of each object. */
  readonly values: number;
}

/** For coerced variables. */
export type CostOf = (variables: Variables) => Counted;

type Variables = Readonly<Record<string, unknown>>;
type SizeOf = (variables: Variables) => number;

interface CostNode {
  /** Of one object, without what is below it. */
  readonly own: Counted;
  readonly argumentCost: number;
  readonly size: SizeOf;
  /** Of each type that the object may have; the most expensive one counts. */
  readonly below: readonly (readonly CostNode[])[];
}

/** As Apollo's gateways count it. */
const MUTATION: Counted = { fieldCost: 10, openTextCalls: 0, values: 0 };
const NOTHING: Counted = { fieldCost: 0, openTextCalls: 0, values: 0 };
/** Of a list of which nothing is declared. */
const UNKNOWN_SIZE = 20;
const ONE: SizeOf = () => 1;
/** `__typename`, and introspection, which has a limit of its own. */
const META = valueOnly(1);
/** Its error is as long as so many values. Nothing below it is looked at: its size was not limited. */
const REFUSED = valueOnly(10);

/** Of an operation whose size was limited before; `variables` of it decide only what is included. */
export function compileCost(client: CallerOperation, weights: Weights): CostOf {
  const { schema, fragments, variables: lasting } = client;
  const roots = nodesOf([client.operation.selectionSet], rootTypeOf(client), new Map());
  const start = client.operation.operation === OperationTypeNode.MUTATION ? MUTATION : NOTHING;
  return (variables) => roots.reduce((sum, node) => add(sum, evaluate(node, variables)), start);

  function nodesOf(
    selectionSets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
    sizes: ReadonlyMap<string, SizeOf>,
  ): readonly CostNode[] {
    const fields = type.getFields();
    return [...collected(selectionSets, type).values()].map((nodes) => {
      const [first] = nodes;
      const definition = first && fields[first.name.value];
      if (!definition) return META;
      return refusalOf(client, type.name, definition, first) ? REFUSED : nodeOf(nodes, first, type, definition, sizes);
    });
  }

  function nodeOf(
    nodes: readonly FieldNode[],
    first: FieldNode,
    type: GraphQLObjectType,
    definition: GraphQLField<unknown, unknown>,
    sizes: ReadonlyMap<string, SizeOf>,
  ): CostNode {
    const { weight, calls, callsWhere, list, argumentWeights } = weights.field(type.name, definition.name);
    const decides = callsWhere === undefined || first.arguments?.some(({ name }) => name.value === callsWhere) === true;
    const given = getNamedType(definition.type);
    const isComposite = isCompositeType(given);
    const isList = isListType(getNullableType(definition.type));
    const declared = list && sizeBy(list, definition, first);
    const below = new Map(list?.sizedFields.map((name) => [name, declared ?? ONE]));
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const possible = isAbstractType(given) ? schema.getPossibleTypes(given) : isObjectType(given) ? [given] : [];
    return {
      own: {
        fieldCost: weight ?? weights.type(given.name) ?? (isComposite ? 1 : 0),
        openTextCalls: decides ? calls : 0,
        values: 1,
      },
      argumentCost: (first.arguments ?? []).reduce((sum, { name }) => sum + (argumentWeights.get(name.value) ?? 0), 0),
      size: isList ? (sizes.get(definition.name) ?? (below.size === 0 ? declared : undefined) ?? unknownSize) : ONE,
      below: possible.map((one) => nodesOf(selectionSets, one, below)),
    };
  }

  /** By response key, and by the deferred fragment that they are in, which is answered by itself. */
  function collected(
    selectionSets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
  ): ReadonlyMap<string, readonly FieldNode[]> {
    const found = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    let deferred = 0;
    for (const one of selectionSets) collect(one, "");
    return found;

    function collect({ selections }: SelectionSetNode, group: string): void {
      for (const node of selections) {
        if (!isIncluded(node, lasting)) continue;
        if (node.kind === Kind.FIELD) {
          const key = `${group} ${responseKey(node)}`;
          const nodes = found.get(key);
          if (nodes) nodes.push(node);
          else found.set(key, [node]);
          continue;
        }
        const isDeferred = node.directives?.some(({ name }) => name.value === "defer") === true;
        const own = isDeferred ? String((deferred += 1)) : group;
        if (node.kind === Kind.INLINE_FRAGMENT) {
          if (applies(node.typeCondition?.name.value, type)) collect(node.selectionSet, own);
          continue;
        }
        const fragment = fragments.get(node.name.value);
        const name = `${own} ${node.name.value}`;
        if (!fragment || spread.has(name) || !applies(fragment.typeCondition.name.value, type)) continue;
        spread.add(name);
        collect(fragment.selectionSet, own);
      }
    }
  }

  function applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const abstract = schema.getType(condition);
    return isAbstractType(abstract) && schema.isSubType(abstract, type);
  }
}

/**
 * With pages as large as they can be where a variable says how large, and with all that a variable can turn on.
 * `largestPage` is the size of such a page.
 */
export function highestCost(
  { schema, operation, fragments }: Omit<ClientOperation, "variables">,
  weights: Weights,
  largestPage: number,
): Cost {
  const client = {
    schema,
    operation: visit(operation, WITHOUT_CONDITIONS),
    fragments: new Map([...fragments].map(([name, one]) => [name, visit(one, WITHOUT_CONDITIONS)])),
    variables: {},
    lacking: LACKING_NOTHING,
  };
  const sizes = (operation.variableDefinitions ?? []).map(
    ({ variable }) => [variable.name.value, largestPage] as const,
  );
  const { fieldCost, openTextCalls } = compileCost(client, weights)(Object.fromEntries(sizes));
  return { fieldCost, openTextCalls };
}

const WITHOUT_CONDITIONS = {
  Directive: ({ name, arguments: given = [] }: DirectiveNode) =>
    CONDITIONS.has(name.value) && given.some(({ value }) => value.kind === Kind.VARIABLE) ? null : undefined,
};
const CONDITIONS: ReadonlySet<string> = new Set(["skip", "include"]);

function valueOnly(values: number): CostNode {
  return { own: { ...NOTHING, values }, argumentCost: 0, size: ONE, below: [] };
}

function evaluate({ own, argumentCost, size, below }: CostNode, variables: Variables): Counted {
  let inside = NOTHING;
  for (const nodes of below) {
    const sum = nodes.reduce((total, node) => add(total, evaluate(node, variables)), NOTHING);
    inside = {
      fieldCost: Math.max(inside.fieldCost, sum.fieldCost),
      openTextCalls: Math.max(inside.openTextCalls, sum.openTextCalls),
      values: Math.max(inside.values, sum.values),
    };
  }
  const count = size(variables);
  return {
    fieldCost: argumentCost + count * (own.fieldCost + inside.fieldCost),
    openTextCalls: count * (own.openTextCalls + inside.openTextCalls),
    values: count * (own.values + inside.values),
  };
}

function add(left: Counted, right: Counted): Counted {
  return {
    fieldCost: left.fieldCost + right.fieldCost,
    openTextCalls: left.openTextCalls + right.openTextCalls,
    values: left.values + right.values,
  };
}

const unknownSize: SizeOf = () => UNKNOWN_SIZE;

/** undefined where nothing says how many there are. */
function sizeBy(
  { slicingArguments, assumedSize }: ListSize,
  { args }: GraphQLField<unknown, unknown>,
  { arguments: given = [] }: FieldNode,
): SizeOf | undefined {
  const slices = slicingArguments.map((name): ((variables: Variables) => number | undefined) => {
    const standard: unknown = args.find((one) => one.name === name)?.defaultValue;
    const value = given.find((one) => one.name.value === name)?.value;
    return (variables) => numberIn(value, variables) ?? (typeof standard === "number" ? standard : undefined);
  });
  if (slices.length === 0) return assumedSize === undefined ? undefined : () => assumedSize;
  return (variables) => {
    const sizes = slices.flatMap((slice) => slice(variables) ?? []);
    return sizes.length > 0 ? Math.max(0, ...sizes) : (assumedSize ?? UNKNOWN_SIZE);
  };
}

/** undefined where it is absent or null: then the default counts. */
function numberIn(value: ValueNode | undefined, variables: Variables): number | undefined {
  if (value?.kind === Kind.INT) return Number(value.value);
  if (value?.kind !== Kind.VARIABLE) return undefined;
  const given = Object.hasOwn(variables, value.name.value) ? variables[value.name.value] : undefined;
  return typeof given === "number" ? given : undefined;
}
