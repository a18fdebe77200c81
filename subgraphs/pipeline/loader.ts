/**
 * How does a resolver get a decision?
 *
 * It loads it. All decisions of a request share one loader: whatever its fields ask for in one tick is one batch, and asks
 * of the same identity are one ask. A resolver calls this before any I/O of its own, which would split the batch.
 */
import DataLoader from "dataloader";
import type { Origin } from "../../schema/verdict.ts";
import { monotonic } from "../platform/clock.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import { spanHere, spanning } from "../platform/tracing/span.ts";
import type { Way } from "../platform/wave.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, ModelRef, Outcome } from "./ask.ts";
import type { Decision, FactTypes, FactsOf, RowOrder } from "./decision.ts";
import { explain } from "./explain.ts";
import type { Explanation } from "./explain.ts";
import { explanationsOf } from "./explanations.ts";
import type { Explanations } from "./explanations.ts";
import { orDecisionError } from "./failures.ts";
import { createFit } from "./fit.ts";
import type { Fitted } from "./fit.ts";
import { areSameFacts, factsDigest } from "./identity.ts";
import type { Identify } from "./identity.ts";
import type { Metrics } from "./metrics.ts";
import type { Models } from "./models.ts";
import type { Facts } from "./table/table.ts";
import type { Trust } from "./trust.ts";
import { answerOf, reasonOf } from "./verdict.ts";
import type { Judgement, Reason } from "./verdict.ts";
import type { Verification } from "./verify.ts";

export interface LoaderOptions {
  readonly decide: Decide;
  /** The same without the cache. */
  readonly evaluate: Decide;
  /** Resolves once all that was evaluated is in the ledger. */
  readonly written: () => Promise<void>;
  readonly identify: Identify;
  readonly identifyByFacts: Identify;
  readonly models: Models;
  readonly trust: Pick<Trust, "isTableHere">;
  readonly verification?: Pick<Verification, "consider"> | undefined;
  readonly metrics?: Pick<Metrics, "asked" | "answered" | "failed" | "batched"> | undefined;
  /** Milliseconds that only ever go forward. */
  readonly elapsed?: () => number;
}

/** The fields that all decisions share, and the decision's own. */
export type Decided<Answer> = Pick<Judgement<Answer>, "verdict"> &
  Explanations &
  Answer & {
    /** In the order of the rules that matched. */
    readonly reasons: readonly (Reason & Explanation)[];
    /** Of the evaluation: shared by all that share it. */
    readonly id: string;
    readonly model: ModelRef;
    readonly eligible: boolean;
    readonly decidedAt: Date;
    readonly expiresAt: Date;
    readonly origin: Origin;
  };

/** `subject` is the id of the subject, as clients see it. Rejects with a DecisionError where there is no decision. */
export type DecideFor = <Inputs extends FactTypes, Answer extends object>(
  context: Context,
  decision: Decision<Inputs, Answer>,
  facts: FactsOf<Inputs>,
  subject: string,
) => Promise<Decided<Answer>>;

export interface Loader {
  /** For reads: in one batch with all else that the request asks for in the same tick. */
  readonly decide: DecideFor;
  /**
   * For commands: exactly these facts, evaluated now for this subject alone, and in the ledger when it resolves. The
   * price is a call that a shared answer could save.
   */
  readonly decideAnew: DecideFor;
}

