/**
 * What was decided before, by the id it has in the ledger?
 *
 * For whoever shows what something was done by, or repeats what was done: it is read, never evaluated again. All that a
 * request recalls in one tick is one look at the ledger.
 */
import DataLoader from "dataloader";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { Decision, FactTypes } from "./decision.ts";
import type { Evaluation } from "./ledger.ts";
import { decidedBy } from "./loader.ts";
import type { Decided } from "./loader.ts";
import type { Models } from "./models.ts";

/** Rejects where the ledger has no such evaluation, or one of another model. */
export type Recall = <Inputs extends FactTypes, Answer extends object>(
  context: Context,
  decision: Decision<Inputs, Answer>,
  evaluationId: string,
) => Promise<Decided<Answer>>;

/** The ledger, as far as it is read here. */
export interface RecordedEvaluations {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (Evaluation | undefined)[]>;
}

export function createRecall(evaluations: RecordedEvaluations, models: Models): Recall {
  const loaderOf = perRequest(
    () =>
      new DataLoader(async (ids: readonly string[]) => (await evaluations.byIds(ids)).map((found) => found ?? null)),
  );
  return async (context, decision, evaluationId) => {
    const found = await loaderOf(context).load(evaluationId);
    if (found?.model !== decision.key) throw new Error(`the ledger has no ${decision.key} ${evaluationId}`);
    const { id, version, facts, factsDigest, rows, origin, decidedAt, expiresAt } = found;
    const outcome = {
      id,
      model: { key: decision.key, version },
      factsDigest,
      rows,
      origin,
      decidedAt: Number(decidedAt),
      expiresAt: Number(expiresAt),
    };
    return decidedBy(decision, outcome, models, facts);
  };
}
