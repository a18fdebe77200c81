/**
 * What travels through the decision pipeline?
 *
 * An ask goes in; an outcome or a DecisionError comes out at the same index. `Decide` is the one seam: the service
 * is one, the cache is one around it, and the loader is the per-request end of it. A batch never rejects: what goes
 * wrong with one ask is a value at its index, so its neighbours are answered.
 */
import type { Origin } from "../../schema/verdict.ts";
import type { Facts, Row } from "./table/table.ts";

export interface Ask {
  /** The key of the model: `placement_review`. */
  readonly model: string;
  readonly facts: Facts;
  /** Whom it is about, as clients call them; for the ledger alone: it is no part of the question. */
  readonly subject: string;
  /** Who asks; for the ledger alone. */
  readonly caller: string;
}

/** What the decision service (or the table here) said, once. Shared between requests, so frozen. */
export interface Outcome {
  /** The evaluation's id. */
  readonly id: string;
  readonly model: ModelRef;
  /** A digest of the facts that were evaluated: tells who got an answer of their own from who shares one. */
  readonly factsDigest: string;
  /** One a matched rule, in the table's order; never none. */
  readonly rows: readonly Row[];
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
  readonly expiresAt: number;
  readonly origin: Origin;
}
/** `version` as the service reports it, or `unknown` while it does not. */
export interface ModelRef {
  readonly key: string;
  readonly version: string;
}

export type Decide = (asks: readonly Ask[]) => Promise<readonly (Outcome | DecisionError)[]>;

export type DecisionErrorCode =
  /** The service answered, but not with a verdict: no rows (also how a failed evaluation looks), or an unknown one. */
  | "DECISION_UNDETERMINED"
  /** The service is away, overloaded, or answers what nobody understands. */
  | "DECISION_UNAVAILABLE"
  /** No answer in time. */
  | "DECISION_TIMEOUT"
  /** The service refused the ask: an unknown model, a fact of the wrong type. */
  | "DECISION_REJECTED";

/** Why there is no decision. Clients see it beside a null: nothing is ever eligible by accident. */
export class DecisionError extends Error {
  override readonly name = "DecisionError";
  readonly code: DecisionErrorCode;
  /** What GraphQL clients read. */
  readonly extensions: Readonly<{ code: DecisionErrorCode; decision: string; retryable: boolean }>;

  constructor(code: DecisionErrorCode, model: string, state: string, retryable: boolean, cause?: unknown) {
    super(`Cannot decide ${model}: ${state}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.extensions = { code, decision: model, retryable };
  }
}
