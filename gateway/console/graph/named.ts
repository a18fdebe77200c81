/** How is an operation asked by its hash? The gateway has the text; the types of what goes in and comes out are the compiler's. */

export interface Operation<Data, Variables> {
  readonly documentId: string;
  /** Never there. */
  readonly types?: (variables: Variables) => Data;
}

export function named<Data, Variables>(documentId: string): Operation<Data, Variables> {
  return { documentId };
}
