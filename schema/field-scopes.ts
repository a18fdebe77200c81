/**
 * Which scopes do the fields of a schema need, and those that a document selects?
 *
 * By `@requiresScopes` on the fields of its types of objects. A field of an interface needs what that field of each of its
 * types needs.
 */
import {
  Kind,
  TypeInfo,
  isAbstractType,
  isObjectType,
  print,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { ASTNode, ConstValueNode, GraphQLSchema } from "graphql";
import { SCOPES } from "./scope.ts";
import type { RequiredScopes, Scope } from "./scope.ts";

/** By the names of a type and its field. Equal requirements are the same object; a field that needs none is not there. */
export type FieldScopes = ReadonlyMap<string, ReadonlyMap<string, RequiredScopes>>;

/** Of a schema that was built from SDL. Throws an Error for a scope that does not exist: nobody would have the field. */
export function readFieldScopes(schema: GraphQLSchema): FieldScopes {
  const known = new Map<string, RequiredScopes>();
  const scopes = new Map<string, Map<string, RequiredScopes>>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const { name, astNode } of Object.values(type.getFields())) {
      const given = astNode?.directives?.find((one) => one.name.value === "requiresScopes")?.arguments?.[0]?.value;
      if (!given) continue;
      const key = print(given);
      const required = known.get(key) ?? requiredScopes(given, `${type.name}.${name}`);
      known.set(key, required);
      const ofType = scopes.get(type.name) ?? new Map<string, RequiredScopes>();
      scopes.set(type.name, ofType.set(name, required));
    }
  }
  return scopes;
}

/** The different requirements of the fields that these selections have, each with the first field that has it. */
export function requirementsIn(
  nodes: Iterable<ASTNode>,
  schema: GraphQLSchema,
  scopes: FieldScopes,
): ReadonlyMap<RequiredScopes, string> {
  const found = new Map<RequiredScopes, string>();
  const types = new TypeInfo(schema);
  const search = visitWithTypeInfo(types, {
    Field({ name: { value: name } }) {
      const parent = types.getParentType();
      for (const type of isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]) {
        const required = type && scopes.get(type.name)?.get(name);
        if (required && !found.has(required)) found.set(required, `${type.name}.${name}`);
      }
    },
  });
  for (const node of nodes) visit(node, search);
  return found;
}

function requiredScopes(given: ConstValueNode, field: string): RequiredScopes {
  const alternatives = given.kind === Kind.LIST ? given.values : [];
  return alternatives.map((one): readonly Scope[] => {
    const names: unknown = valueFromASTUntyped(one);
    return (Array.isArray(names) ? names : [names]).map((name: unknown) => {
      const scope = SCOPES.find((known) => known === name);
      if (!scope) throw new Error(`Cannot read the scopes of ${field}: ${JSON.stringify(name)} is none`);
      return scope;
    });
  });
}
