/**
 * What does the decision service say to a batch of asks?
 *
 * One call for each ask, made as the guard allows. Fail closed: only rows that a verdict can be read from become an
 * outcome. No rows, an unknown verdict, a timeout, a refusal: each is an error that says so.
 */
import { BrokenCircuitError } from "cockatiel";
import type { Logger } from "pino";
import { UpstreamError } from "../upstream.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import { UndecidedError } from "./decision.ts";
import { BatchTimeoutError } from "./guard.ts";
import type { Batch, Guard } from "./guard.ts";
import type { Model, Models } from "./models.ts";
import type { OpenText } from "./opentext.ts";
import { outcomeOf } from "./outcome.ts";
import { FactError } from "./table/fact.ts";
import { PausedError, QueueFullError } from "./turns.ts";
import { typedInputs } from "./typed-inputs.ts";
import type { Versions } from "./versions.ts";

export interface ServiceOptions {
  readonly opentext: Pick<OpenText, "execute">;
  readonly models: Models;
  readonly versions: Pick<Versions, "running">;
  readonly guard: Pick<Guard, "batch">;
  readonly log: Logger;
  readonly now?: () => number;
}

export function service({ opentext, models, versions, guard, log, now = Date.now }: ServiceOptions): Decide {
  return (asks) => {
    const batch = guard.batch();
    return Promise.all(asks.map((ask) => decideOne(ask, batch)));
  };

  async function decideOne(ask: Ask, batch: Batch): Promise<Outcome | DecisionError> {
    const model = models.get(ask.model);
    if (!model) return new DecisionError("DECISION_REJECTED", ask.model, "no such decision is declared", false);
    try {
      return await evaluate(ask, model, batch);
    } catch (error) {
      const known = asDecisionError(error, ask.model);
      if (known) return known;
      // A bug of ours in one decision: its neighbours in the batch, and whoever joined them, are still answered.
      log.error({ err: error, decision: ask.model }, "unexpected error while deciding");
      return new DecisionError("DECISION_UNAVAILABLE", ask.model, "internal error", false, error);
    }
  }

  async function evaluate(ask: Ask, model: Model, batch: Batch): Promise<Outcome> {
    const { model: key, facts } = ask;
    const version = String(versions.running(key) ?? "unknown");
    const inputs = typedInputs(model.compiled.table, facts);
    const rows = await batch.run(key, (signal) => opentext.execute({ key, inputs, signal }));
    return outcomeOf(ask, model, { rows, version, origin: "SERVICE", decidedAt: now() });
  }
}

/** Only where evaluations are asked for, a refusal is about the ask; a refused token is about our account. */
const EVALUATIONS = "opentext";

/** The one place where a failure gets its code. Anything not listed is a bug of ours. */
function asDecisionError(error: unknown, model: string): DecisionError | undefined {
  if (error instanceof UndecidedError)
    return new DecisionError("DECISION_UNDETERMINED", model, error.message, false, error);
  if (error instanceof FactError) return new DecisionError("DECISION_REJECTED", model, error.message, false, error);
  if (error instanceof QueueFullError) {
    return new DecisionError("DECISION_UNAVAILABLE", model, "too many decisions are waiting", true, error);
  }
  if (error instanceof PausedError) {
    const state = "decision service is busy and wants a pause";
    return new DecisionError("DECISION_UNAVAILABLE", model, state, true, error);
  }
  if (error instanceof BrokenCircuitError) {
    const state = "decision service keeps failing and is not asked for now";
    return new DecisionError("DECISION_UNAVAILABLE", model, state, true, error);
  }
  if (error instanceof BatchTimeoutError || (error instanceof UpstreamError && error.failure === "TIMEOUT")) {
    return new DecisionError("DECISION_TIMEOUT", model, "decision service did not answer in time", true, error);
  }
  if (!(error instanceof UpstreamError)) return undefined;
  if (error.failure === "STATUS" && error.status !== undefined) {
    const state = `decision service answered ${error.status}`;
    return error.upstream === EVALUATIONS && (error.status === 400 || error.status === 422)
      ? new DecisionError("DECISION_REJECTED", model, state, false, error)
      : new DecisionError("DECISION_UNAVAILABLE", model, state, error.retryable, error);
  }
  const state =
    error.failure === "UNEXPECTED" ? "decision service answered unexpectedly" : "decision service cannot be reached";
  return new DecisionError("DECISION_UNAVAILABLE", model, state, true, error);
}
