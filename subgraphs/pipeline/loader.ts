/**
 * How does a resolver get a decision?
 *
 * It loads it. All decisions of a request share one loader, so whatever the fields asked for in one tick becomes one
 * batch, and asks with the same identity become one ask. A resolver calls this before any I/O of its own.
 */
import DataLoader from "dataloader";
import type { Origin } from "../../schema/verdict.ts";
import { monotonic } from "../platform/clock.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, ModelRef, Outcome } from "./ask.ts";
import type { Decision, FactTypes, FactsOf } from "./decision.ts";
import { explain } from "./explain.ts";
import type { Explanation } from "./explain.ts";
import { factsDigest } from "./identity.ts";
import type { Identify } from "./identity.ts";
import type { Metrics } from "./metrics.ts";
import type { Models } from "./models.ts";
import type { Facts } from "./table/table.ts";
import { judge } from "./verdict.ts";
import type { Judgement, Reason } from "./verdict.ts";
import type { Verification } from "./verify.ts";

export interface LoaderOptions {
  readonly decide: Decide;
  /** The same without whatever saves calls. */
  readonly evaluate: Decide;
  /** Resolves once what was evaluated is written down. */
  readonly written: () => Promise<void>;
  readonly identify: Identify;
  readonly models: Models;
  readonly verification?: Pick<Verification, "consider"> | undefined;
  readonly metrics?: Pick<Metrics, "asked" | "answered" | "failed" | "batched"> | undefined;
  /** Milliseconds that only ever go forward. */
  readonly elapsed?: () => number;
}

/** The fields every decision has, and those of its own. */
export type Decided<Answer> = Pick<Judgement<Answer>, "verdict"> &
  Answer & {
    /** In the order of the rules that matched. */
    readonly reasons: readonly (Reason & Explanation)[];
    /** The evaluation's id; shared by all who share the evaluation. */
    readonly id: string;
    readonly model: ModelRef;
    readonly eligible: boolean;
    readonly decidedAt: Date;
    readonly expiresAt: Date;
    readonly origin: Origin;
  };

/** `subject` is whom it is about, as clients call them. Rejects with a DecisionError where there is no decision. */
export type DecideFor = <Inputs extends FactTypes, Answer extends object>(
  context: Context,
  decision: Decision<Inputs, Answer>,
  facts: FactsOf<Inputs>,
  subject: string,
) => Promise<Decided<Answer>>;

export interface Loader {
  /** For what is read: with all else that the request asks for in one tick. */
  readonly decide: DecideFor;
  /**
   * For what is acted on: exactly these facts, evaluated now for this subject and nobody else, and written down when it
   * resolves. The price is a call that another answer might have saved.
   */
  readonly decideAnew: DecideFor;
}

export function createLoader(options: LoaderOptions): Loader {
  const { decide, evaluate, written, identify, models, verification, metrics, elapsed = monotonic } = options;
  const loaderOf = perRequest(
    (context) => new DataLoader<Ask, Outcome, string>(batch(context), { cacheKeyFn: identify }),
  );

  return {
    decide: counted(async (context, ask) => {
      const outcome = await loaderOf(context).load(ask);
      const origin = originFor(outcome, ask.facts);
      if (origin === "EQUIVALENT" || origin === "LOCAL") verification?.consider(ask, outcome);
      return { ...outcome, origin };
    }),
    decideAnew: counted(async (_context, ask) => {
      const [outcome] = await evaluate([ask]);
      if (outcome === undefined) throw new RangeError("Decide must answer every ask: got no answer");
      if (outcome instanceof DecisionError) throw outcome;
      await written();
      return outcome;
    }),
  };

  function counted(outcomeOf: (context: Context, ask: Ask) => Promise<Outcome>): DecideFor {
    return async (context, decision, facts, subject) => {
      const { key } = decision;
      metrics?.asked(key);
      try {
        const ask: Ask = { model: key, facts, subject, caller: context.caller };
        const decided = decidedBy(decision, await outcomeOf(context, ask), models, facts);
        metrics?.answered(key, decided.origin, decided.verdict);
        return decided;
      } catch (error) {
        metrics?.failed(key, error instanceof DecisionError ? error.code : "INTERNAL");
        throw error;
      }
    };
  }

  /** That an answer is old, or none of the service's, matters more than whose facts were evaluated. */
  function originFor({ origin, factsDigest: evaluated }: Outcome, facts: Facts): Origin {
    return origin === "STALE" || origin === "LOCAL" || evaluated === factsDigest(facts) ? origin : "EQUIVALENT";
  }

  function batch(context: Context) {
    return async (asks: readonly Ask[]): Promise<readonly (Outcome | DecisionError)[]> => {
      const startedAt = elapsed();
      const results = await decide(asks);
      const ms = elapsed() - startedAt;
      metrics?.batched(asks.length, ms);
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
      else context.log.warn({ ...line, reasons: reasonsOf(errors) }, "decided, not all of it");
      return results;
    };
  }
}

/** What an outcome means to clients, whoever asked for it. Throws an UndecidedError where it is none of this decision. */
export function decidedBy<Inputs extends FactTypes, Answer extends object>(
  decision: Decision<Inputs, Answer>,
  outcome: Outcome,
  models: Models,
  facts: Facts,
): Decided<Answer> {
  const { answer, verdict, reasons } = judge(decision, outcome.rows);
  const rules = explain(models.get(decision.key)?.compiled, facts, outcome);
  return {
    ...answer,
    verdict,
    reasons: reasons.map(({ code, message }, index) => {
      const { rule, reconstructed } = rules[index] ?? UNKNOWN;
      return { code, message, rule, reconstructed };
    }),
    id: outcome.id,
    model: outcome.model,
    eligible: verdict === "ALLOW",
    decidedAt: new Date(outcome.decidedAt),
    expiresAt: new Date(outcome.expiresAt),
    origin: outcome.origin,
  };
}

const UNKNOWN: Explanation = { rule: null, reconstructed: false };

/** Each once: the code, and what the service or the way to it said. None of them repeats a fact. */
function reasonsOf(errors: readonly DecisionError[]): readonly string[] {
  return [
    ...new Set(
      errors.map(({ code, message, cause }) => `${code}: ${cause instanceof Error ? cause.message : message}`),
    ),
  ];
}
