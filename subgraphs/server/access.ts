/**
 * Which directives does the SDL of a subgraph get from what its classes say of scopes and of partners?
 *
 * `@requiresScopes` or `@authenticated` on each field of a type that says so, and `@tag` on what partners see. Only types of
 * objects have them: an interface is what its types are. What is hidden from clients has none, and what another subgraph
 * resolves has its own there.
 */
import { isEnumType, isObjectType, isScalarType } from "graphql";
import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from "graphql";
import { PARTNER, PARTNER_ARGUMENTS, PARTNER_FIELDS, PARTNER_VALUES } from "../../schema/partner.ts";
import { REQUIRED_SCOPES } from "../../schema/requires-scopes.ts";

type Directives = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const WITHOUT: ReadonlySet<string> = new Set(["inaccessible", "external"]);

const TAG: Directives = { tag: { name: PARTNER } };

/** Changes the schema's extensions, from which its SDL is printed. */
export function declareAccess(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type)) for (const field of Object.values(type.getFields())) declareField(type, field);
    // The printed SDL has the values of an enum as its type has them.
    if ((isScalarType(type) || isEnumType(type)) && PARTNER_VALUES.has(type.name)) add(type, TAG);
  }
  return schema;
}

function declareField(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): void {
  if (field.astNode?.directives?.some(({ name }) => WITHOUT.has(name.value))) return;
  const required = namesOf(field, REQUIRED_SCOPES) ?? namesOf(type, REQUIRED_SCOPES);
  if (required) add(field, required.length > 0 ? { requiresScopes: { scopes: required } } : { authenticated: {} });
  const own = namesOf(field, PARTNER_ARGUMENTS);
  if (!own && !namesOf(type, PARTNER_FIELDS)?.includes(field.name)) return;
  add(field, TAG);
  for (const argument of field.args) if (own?.includes(argument.name)) add(argument, TAG);
}

interface Extended {
  extensions: Readonly<Record<string, unknown>>;
}

function namesOf({ extensions }: Extended, name: string): readonly unknown[] | undefined {
  const value = extensions[name];
  return Array.isArray(value) ? value : undefined;
}

function add(element: Extended, directives: Directives): void {
  const before: unknown = element.extensions["directives"];
  element.extensions = { ...element.extensions, directives: Object.assign({}, before, directives) };
}
