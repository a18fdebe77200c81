/**
 * Which decision does a command answer: that of this call, or that of an earlier call with the same idempotency key?
 *
 * The one that its result names. What this call decided is dropped if another call committed first; then the ledger has the
 * decision. Nothing is evaluated a second time.
 */
import type { Decision, FactTypes } from "../pipeline/decision.ts";
import type { Decided } from "../pipeline/loader.ts";
import type { Recall } from "../pipeline/recall.ts";
import type { Context } from "../platform/context.ts";

export interface Made<Own> {
  /** Of the evaluation that was committed. */
  readonly evaluationId: string;
  /** By this call; undefined if it repeats an earlier one, an Error if it could not decide. */
  readonly decided: Own | Error | undefined;
}

export async function decidedOrRecalled<
  Inputs extends FactTypes,
  Answer extends object,
  Own extends { readonly id: string },
>(
  recall: Recall,
  context: Context,
  decision: Decision<Inputs, Answer>,
  { evaluationId, decided }: Made<Own>,
): Promise<Own | Decided<Answer>> {
  const isOwn = decided !== undefined && !(decided instanceof Error) && decided.id === evaluationId;
  return isOwn ? decided : recall(context, decision, evaluationId);
}
