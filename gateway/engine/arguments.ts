/**
 * Has a client given null where an argument may not be null?
 *
 * A variable may be null where its place has a default: GraphQL allows the document, and refuses the field. To leave the
 * argument out instead would resolve the field by a default that the client did not mean.
 */
import { Kind, getNullableType, isInputObjectType, isListType, isNonNullType } from "graphql";
import type { FieldNode, GraphQLField, GraphQLInputType, ValueNode } from "graphql";

type Variables = Readonly<Record<string, unknown>>;

/** What is wrong with an argument of the field; undefined for a field that can be resolved. */
export function nullArgument(
  { args }: GraphQLField<unknown, unknown>,
  { arguments: given = [] }: FieldNode,
  variables: Variables,
): string | undefined {
  for (const { name, value } of given) {
    const type = args.find((one) => one.name === name.value)?.type;
    if (!type || !holdsNull(value, type, variables)) continue;
    return value.kind === Kind.VARIABLE
      ? `Argument "${name.value}" of non-null type "${String(type)}" must not be null.`
      : `Argument "${name.value}" has a null in its value where there must be none.`;
  }
  return undefined;
}

function holdsNull(value: ValueNode, type: GraphQLInputType, variables: Variables): boolean {
  const nullable = getNullableType(type);
  if (value.kind === Kind.VARIABLE) {
    const name = value.name.value;
    return isNonNullType(type) && Object.hasOwn(variables, name) && variables[name] === null;
  }
  if (isListType(nullable)) {
    const items = value.kind === Kind.LIST ? value.values : [value];
    return items.some((item) => holdsNull(item, nullable.ofType, variables));
  }
  if (value.kind !== Kind.OBJECT || !isInputObjectType(nullable)) return false;
  const fields = nullable.getFields();
  return value.fields.some(({ name, value: part }) => {
    const field = fields[name.value];
    return field !== undefined && holdsNull(part, field.type, variables);
  });
}
