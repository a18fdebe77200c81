/**
 * What was decided by an evaluation of the ledger?
 *
 * For showing the decision that a record rests on, and for repeating a command: it is read, never evaluated again. All
 * evaluations that a request recalls in one tick are one read of the ledger.
 */
import DataLoader from "dataloader";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { Decision, FactTypes } from "./decision.ts";
import type { Evaluation } from "./ledger.ts";
import { decidedBy } from "./loader.ts";
import type { Decided } from "./loader.ts";
import type { Pipeline } from "./pipeline.ts";

/** Rejects where the ledger has no such evaluation, or one of another model. */
export type Recall = <Inputs extends FactTypes, Answer extends object>(
  context: Context,
  decision: Decision<Inputs, Answer>,
  evaluationId: string,
) => Promise<Decided<Answer>>;

/** The part of the ledger that is read. */
export interface RecordedEvaluations {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (Evaluation | undefined)[]>;
}

export function createRecall(
  evaluations: RecordedEvaluations,
  { models, trust }: Pick<Pipeline, "models" | "trust">,
): Recall {
  const loaderOf = perRequest(
    () =>
      new DataLoader(async (ids: readonly string[]) =>
        (await evaluations.byIds(ids)).map((evaluation) => evaluation ?? null),
      ),
  );
  return async (context, decision, evaluationId) => {
    const evaluation = await loaderOf(context).load(evaluationId);
    if (evaluation?.model !== decision.key) throw new Error(`the ledger has no ${decision.key} ${evaluationId}`);
    const { id, version, facts, factsDigest, rows, verdict, origin, decidedAt, expiresAt } = evaluation;
    const outcome = {
      id,
      model: { key: decision.key, version },
      factsDigest,
      rows,
      verdict,
      origin,
      decidedAt: Number(decidedAt),
      expiresAt: Number(expiresAt),
    };
    return decidedBy(decision, outcome, { models, trust, facts });
  };
}
