/**
 * Who sends a request, and what may they do?
 *
 * The gateway finds out, and tells the subgraphs with each of its calls.
 */
import { SCOPES } from "../../schema/scope.ts";

export interface Caller {
  /** Who it is, in logs, records and the ledger. */
  readonly id: string;
  /** Of SCOPES; others mean nothing here. */
  readonly scopes: ReadonlySet<string>;
  /** The accounts whose campaigns and locations exist for it; undefined for all. */
  readonly accounts: ReadonlySet<string> | undefined;
}

/** Where nobody is asked who they are: anybody, who may do everything. */
export const ANYBODY: Caller = withAllRights("anonymous");

/** For work that the product does by itself, or has accepted from a caller of this id before. */
export function withAllRights(id: string): Caller {
  return { id, scopes: new Set(SCOPES), accounts: undefined };
}

/** Whether the caller has not said who they are. */
export function isAnonymous({ id }: Pick<Caller, "id">): boolean {
  return id === ANYBODY.id;
}
