/** What does this subgraph know, and how does it get at it without asking one by one? */
import DataLoader from "dataloader";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { EffectRecords } from "../records/outbox/effect-records.ts";
import type { EvaluationRecords } from "../records/decisions/ledger.ts";
import type { Mutate } from "../records/mutations/mutation.ts";
import type { ReviewRecords, ReviewHandler } from "../records/decisions/reviews.ts";
import { toEvaluation } from "./evaluation.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Models } from "../pipeline/models.ts";
import { toReview } from "./review.ts";
import type { Review } from "./review.ts";
import type { Versions } from "../pipeline/versions.ts";

export interface DecisionSources {
  readonly models: Models;
  readonly versions: Pick<Versions, "running">;
  readonly evaluations: EvaluationRecords;
  readonly reviews: ReviewRecords;
  readonly effects: EffectRecords;
  /** Resolves once what was evaluated in this process is written down. */
  readonly written: () => Promise<void>;
  readonly mutate: Mutate;
  /** Whoever has something reviewHandlers. */
  readonly reviewHandlers: readonly ReviewHandler[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface DecisionServices extends DecisionSources {
  readonly load: (context: Context) => DecisionLoaders;
}

export interface DecisionLoaders {
  /** As clients call it. */
  readonly evaluation: DataLoader<string, Evaluation | null>;
  /** By the record's id. */
  readonly review: DataLoader<string, Review | null>;
}

export function decisionServices(sources: DecisionSources): DecisionServices {
  const { evaluations, reviews, written } = sources;
  const load = perRequest(() => ({
    evaluation: new DataLoader<string, Evaluation | null>(async (ids) => {
      await written();
      return (await evaluations.byIds(ids)).map((found) => (found ? toEvaluation(found) : null));
    }),
    review: new DataLoader<string, Review | null>(async (ids) =>
      (await reviews.byIds(ids)).map((found) => (found ? toReview(found) : null)),
    ),
  }));
  return { ...sources, load };
}
