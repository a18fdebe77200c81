/**
 * What does a decision do to a request?
 *
 * It approves or rejects it, or opens a review; the same for every kind of request. A rejection is final.
 */
import type { Verdict } from "../../../schema/verdict.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import type { States } from "../../../schema/states.ts";
import type { Tx } from "../database/database.ts";
import type { Tell } from "../webhooks/tell.ts";
import { openReview } from "./reviews.ts";

export const REQUEST_STATES: States<RequestStatus> = {
  UNDECIDED: ["APPROVED", "REJECTED", "IN_REVIEW", "FAILED"],
  IN_REVIEW: ["APPROVED", "REJECTED"],
  APPROVED: ["FULFILLED", "FAILED"],
  // An operator retried its effect: of the decision, or of what was approved.
  FAILED: ["APPROVED", "REJECTED", "IN_REVIEW", "FULFILLED"],
  REJECTED: [],
  FULFILLED: [],
};

/** Also one that failed before it was decided. */
export function isUndecided(request: {
  readonly status: RequestStatus;
  readonly evaluationId?: string | null;
}): boolean {
  return request.status === "UNDECIDED" || (request.status === "FAILED" && (request.evaluationId ?? null) === null);
}

/** A request's next status, and what it follows from. */
export interface RequestMove {
  readonly status: RequestStatus;
  readonly evaluationId?: string;
  readonly reviewId?: string;
}

export interface RequestDecision {
  /** Selects the handler of a review's verdict. */
  readonly kind: string;
  /** The request's id in the graph. */
  readonly subject: string;
  readonly decided: { readonly id: string; readonly verdict: Verdict; readonly queue: string | null };
  readonly at: Date;
}

/** The queue of a review if no rule names one. */
export const DEFAULT_QUEUE = "general";

/** Opens a review if the verdict is REVIEW. */
export async function moveAfterDecision(
  tx: Tx,
  tell: Tell,
  { kind, subject, decided, at }: RequestDecision,
): Promise<RequestMove> {
  const { id: evaluationId, verdict, queue } = decided;
  if (verdict === "ALLOW") return { status: "APPROVED", evaluationId };
  if (verdict === "DENY") return { status: "REJECTED", evaluationId };
  const review = { kind, subject, queue: queue ?? DEFAULT_QUEUE, evaluationId, openedAt: at };
  return { status: "IN_REVIEW", evaluationId, reviewId: await openReview(tx, tell, review) };
}

/** A request's status after its review. */
export function statusAfterReview(verdict: Verdict | null): RequestStatus {
  return verdict === "ALLOW" ? "APPROVED" : "REJECTED";
}
