/** Which decision does a payload show: this call's, or that of an earlier call with the same idempotency key? */
import type { Recall } from "../../pipeline/recall.ts";
import type { Context } from "../../platform/context.ts";
import { episodePublishing } from "../decisions/episode-publishing.ts";
import type { PublishingDecision } from "../decisions/episode-publishing.ts";

/** The one with the evaluation id: `decided` if this call made it, else the ledger's. Never a new evaluation. */
export async function recordedDecision(
  recall: Recall,
  context: Context,
  evaluationId: string,
  decided: PublishingDecision | Error | undefined,
): Promise<PublishingDecision> {
  if (decided && !(decided instanceof Error) && decided.id === evaluationId) return decided;
  return recall(context, episodePublishing, evaluationId);
}
