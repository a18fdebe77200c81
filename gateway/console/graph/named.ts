/** How is an operation asked by its hash? As a document without definitions: the gateway has the text. */
import type { TypedDocumentNode } from "@urql/core";

export function named<Data, Variables>(documentId: string): TypedDocumentNode<Data, Variables> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the generated code says what the text asks for
  return { kind: "Document", definitions: [], documentId } as unknown as TypedDocumentNode<Data, Variables>;
}
