/**
 * What do the tables in this process decide, without the decision service?
 *
 * The same as the service, by the same tables. An outcome has the origin LOCAL and the version of the table. If
 * verification found that a table disagrees with the service, the service decides that model; while the service cannot be
 * reached, the model has no decisions, because a wrong answer is worse than none.
 */
import type { Logger } from "pino";
import type { Ask, Decide, DecisionError, Outcome } from "./ask.ts";
import { orDecisionError, undeclared } from "./failures.ts";
import type { Models } from "./models.ts";
import { outcomeOf } from "./outcome.ts";
import type { Versions } from "./versions.ts";

export interface LocalOptions {
  readonly models: Models;
  /** Decides the models whose table is not trusted. Left out: every table is trusted. */
  readonly service?: { readonly trusts: (model: string) => boolean; readonly decide: Decide } | undefined;
  /** Records what is decided locally. Left out: nothing is recorded. */
  readonly recorded?: ((decide: Decide) => Decide) | undefined;
  readonly log: Logger;
  readonly now?: () => number;
}

export function local({ models, service, recorded = (decide) => decide, log, now = Date.now }: LocalOptions): Decide {
  const evaluateLocally = recorded(async (asks) => asks.map((ask) => orDecisionError(ask, log, () => evaluate(ask))));

  return async (asks) => {
    const isLocal = asks.map(({ model }) => !service || service.trusts(model));
    const distrusted = asks.filter((_ask, index) => !isLocal[index]);
    const evaluated = (await evaluateLocally(asks.filter((_ask, index) => isLocal[index]))).values();
    const remote = (distrusted.length === 0 ? [] : ((await service?.decide(distrusted)) ?? [])).values();
    return isLocal.map((local) => nextOf(local ? evaluated : remote));
  };

  /** Throws a FactError or an UndecidedError. */
  function evaluate(ask: Ask): Outcome | DecisionError {
    const model = models.get(ask.model);
    if (!model) return undeclared(ask);
    const { compiled } = model;
    const evaluation = compiled.evaluate(ask.facts);
    return outcomeOf(ask, model, {
      // A violated hit policy gives no rows, as from the service.
      rows: "failed" in evaluation ? [] : evaluation.rows,
      version: String(compiled.table.version),
      origin: "LOCAL",
      decidedAt: now(),
    });
  }
}

/** Without a service, the running versions are those of the tables in this process. */
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

function nextOf(outcomes: Iterator<Outcome | DecisionError>): Outcome | DecisionError {
  const next = outcomes.next();
  if (next.done === true) throw new RangeError("Decide must answer every ask: got too few answers");
  return next.value;
}
