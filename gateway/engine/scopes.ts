/**
 * Which fields may the caller of an operation not have?
 *
 * Those whose scopes it lacks, by `@requiresScopes` in the supergraph. Each is refused before anything is planned: no
 * subgraph is asked for it. An operation has few different requirements, and all callers who meet the same ones of them
 * share what is prepared for it.
 */
import type { GraphQLAbstractType, GraphQLObjectType } from "graphql";
import type { FieldScopes } from "../../schema/field-scopes.ts";
import type { RequiredScopes } from "../../schema/scope.ts";
import type { CallerOperation, Lacking } from "./operation.ts";

export const LACKING_NOTHING: Lacking = () => undefined;

/** What a caller lacks who does not meet these requirements. */
export function lackingOf(scopes: FieldScopes, unmet: readonly RequiredScopes[]): Lacking {
  if (unmet.length === 0) return LACKING_NOTHING;
  const lacking = new Set(unmet);
  return (type, field) => {
    const required = scopes.get(type)?.get(field);
    return required && lacking.has(required) ? required : undefined;
  };
}

/** The types of objects, of those that a field is selected on, whose field the caller may not have. */
export function typesLacking(
  { schema, lacking }: Pick<CallerOperation, "schema" | "lacking">,
  type: GraphQLAbstractType,
  field: string,
): readonly GraphQLObjectType[] {
  if (lacking === LACKING_NOTHING) return [];
  return schema.getPossibleTypes(type).filter(({ name }) => lacking(name, field));
}