export function createLoader(options: LoaderOptions): Loader {
  const {
    decide,
    evaluate,
    written,
    identify,
    identifyByFacts,
    models,
    trust,
    verification,
    metrics,
    elapsed = monotonic,
  } = options;
  const fit = createFit({ models, isTableHere: trust.isTableHere });
  const loadersOf = perRequest((context) => {
    /** Fields that have asked since the last batch. */
    const fields = { asked: 0 };
    const decideBatch = batch(context, fields);
    const loader = new DataLoader<Ask, Shared, string>(
      async (asks) => {
        const results = await decideBatch(asks);
        // What was evaluated may have proven by now that it counts for all of its class: see trust.ts.
        for (const [index, result] of results.entries()) {
          const ask = asks[index];
          if (ask && !(result instanceof DecisionError) && result.outcome.origin === "SERVICE")
            loader.prime(ask, result);
        }
        return results;
      },
      { cacheKeyFn: identify },
    );
    return {
      fields,
      shared: loader,
      own: new DataLoader<Ask, Shared, string>(decideBatch, { cacheKeyFn: identifyByFacts }),
    };
  });

  return {
    decide: counted(async (context, ask) => {
      const loaders = loadersOf(context);
      loaders.fields.asked += 1;
      let given = await loaders.shared.load(ask);
      let fitted = fit(given.outcome, ask);
      if (!fitted) {
        given = await loaders.own.load(ask);
        fitted = fit(given.outcome, ask) ?? notItsOwn(ask);
      }
      const { outcome, order } = fitted;
      const origin = originFor(given, ask.facts);
      const way = ask.wave && wayOf(given, ask, origin);
      if (origin === "EQUIVALENT" || origin === "LOCAL") verification?.consider(ask, outcome);
      return { outcome: { ...outcome, origin }, order, way };
    }),
    decideAnew: counted(async ({ wave }, ask) => {
      const startedAt = elapsed();
      const [outcome] = await inSpan(evaluate, [ask], 1);
      wave?.batched(new Set([ask.model]), elapsed() - startedAt);
      if (outcome === undefined) throw new RangeError("Decide must answer every ask: got no answer");
      if (outcome instanceof DecisionError) throw outcome;
      await written();
      return {
        ...(fit(outcome, ask) ?? notItsOwn(ask)),
        way: wave && (outcome.origin === "LOCAL" ? "local" : "called"),
      };
    }),
  };

  function counted(outcomeOf: (context: Context, ask: Ask) => Promise<Answered>): DecideFor {
    return async (context, decision, facts, subject) => {
      const { key } = decision;
      metrics?.asked(key);
      try {
        const { caller, isWanted, wave } = context;
        const ask: Ask = { model: key, facts, subject, caller: caller.id, isWanted, wave };
        const { outcome, order, way } = await outcomeOf(context, ask);
        // By now another table may run, which leaves the order of the rows unknown.
        const decided = orDecisionError(ask, context.log, () =>
          decidedBy(decision, outcome, { models, trust, facts, order }),
        );
        if (decided instanceof DecisionError) throw decided;
        metrics?.answered(key, decided.origin, decided.verdict);
        if (way) wave?.answered(key, way);
        return decided;
      } catch (error) {
        metrics?.failed(key, error instanceof DecisionError ? error.code : "INTERNAL");
        context.wave?.failed(key);
        throw error;
      }
    };
  }

  function batch(context: Context, fields: { asked: number }) {
    return async (asks: readonly Ask[]): Promise<readonly (Shared | DecisionError)[]> => {
      if (!context.isWanted()) return asks.map(unwanted);
      const startedAt = elapsed();
      const asked = fields.asked;
      fields.asked = 0;
      const results = await inSpan(decide, asks, asked);
      const ms = elapsed() - startedAt;
      metrics?.batched(asks.length, ms);
      context.wave?.batched(new Set(asks.map(({ model }) => model)), ms);
      const errors = results.filter((result) => result instanceof DecisionError);
      const cached = results.filter((result) => !(result instanceof DecisionError) && result.origin === "CACHE");
      const line = {
        decisions: [...new Set(asks.map(({ model }) => model))],
        distinct: asks.length,
        cached: cached.length,
        errors: errors.length,
        ms: Math.round(ms),
      };
      if (errors.length === 0) context.log.info(line, "decided");
      else context.log.warn({ ...line, reasons: reasonsOf(errors) }, "decided in part");
      return asks.map((sent, index) => {
        const outcome = results[index];
        if (outcome === undefined)
          throw new RangeError(`Decide must answer every ask: got ${results.length} for ${asks.length}`);
        return outcome instanceof DecisionError ? outcome : { outcome, sent };
      });
    };
  }
}

/** Shows of a batch how many fields asked, how many classes of facts they fall into, and how many calls that takes. */
function inSpan(decide: Decide, asks: readonly Ask[], asked: number): ReturnType<Decide> {
  const span = spanHere()?.begin("decide", {
    "decibel.decisions": [...new Set(asks.map(({ model }) => model))],
    "decibel.decision.asks": Math.max(asked, asks.length),
    "decibel.decision.classes": asks.length,
    "decibel.decision.calls": 0,
  });
  if (!span) return decide(asks);
  return spanning(span, async () => {
    const results = await decide(asks);
    const origins = Map.groupBy(results, (result) => (result instanceof DecisionError ? "ERROR" : result.origin));
    for (const [origin, { length }] of origins) span.set({ [`decibel.decision.${origin.toLowerCase()}`]: length });
    return results;
  });
}

