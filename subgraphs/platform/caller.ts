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
  /** When its credentials expire, in milliseconds since the epoch. Default: never. */
  readonly expiresAt?: number | undefined;
}

/** Where nobody is asked who they are: anybody, who may do everything. */
export const ANYBODY: Caller = withAllRights("anonymous");

/** For work that the product does by itself, or has accepted from a caller of this id before. */
export function withAllRights(id: string): Caller {
  return { id, scopes: new Set(SCOPES), accounts: undefined };
}

/** Accounts are sent with every call to a subgraph, in one header. */
const MAX_ACCOUNTS_BYTES = 6000;
const ACCOUNT = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** What is wrong with the accounts that a token or a key names; undefined where nothing is. */
export function problemOfAccounts(accounts: readonly string[]): string | undefined {
  if (!accounts.every((account) => ACCOUNT.test(account))) return "expected accounts of 1 to 200 characters";
  if (Buffer.byteLength(JSON.stringify(accounts)) > MAX_ACCOUNTS_BYTES) return "expected fewer accounts";
  return undefined;
}

/** Whether the caller has not said who they are. */
export function isAnonymous({ id }: Pick<Caller, "id">): boolean {
  return id === ANYBODY.id;
}
