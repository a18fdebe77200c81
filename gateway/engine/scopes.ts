/**
 * Which fields may the caller of an operation not have?
 *
 * Those whose scopes it lacks, by `@requiresScopes` in the supergraph. Each is refused before anything is planned: no
 * subgraph is asked for it. An operation has few different requirements, and all callers who meet the same ones of them
 * share what is prepared for it.
 */
import { Kind, TypeInfo, isAbstractType, isObjectType, print, visit, visitWithTypeInfo } from "graphql";
import type { ConstValueNode, GraphQLAbstractType, GraphQLNamedType, GraphQLObjectType, GraphQLSchema } from "graphql";
import { SCOPES } from "../../schema/scope.ts";
import type { RequiredScopes, Scope } from "../../schema/scope.ts";
import type { ClientOperation, Lacking } from "./operation.ts";

/** By the names of a type of objects and its field: what a caller needs. Equal requirements are the same object. */
export type FieldScopes = ReadonlyMap<string, ReadonlyMap<string, RequiredScopes>>;

/** The scopes of a caller. */
export type CallerScopes = ReadonlySet<string>;

export const LACKING_NOTHING: Lacking = () => undefined;

/** Throws an Error for a scope that does not exist: nobody would ever have the field. */
export function readFieldScopes(supergraph: GraphQLSchema): FieldScopes {
  const known = new Map<string, RequiredScopes>();
  const types = Object.values(supergraph.getTypeMap()).filter((type) => isObjectType(type));
  return new Map(
    types.flatMap((type) => {
      const fields = Object.values(type.getFields()).flatMap(({ name, astNode }) => {
        const scopes = astNode?.directives?.find((one) => one.name.value === "requiresScopes")?.arguments?.[0]?.value;
        const required = scopes?.kind === Kind.LIST ? scopes.values.map((one) => conjunction(one, type, name)) : [];
        if (required.length === 0) return [];
        const key = JSON.stringify(required);
        const shared = known.get(key) ?? required;
        known.set(key, shared);
        return [[name, shared] as const];
      });
      return fields.length > 0 ? [[type.name, new Map(fields)] as const] : [];
    }),
  );
}

function conjunction(list: ConstValueNode, type: GraphQLNamedType, field: string): readonly Scope[] {
  const values = list.kind === Kind.LIST ? list.values : [];
  return values.map((value) => {
    const scope = SCOPES.find((one) => value.kind === Kind.STRING && one === value.value);
    if (!scope) throw new Error(`Cannot read the scopes of ${type.name}.${field}: ${print(value)} is none`);
    return scope;
  });
}

/** Different ones that an operation selects fields of, in any of its fragments. */
export function requirementsOf(
  { schema, operation, fragments }: Pick<ClientOperation, "schema" | "operation" | "fragments">,
  scopes: FieldScopes,
): readonly RequiredScopes[] {
  const found = new Set<RequiredScopes>();
  const types = new TypeInfo(schema);
  const search = visitWithTypeInfo(types, {
    Field({ name }) {
      const parent = types.getParentType();
      for (const type of isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]) {
        const required = type && scopes.get(type.name)?.get(name.value);
        if (required) found.add(required);
      }
    },
  });
  for (const node of [operation, ...fragments.values()]) visit(node, search);
  return [...found];
}

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
  { schema, lacking }: Pick<ClientOperation, "schema" | "lacking">,
  type: GraphQLAbstractType,
  field: string,
): readonly GraphQLObjectType[] {
  if (lacking === LACKING_NOTHING) return [];
  return schema.getPossibleTypes(type).filter(({ name }) => lacking(name, field));
}
