/** What does the server of a subgraph execute? Its SDL without the directives of federation but for scopes, and with `_entities`. */
import { Kind, buildASTSchema, parse, visit } from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";

const KEPT: ReadonlySet<string> = new Set(["deprecated", "specifiedBy", "requiresScopes"]);

/** Its resolvers are for the caller. */
export function executableSchema(sdl: string): GraphQLSchema {
  const document = parse(sdl);
  const entities = document.definitions.flatMap((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && node.directives?.some(({ name }) => name.value === "key")
      ? [node.name.value]
      : [],
  );
  const plain: DocumentNode = visit(document, {
    SchemaExtension: () => null,
    Directive: (node) => (KEPT.has(node.name.value) ? undefined : null),
  });
  const hasQuery = plain.definitions.some(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === "Query",
  );
  const field = entities.length > 0 ? "_entities(representations: [_Any!]!): [_Entity]!" : "_service: String";
  const union = entities.length > 0 ? `scalar _Any union _Entity = ${entities.join(" | ")}` : "";
  const added = parse(`${hasQuery ? "extend " : ""}type Query { ${field} } ${union}`);
  const definitions = [...plain.definitions, ...added.definitions];
  return extended({ kind: Kind.DOCUMENT, definitions });
}

/** `buildASTSchema` reads no extensions: the one of the query is put into its type. */
function extended({ kind, definitions }: DocumentNode): GraphQLSchema {
  const extension = definitions.find((node) => node.kind === Kind.OBJECT_TYPE_EXTENSION);
  const merged = definitions.flatMap((node) => {
    if (node === extension) return [];
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || node.name.value !== extension?.name.value) return [node];
    return [{ ...node, fields: [...(node.fields ?? []), ...(extension.fields ?? [])] }];
  });
  return buildASTSchema({ kind, definitions: merged }, { assumeValid: true, assumeValidSDL: true });
}
