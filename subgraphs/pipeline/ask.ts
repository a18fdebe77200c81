/**
 * What passes through the decision pipeline?
 *
 * An ask goes in; an outcome or a DecisionError comes out at the same index. `Decide` is the one seam: the service is one,
 * the cache wraps one, and the loader is its per-request end. A batch never rejects: a failed ask is a value at its index,
 * so the rest of the batch is still answered.
 */
import type { Origin, Verdict } from "../../schema/verdict.ts";
import type { IsWanted } from "../platform/wanted.ts";
import type { Wave } from "../platform/wave.ts";
import { comeBackIn, upstreamErrorIn } from "../platform/upstream-error.ts";
import type { Facts, Row } from "./table/table.ts";

export interface Ask {
  /** The key of the model: `placement_review`. */
  readonly model: string;
  readonly facts: Facts;
  /** The id of the subject, as clients see it. For the ledger alone; not part of the question. */
  readonly subject: string;
  /** For the ledger alone. */
  readonly caller: string;
  /** It is not sent once nobody waits for it. Default: somebody always does. */
  readonly isWanted?: IsWanted | undefined;
  /** Told what becomes of it. Default: nobody is. */
  readonly wave?: Wave | undefined;
}

/** One evaluation, by the decision service or a local table. Shared between requests, so frozen. */
export interface Outcome {
  /** The id of the evaluation. */
  readonly id: string;
  readonly model: ModelRef;
  /** A digest of the facts that were evaluated: an asker with other facts got an equivalent answer. */
  readonly factsDigest: string;
  /** One for each rule that matched, in an order that does not depend on the service's (see rows.ts); at least one. */
  readonly rows: readonly Row[];
  /** Of all rows: the severest. */
  readonly verdict: Verdict;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
  readonly expiresAt: number;
  readonly origin: Origin;
}
/** `version` as the service reports it; `unknown` while it reports none. */
export interface ModelRef {
  readonly key: string;
  readonly version: string;
}

export type Decide = (asks: readonly Ask[]) => Promise<readonly (Outcome | DecisionError)[]>;

export type DecisionErrorCode =
  /** The service answered without a verdict: no rows (also how a failed evaluation looks), or an unknown verdict. */
  | "DECISION_UNDETERMINED"
  /** The service is down or overloaded, or its answer cannot be read. */
  | "DECISION_UNAVAILABLE"
  | "DECISION_TIMEOUT"
  /** The service refused the ask: an unknown model, a fact of the wrong type. */
  | "DECISION_REJECTED";

/** Why there is no decision. Clients get it together with null, so nothing is eligible by accident. */
export class DecisionError extends Error {
  override readonly name = "DecisionError";
  readonly code: DecisionErrorCode;
  /** For GraphQL clients. `retryAfter`: in how many seconds to come back, if the service said so. */
  readonly extensions: Readonly<{
    code: DecisionErrorCode;
    decision: string;
    retryable: boolean;
    retryAfter?: number;
  }>;

  constructor(code: DecisionErrorCode, model: string, state: string, retryable: boolean, cause?: unknown) {
    super(`Cannot decide ${model}: ${state}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.extensions = { code, decision: model, retryable, ...comeBackIn(upstreamErrorIn(cause)) };
  }
}
