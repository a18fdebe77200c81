/** Which data sources does this subgraph have, and how are reads batched? */
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
import type { Trust } from "../pipeline/trust.ts";
import type { Versions } from "../pipeline/versions.ts";

export interface DecisionSources {
  readonly models: Models;
  readonly versions: Pick<Versions, "running">;
  readonly trust: Pick<Trust, "of">;
  readonly evaluations: EvaluationRecords;
  readonly reviews: ReviewRecords;
  readonly effects: EffectRecords;
  /** Resolves once all evaluations of this process are in the ledger. */
  readonly written: () => Promise<void>;
  readonly mutate: Mutate;
  /** Of all subgraphs with reviews. */
  readonly reviewHandlers: readonly ReviewHandler[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface DecisionServices extends DecisionSources {
  readonly load: (context: Context) => DecisionLoaders;
}

export interface DecisionLoaders {
  /** By its id in the graph. */
  readonly evaluation: DataLoader<string, Evaluation | null>;
  /** By its id in the records. */
  readonly review: DataLoader<string, Review | null>;
}

export function decisionServices(sources: DecisionSources): DecisionServices {
  const { evaluations, reviews, written } = sources;
  const load = perRequest(() => ({
    evaluation: new DataLoader<string, Evaluation | null>(async (ids) => {
      await written();
      return (await evaluations.byIds(ids)).map((record) => (record ? toEvaluation(record) : null));
    }),
    review: new DataLoader<string, Review | null>(async (ids) =>
      (await reviews.byIds(ids)).map((record) => (record ? toReview(record) : null)),
    ),
  }));
  return { ...sources, load };
}
