/** Which data sources does this subgraph have, and how are reads batched? */
import DataLoader from "dataloader";
import { accountsFor } from "../platform/accounts.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { EffectRecords } from "../records/outbox/effect-records.ts";
import type { Outbox } from "../records/outbox/outbox.ts";
import type { ReceiptKeys } from "../platform/signing/receipt-keys.ts";
import type { KeptTable, TableVersions } from "../records/decisions/model-versions.ts";
import type { CandidateRecord, CandidateRecords, LastDeployment } from "../records/decisions/candidates.ts";
import type { EvaluationRecords } from "../records/decisions/ledger.ts";
import type { Mutate } from "../records/mutations/mutation.ts";
import type { ReviewRecords, ReviewHandler } from "../records/decisions/reviews.ts";
import { toEvaluation } from "./evaluation.ts";
import type { Evaluation } from "./evaluation.ts";
import { createCandidateProofs } from "./candidate-proofs.ts";
import type { CandidateProofs } from "./candidate-proofs.ts";
import { createImpactRuns } from "./impact-runs.ts";
import type { StartImpact } from "./impact-runs.ts";
import { toEffect } from "./effect.ts";
import type { Effect } from "./effect.ts";
import type { Activity } from "../pipeline/activity/activity.ts";
import type { Models } from "../pipeline/models.ts";
import type { Rule } from "../pipeline/table/table.ts";
import { toReview } from "./review.ts";
import type { Review } from "./review.ts";
import type { Trust } from "../pipeline/trust.ts";
import type { Versions } from "../pipeline/versions.ts";
import type { Population } from "../server/populations.ts";
import type { Register } from "../server/register.ts";

export interface DecisionSources {
  readonly models: Models;
  readonly versions: Pick<Versions, "running">;
  readonly trust: Pick<Trust, "of" | "isTableHere">;
  /** Of all processes. */
  readonly activity: () => Promise<Activity>;
  readonly evaluations: EvaluationRecords;
  readonly tables: TableVersions;
  /** By which receipts are signed; undefined: there are none. */
  readonly ledgerKeys: ReceiptKeys | undefined;
  readonly reviews: ReviewRecords;
  readonly candidates: CandidateRecords;
  readonly effects: EffectRecords;
  readonly outbox: Pick<Outbox, "retry" | "drop">;
  /** Resolves once all evaluations of this process are in the ledger. */
  readonly written: () => Promise<void>;
  /** Of all subgraphs: filled as they are made. */
  readonly populations: readonly Population[];
  /** Each resolves once it is known what belongs to which account. */
  readonly registers: readonly Register[];
  readonly mutate: Mutate;
  /** Of all subgraphs with reviews. */
  readonly reviewHandlers: readonly ReviewHandler[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface DecisionServices extends DecisionSources {
  /** The caller's accounts, once it is known what belongs to them; undefined for all. */
  readonly accounts: (context: Context) => Promise<readonly string[] | undefined>;
  readonly startImpact: StartImpact;
  readonly proofs: CandidateProofs;
  readonly load: (context: Context) => DecisionLoaders;
}

export interface DecisionLoaders {
  /** By a model's key: of a rule of it, how many of its last evaluations it matched. */
  readonly matchedBy: (model: string) => (rule: Rule) => Promise<number>;
  /** By a model's key: its tables that are kept, the newest version first. */
  readonly tables: DataLoader<string, readonly KeptTable[]>;
  /** By its id in the graph. */
  readonly evaluation: DataLoader<string, Evaluation | null>;
  /** By its id in the records. */
  readonly review: DataLoader<string, Review | null>;
  /** By its id in the records. */
  readonly effect: DataLoader<string, Effect | null>;
  /** By its id in the records. */
  readonly candidate: DataLoader<string, CandidateRecord | null>;
  /** By a model's key. */
  readonly lastDeployment: DataLoader<string, LastDeployment | undefined>;
}

export function decisionServices(sources: DecisionSources): DecisionServices {
  const { evaluations, tables, reviews, effects, candidates, registers, written } = sources;
  const accounts = perRequest(async (context) => {
    const own = accountsFor(context);
    if (own !== undefined) await Promise.all(registers.map((register) => register.ready()));
    return own;
  });
  const load = perRequest((context) => ({
    matchedBy: matchedBy(
      new DataLoader(async (keys: readonly string[]) => {
        const own = await accounts(context);
        return Promise.all(keys.map((model) => evaluations.matches({ model, accounts: own })));
      }),
    ),
    tables: new DataLoader((keys: readonly string[]) => Promise.all(keys.map((model) => tables.of(model)))),
    evaluation: new DataLoader<string, Evaluation | null>(async (ids) => {
      await written();
      return (await evaluations.byIds(ids, await accounts(context))).map((record) =>
        record ? toEvaluation(record) : null,
      );
    }),
    review: new DataLoader<string, Review | null>(async (ids) =>
      (await reviews.byIds(ids, await accounts(context))).map((record) => (record ? toReview(record) : null)),
    ),
    effect: new DataLoader<string, Effect | null>(async (ids) =>
      (await effects.byIds(ids, await accounts(context))).map((record) => (record ? toEffect(record) : null)),
    ),
    candidate: new DataLoader(async (ids: readonly string[]) =>
      (await candidates.byIds(ids)).map((record) => record ?? null),
    ),
    lastDeployment: new DataLoader((models: readonly string[]) =>
      Promise.all(models.map((model) => candidates.lastDeployment(model))),
    ),
  }));
  return {
    ...sources,
    accounts,
    startImpact: createImpactRuns(sources),
    proofs: createCandidateProofs(sources.models),
    load,
  };
}

/** Of the loader of a model's matches, by the code of a reason. */
function matchedBy(matches: DataLoader<string, ReadonlyMap<string, number>>): DecisionLoaders["matchedBy"] {
  return (model) =>
    async ({ row }) =>
      (await matches.load(model)).get(String(row["reason_code"])) ?? 0;
}
