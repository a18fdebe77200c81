/**
 * What do the tables here say by themselves, without the decision service?
 *
 * The same tables, evaluated in this process: nothing is sent, nothing is waited for, and an outcome is made as one of
 * the service is, save that its origin is LOCAL and its version that of the table here. A table that was caught saying
 * something else than the service decides nothing any more: its model is asked of the service, and where the service
 * cannot be reached there is no decision, for an answer known to be doubtful is none.
 */
import type { Logger } from "pino";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import { UndecidedError } from "./decision.ts";
import type { Model, Models } from "./models.ts";
import { outcomeOf } from "./outcome.ts";
import { FactError } from "./table/fact.ts";
import type { Versions } from "./versions.ts";

export interface LocalOptions {
  readonly models: Models;
  /** Who answers for the models whose table here is not trusted. Left out: every table is. */
  readonly service?: { readonly trusts: (model: string) => boolean; readonly decide: Decide } | undefined;
  /** Has what is decided here written down. Left out: nothing is. */
  readonly recorded?: ((decide: Decide) => Decide) | undefined;
  readonly log: Logger;
  readonly now?: () => number;
}

export function local({ models, service, recorded = (decide) => decide, log, now = Date.now }: LocalOptions): Decide {
  const here = recorded(async (asks) => asks.map(decideHere));

  return async (asks) => {
    const isHere = asks.map(({ model }) => !service || service.trusts(model));
    const others = asks.filter((_ask, index) => !isHere[index]);
    const own = (await here(asks.filter((_ask, index) => isHere[index]))).values();
    const theirs = (others.length === 0 ? [] : ((await service?.decide(others)) ?? [])).values();
    return isHere.map((ours) => nextOf(ours ? own : theirs));
  };

  function decideHere(ask: Ask): Outcome | DecisionError {
    const model = models.get(ask.model);
    if (!model) return new DecisionError("DECISION_REJECTED", ask.model, "no such decision is declared", false);
    try {
      return evaluate(ask, model);
    } catch (error) {
      if (error instanceof UndecidedError)
        return new DecisionError("DECISION_UNDETERMINED", ask.model, error.message, false, error);
      if (error instanceof FactError)
        return new DecisionError("DECISION_REJECTED", ask.model, error.message, false, error);
      // A bug of ours in one decision: its neighbours in the batch are still answered.
      log.error({ err: error, decision: ask.model }, "unexpected error while deciding");
      return new DecisionError("DECISION_UNAVAILABLE", ask.model, "internal error", false, error);
    }
  }

  function evaluate(ask: Ask, model: Model): Outcome {
    const { compiled } = model;
    const evaluation = compiled.evaluate(ask.facts);
    return outcomeOf(ask, model, {
      // A violated hit policy is no rows, as it is to the service.
      rows: "failed" in evaluation ? [] : evaluation.rows,
      version: String(compiled.table.version),
      origin: "LOCAL",
      decidedAt: now(),
    });
  }
}

/** Where there is no service to ask, the versions that run are those of the tables here. */
export function localVersions(models: Models): Versions {
  const running = (model: string): number | undefined => models.get(model)?.compiled.table.version;
  return {
    running,
    last: running,
    since: () => Number.NEGATIVE_INFINITY,
    refresh: async () => true,
    start: async () => {},
    stop: () => {},
  };
}

function nextOf(results: Iterator<Outcome | DecisionError>): Outcome | DecisionError {
  const result = results.next();
  if (result.done === true) throw new RangeError("Decide must answer every ask: got too few answers");
  return result.value;
}
