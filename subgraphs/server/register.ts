/** What says which records belong to which account? What a subgraph keeps of its own entities. */

export interface Register {
  /** Resolves once that is known. Rejects where it is not, and why. */
  ready(): Promise<unknown>;
}
