/**
 * What does the supergraph say about the cost of its fields?
 *
 * `@cost`, `@listSize` and `@decides`, which the subgraphs declare beside their fields (schema/demand.ts). Without `@cost` an
 * object weighs 1 and a scalar nothing, as in the cost specification.
 */
import { Kind, parse, valueFromASTUntyped } from "graphql";
import type { DirectiveNode, FieldDefinitionNode } from "graphql";

export interface FieldWeights {
  /** undefined: that of its type. */
  readonly weight: number | undefined;
  /** Evaluations of a decision, at most. */
  readonly calls: number;
  /** Only where this argument is given; undefined: always. */
  readonly callsWhere: string | undefined;
  readonly list: ListSize | undefined;
  /** By the names of arguments that weigh something. */
  readonly argumentWeights: ReadonlyMap<string, number>;
}

export interface ListSize {
  readonly assumedSize: number | undefined;
  /** The largest of them is the size. */
  readonly slicingArguments: readonly string[];
  /** The lists of the object that the field gives; without any, the field's own list. */
  readonly sizedFields: readonly string[];
}

export interface Weights {
  field(type: string, name: string): FieldWeights;
  /** Of an object, or an enum or scalar value; undefined where nothing is declared. */
  type(name: string): number | undefined;
}

const PLAIN: FieldWeights = {
  weight: undefined,
  calls: 0,
  callsWhere: undefined,
  list: undefined,
  argumentWeights: new Map(),
};

export function readWeights(supergraph: string): Weights {
  const types = new Map<string, number>();
  const fields = new Map<string, FieldWeights>();
  for (const node of parse(supergraph, { noLocation: true }).definitions) {
    if (!("name" in node) || node.name === undefined) continue;
    const own = "directives" in node ? argumentOf(node.directives, "cost", "weight") : undefined;
    if (typeof own === "number") types.set(node.name.value, own);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of node.fields ?? []) fields.set(`${node.name.value}.${field.name.value}`, weightsOf(field));
  }
  return {
    field: (type, name) => fields.get(`${type}.${name}`) ?? PLAIN,
    type: (name) => types.get(name),
  };
}

function weightsOf({ directives = [], arguments: given = [] }: FieldDefinitionNode): FieldWeights {
  const has = (directive: string): boolean => directives.some(({ name }) => name.value === directive);
  const list = {
    assumedSize: numberOf(argumentOf(directives, "listSize", "assumedSize")),
    slicingArguments: textsOf(argumentOf(directives, "listSize", "slicingArguments")),
    sizedFields: textsOf(argumentOf(directives, "listSize", "sizedFields")),
  };
  return {
    weight: numberOf(argumentOf(directives, "cost", "weight")),
    calls: numberOf(argumentOf(directives, "decides", "calls")) ?? (has("decides") ? 1 : 0),
    callsWhere: textOf(argumentOf(directives, "decides", "where")),
    list: has("listSize") ? list : undefined,
    argumentWeights: new Map(
      given.flatMap((one) => {
        const weight = numberOf(argumentOf(one.directives, "cost", "weight"));
        return weight === undefined ? [] : [[one.name.value, weight]];
      }),
    ),
  };
}

function argumentOf(directives: readonly DirectiveNode[] | undefined, directive: string, argument: string): unknown {
  const node = directives?.find(({ name }) => name.value === directive);
  const value = node?.arguments?.find(({ name }) => name.value === argument)?.value;
  return value && valueFromASTUntyped(value);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
