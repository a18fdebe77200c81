/**
 * How are the references of one `_entities` query resolved?
 *
 * One by one, so that a malformed one is an error at its own index: Apollo resolves the list in one go, where it would
 * take all others with it. All are still asked for in the same tick, so that what they load is one batch.
 */
import type { GraphQLSchema } from "graphql";
import { readTypename } from "./references.ts";

/** Changes the resolver of a federated schema; `types` are those it has references of. */
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
