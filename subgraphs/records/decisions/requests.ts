/**
 * What becomes of something that was asked for, once the rules have said their word?
 *
 * Approved, rejected, or somebody looks at it first; whatever was asked for. A request is as good as its word only in one
 * direction: what was rejected stays rejected.
 */
import type { Verdict } from "../../../schema/verdict.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import type { States } from "../../../schema/states.ts";
import type { Tx } from "../database/database.ts";
import { openReview } from "./reviews.ts";

export const REQUEST_STATES: States<RequestStatus> = {
  UNDECIDED: ["APPROVED", "REJECTED", "IN_REVIEW"],
  IN_REVIEW: ["APPROVED", "REJECTED"],
  APPROVED: ["FULFILLED", "FAILED"],
  // Somebody saw to it that it could be carried out after all.
  FAILED: ["FULFILLED"],
  REJECTED: [],
  FULFILLED: [],
};

/** Where a request goes, and by what. */
export interface RequestMove {
  readonly status: RequestStatus;
  readonly evaluationId?: string;
  readonly reviewId?: string;
}

export interface Ruling {
  /** Of the subject: who acts on what a reviewer says. */
  readonly kind: string;
  /** As clients call it. */
  readonly subject: string;
  readonly decided: { readonly id: string; readonly verdict: Verdict; readonly queue: string | null };
  readonly at: Date;
}

/** Who reviews what no rule names anybody for. */
export const ANY_QUEUE = "general";

/** Opens a review where the rules want one. */
export async function moveBy(tx: Tx, { kind, subject, decided, at }: Ruling): Promise<RequestMove> {
  const { id: evaluationId, verdict, queue } = decided;
  if (verdict === "ALLOW") return { status: "APPROVED", evaluationId };
  if (verdict === "DENY") return { status: "REJECTED", evaluationId };
  const review = { kind, subject, queue: queue ?? ANY_QUEUE, evaluationId, openedAt: at };
  return { status: "IN_REVIEW", evaluationId, reviewId: await openReview(tx, review) };
}

/** Where a request goes by what a reviewer said of it. */
export function reviewedTo(verdict: Verdict | null): RequestStatus {
  return verdict === "ALLOW" ? "APPROVED" : "REJECTED";
}
