/** Of which objects does the engine ask for the type? Of each whose field has an abstract type: completion needs it. */
import { Kind, TypeInfo, getNamedType, isAbstractType, visit, visitWithTypeInfo } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { responseKey } from "./private-names.ts";

export const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } } as const;

/** `schema` is that of the supergraph. */
export function withTypes(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const { selectionSet } = node;
        if (!selectionSet || !isAbstractType(getNamedType(types.getType()))) return undefined;
        const isAsked = selectionSet.selections.some(
          (one) => one.kind === Kind.FIELD && responseKey(one) === TYPENAME.name.value,
        );
        if (isAsked) return undefined;
        return { ...node, selectionSet: { ...selectionSet, selections: [TYPENAME, ...selectionSet.selections] } };
      },
    }),
  );
}
