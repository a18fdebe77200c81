/**
 * What does the graph say of itself, and how much of that may a client ask for?
 *
 * graphql-js answers over the public schema. Each list is as long as the graph, and a short document can multiply them by
 * aliases and fragments. So the values of the answer are counted before it is made: what is selected of the same type or
 * field is counted once, however often the answer has it.
 */
import {
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  execute,
  getArgumentValues,
  getNamedType,
  isObjectType,
} from "graphql";
import type {
  ExecutionResult,
  FieldNode,
  GraphQLField,
  GraphQLObjectType,
  GraphQLResolveInfo,
  SelectionSetNode,
} from "graphql";
import { nullArgument } from "./arguments.ts";
import { limitExceeded } from "./limits.ts";
import { isIncluded } from "./operation.ts";
import type { ClientOperation } from "./operation.ts";

/** Of one answer. That to the query of GraphiQL and of generators has some 10,000. */
const MAX_VALUES = 100_000;

/** The fields of introspection at the root of an operation. Throws a GraphQLError with code LIMIT_EXCEEDED. */
export async function introspect(client: ClientOperation, fields: readonly FieldNode[]): Promise<ExecutionResult> {
  const { schema, operation, fragments, variables } = client;
  assertSize(client, fields);
  const introspection = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } } as const;
  return execute({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [introspection, ...fragments.values()] },
    variableValues: variables,
  });
}

function assertSize({ schema, fragments, variables }: ClientOperation, fields: readonly FieldNode[]): void {
  const known = new Map<unknown, Map<SelectionSetNode, number>>();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the resolvers of introspection read nothing else of it
  const info = { schema } as GraphQLResolveInfo;
  let looks = 0;
  let values = 0;
  for (const node of fields) {
    values += valuesOf(node, node.name.value === TypeMetaFieldDef.name ? TypeMetaFieldDef : SchemaMetaFieldDef, {});
    assertWithin(values);
  }

  function valuesOf(node: FieldNode, field: GraphQLField<unknown, unknown>, of: unknown): number {
    const { selectionSet } = node;
    const type = getNamedType(field.type);
    if (!selectionSet || !isObjectType(type) || nullArgument(field, node, variables) !== undefined) return 1;
    const value: unknown = field.resolve?.(of, getArgumentValues(field, node, variables), undefined, info);
    return [value ?? []].flat().reduce<number>((sum, item) => sum + valuesBelow(selectionSet, type, item), 1);
  }

  function valuesBelow(selectionSet: SelectionSetNode, type: GraphQLObjectType, of: unknown): number {
    assertWithin((looks += 1));
    const counts = known.get(of) ?? new Map<SelectionSetNode, number>();
    known.set(of, counts);
    const earlier = counts.get(selectionSet);
    if (earlier !== undefined) return earlier;
    let sum = 0;
    for (const node of selectionSet.selections) {
      if (!isIncluded(node, variables)) continue;
      if (node.kind === Kind.FIELD) {
        const field = type.getFields()[node.name.value];
        sum += field ? valuesOf(node, field, of) : 1;
      } else {
        const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
        if (fragment) sum += valuesBelow(fragment.selectionSet, type, of);
      }
      assertWithin(sum);
    }
    counts.set(selectionSet, sum);
    return sum;
  }
}

function assertWithin(count: number): void {
  if (count > MAX_VALUES) throw limitExceeded(`introspection has more than ${MAX_VALUES} values`);
}
