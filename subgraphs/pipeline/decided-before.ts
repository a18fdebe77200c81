/** What was decided before, by the id it has in the ledger? For whoever repeats what was done because of it. */
import type { Decision, FactTypes } from "./decision.ts";
import type { Evaluation } from "./ledger.ts";
import { decidedBy } from "./loader.ts";
import type { Decided } from "./loader.ts";
import type { Models } from "./models.ts";

/** Rejects where the ledger has no such evaluation, or one of another model. */
export type DecidedBefore = <Inputs extends FactTypes, Answer extends object>(
  decision: Decision<Inputs, Answer>,
  evaluationId: string,
) => Promise<Decided<Answer>>;

/** The ledger, as far as it is read here. */
export interface RecordedEvaluations {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (Evaluation | undefined)[]>;
}

export function createDecidedBefore(evaluations: RecordedEvaluations, models: Models): DecidedBefore {
  return async (decision, evaluationId) => {
    const [found] = await evaluations.byIds([evaluationId]);
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
