/**
 * How are the references of one `_entities` query resolved?
 *
 * Each by itself, so that a malformed one is an error at its own index; resolved as one list, as Apollo does, it would
 * fail all others. They are resolved in the same tick, so their loads are one batch.
 */
import type { GraphQLSchema } from "graphql";
import { readTypename } from "./references.ts";

/** Replaces the `_entities` resolver of a federated schema; `types` are those with a reference resolver. */
export function resolveOneByOne(schema: GraphQLSchema, types: readonly string[]): GraphQLSchema {
  const field = schema.getQueryType()?.getFields()["_entities"];
  const resolve = field?.resolve;
  if (!resolve) return schema;
  field.resolve = (source, args: { readonly representations: readonly unknown[] }, context, info) =>
    args.representations.map(async (representation) => {
      readTypename(representation, types);
      const entities: unknown = await resolve(source, { representations: [representation] }, context, info);
      return Array.isArray(entities) ? entities[0] : null;
    });
  return schema;
}
