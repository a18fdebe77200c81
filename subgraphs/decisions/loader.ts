/**
 * How does a resolver get a decision?
 *
 * It loads it. All decisions of a request share one loader, so whatever the fields asked for in one tick becomes one
 * batch, and asks with the same identity become one ask. A resolver calls this before any I/O of its own.
 */
import DataLoader from "dataloader";
import { perRequest } from "../context.ts";
import type { Context } from "../context.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, ModelRef, Origin, Outcome } from "./ask.ts";
import type { Decision, FactTypes, FactsOf } from "./decision.ts";
import { factsDigest } from "./identity.ts";
import type { Identify } from "./identity.ts";
import type { Facts } from "./table/table.ts";
import { judge } from "./verdict.ts";
import type { Judgement } from "./verdict.ts";

/** The fields every decision has, and those of its own. */
export type Decided<Answer> = Omit<Judgement<Answer>, "answer"> &
  Answer & {
    /** The evaluation's id; shared by all who share the evaluation. */
    readonly id: string;
    readonly model: ModelRef;
    readonly eligible: boolean;
    readonly decidedAt: Date;
    readonly expiresAt: Date;
    readonly origin: Origin;
  };

/** Rejects with a DecisionError where there is no decision. */
export type DecideFor = <Inputs extends FactTypes, Answer extends object>(
  context: Context,
  decision: Decision<Inputs, Answer>,
  facts: FactsOf<Inputs>,
) => Promise<Decided<Answer>>;

export function createLoader(decide: Decide, identify: Identify, now: () => number = Date.now): DecideFor {
  const loaderOf = perRequest(
    (context) => new DataLoader<Ask, Outcome, string>(batch(context), { cacheKeyFn: identify }),
  );

  return async (context, decision, facts) => {
    const ask: Ask = { model: decision.key, facts };
    const outcome = await loaderOf(context).load(ask);
    const { answer, ...judgement } = judge(decision, outcome.rows);
    return {
      ...answer,
      ...judgement,
      id: outcome.id,
      model: outcome.model,
      eligible: judgement.verdict === "ALLOW",
      decidedAt: new Date(outcome.decidedAt),
      expiresAt: new Date(outcome.expiresAt),
      origin: originFor(outcome, facts),
    };
  };

  /** That an answer is old matters more than whose facts were evaluated; else, that they were somebody else's. */
  function originFor({ origin, factsDigest: evaluated }: Outcome, facts: Facts): Origin {
    return origin === "STALE" || evaluated === factsDigest(facts) ? origin : "EQUIVALENT";
  }

  function batch(context: Context) {
    return async (asks: readonly Ask[]): Promise<readonly (Outcome | DecisionError)[]> => {
      const startedAt = now();
      const results = await decide(asks);
      const errors = results.filter((result) => result instanceof DecisionError);
      const cached = results.filter((result) => !(result instanceof DecisionError) && result.origin === "CACHE");
      const line = {
        decisions: [...new Set(asks.map(({ model }) => model))],
        distinct: asks.length,
        cached: cached.length,
        errors: errors.length,
        ms: now() - startedAt,
      };
      if (errors.length === 0) context.log.info(line, "decided");
      else context.log.warn({ ...line, reasons: reasonsOf(errors) }, "decided, not all of it");
      return results;
    };
  }
}

/** Each once: the code, and what the service or the way to it said. None of them repeats a fact. */
function reasonsOf(errors: readonly DecisionError[]): readonly string[] {
  return [
    ...new Set(
      errors.map(({ code, message, cause }) => `${code}: ${cause instanceof Error ? cause.message : message}`),
    ),
  ];
}