function unwanted({ model }: Ask): DecisionError {
  return new DecisionError("DECISION_TIMEOUT", model, "nobody waits for it any more", true);
}

/** What all asks of one identity share. */
interface Shared {
  readonly outcome: Outcome;
  /** The one ask that was sent for all of them. */
  readonly sent: Ask;
}

interface Answered extends Fitted {
  /** Where the request has a wave. */
  readonly way: Way | undefined;
}

/** EQUIVALENT where other facts were evaluated. That an outcome is stale or local matters more, and stays. */
function originFor({ outcome, sent }: Shared, facts: Facts): Origin {
  const { origin } = outcome;
  if (origin === "STALE" || origin === "LOCAL") return origin;
  return wereEvaluated(facts, outcome, sent.facts) ? origin : "EQUIVALENT";
}

const WAYS: Readonly<Record<Origin, Way>> = {
  STALE: "stale",
  EQUIVALENT: "equivalent",
  SERVICE: "called",
  CACHE: "cached",
  LOCAL: "local",
};

/** How an ask was answered, by an answer of this origin. */
function wayOf({ sent }: Shared, ask: Ask, origin: Origin): Way {
  if (origin === "STALE" || origin === "EQUIVALENT") return WAYS[origin];
  const isSent = sent === ask;
  if (!isSent && areSameFacts(sent.facts, ask.facts)) return "joined";
  // It was not called for itself: its question was in flight for another ask.
  if (origin === "SERVICE" && (!isSent || ask.wave?.hasJoined(ask))) return "joined";
  return origin === "LOCAL" && !isSent ? "equivalent" : WAYS[origin];
}

/** Hashes the facts of an asker only if they differ from the sent facts, and those were not evaluated either. */
function wereEvaluated(facts: Facts, { factsDigest: evaluated }: Outcome, sentFacts: Facts): boolean {
  const wereSentFactsEvaluated = factsDigest(sentFacts) === evaluated;
  if (areSameFacts(facts, sentFacts)) return wereSentFactsEvaluated;
  return !wereSentFactsEvaluated && factsDigest(facts) === evaluated;
}

/** An outcome as clients see it. Throws an UndecidedError where it is not one of this decision. */
export function decidedBy<Inputs extends FactTypes, Answer extends object>(
  decision: Decision<Inputs, Answer>,
  outcome: Outcome,
  {
    models,
    trust,
    facts,
    order,
  }: {
    readonly models: Models;
    readonly trust: Pick<Trust, "isTableHere">;
    readonly facts: Facts;
    /** Of its rows. Default: they are in the order of the rules. */
    readonly order?: RowOrder;
  },
): Decided<Answer> {
  const { verdict, rows } = outcome;
  const model = models.get(decision.key);
  const rules = explain(model?.compiled, facts, outcome, trust.isTableHere);
  return {
    ...answerOf(decision, outcome, order),
    ...explanationsOf(model, facts, outcome, trust.isTableHere),
    verdict,
    reasons: rows.map((row, index) => {
      const { code, message, verdict: own } = reasonOf(row);
      const { rule, reconstructed } = rules[index] ?? UNKNOWN;
      return { code, message, verdict: own, rule, reconstructed };
    }),
    id: outcome.id,
    model: outcome.model,
    eligible: verdict === "ALLOW",
    decidedAt: new Date(outcome.decidedAt),
    expiresAt: new Date(outcome.expiresAt),
    origin: outcome.origin,
  };
}

function notItsOwn({ model }: Ask): never {
  throw new RangeError(`the answer to its own facts must be one of ${model}`);
}

const UNKNOWN: Explanation = { rule: null, reconstructed: false };

/** Distinct codes and messages, with the upstream's own message where there is one. None of them repeats a fact. */
function reasonsOf(errors: readonly DecisionError[]): readonly string[] {
  return [
    ...new Set(
      errors.map(({ code, message, cause }) => `${code}: ${cause instanceof Error ? cause.message : message}`),
    ),
  ];
}
