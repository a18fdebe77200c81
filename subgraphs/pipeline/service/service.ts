/**
 * What does the decision service say to a batch of asks?
 *
 * It is called as the guard allows, for one ask or for many at once. Fail closed: only rows that a verdict can be read
 * from become an outcome. No rows, an unknown verdict, a timeout, a refusal: each is an error that says so.
 */
import { BrokenCircuitError } from "cockatiel";
import type { Logger } from "pino";
import { UpstreamError } from "../../platform/upstream.ts";
import { DecisionError } from "../ask.ts";
import type { Ask, Decide, Outcome } from "../ask.ts";
import { UndecidedError } from "../decision.ts";
import { inBatches, singly } from "./callers.ts";
import type { Answered } from "./callers.ts";
import { BatchTimeoutError } from "./guard.ts";
import type { Guard } from "./guard.ts";
import type { Model, Models } from "../models.ts";
import type { OpenText } from "../opentext/client.ts";
import type { Execution } from "../opentext/execution.ts";
import { outcomeOf } from "../outcome.ts";
import { FactError } from "../table/fact.ts";
import { unanswered } from "./together.ts";
import { PausedError, QueueFullError } from "./turns.ts";
import { typedInputs } from "./typed-inputs.ts";
import type { Versions } from "../versions.ts";

export interface ServiceOptions {
  readonly opentext: Pick<OpenText, "execute" | "executeBatch">;
  readonly models: Models;
  readonly versions: Pick<Versions, "running">;
  readonly guard: Pick<Guard, "batch">;
  readonly log: Logger;
  readonly now?: () => number;
}

interface Question {
  readonly ask: Ask;
  readonly model: Model;
  /** Of the model, when it was asked. */
  readonly version: string;
  readonly execution: Execution;
}

export function service({ opentext, models, versions, guard, log, now = Date.now }: ServiceOptions): Decide {
  const { executeBatch } = opentext;
  const one = singly(opentext, now);
  const call = executeBatch ? inBatches(executeBatch, one, { log, now }) : one;

  return async (asks) => {
    const questions = asks.map((ask) => caught(ask, () => questionOf(ask)));
    const executions = questions.flatMap((question) => (question instanceof DecisionError ? [] : question.execution));
    const answers = await call(executions, guard.batch());
    return questions.map((question) =>
      question instanceof DecisionError
        ? question
        : caught(question.ask, () => conclude(question, answers.get(question.execution))),
    );
  };

  /** Throws a FactError where a fact is not of its type. */
  function questionOf(ask: Ask): Question | DecisionError {
    const model = models.get(ask.model);
    if (!model) return new DecisionError("DECISION_REJECTED", ask.model, "no such decision is declared", false);
    const execution = { key: ask.model, inputs: typedInputs(model.compiled.table, ask.facts) };
    return { ask, model, version: String(versions.running(ask.model) ?? "unknown"), execution };
  }

  /** A bug of ours in one decision is an error too: its neighbours in the batch, and whoever joined them, are still answered. */
  function caught<T>(ask: Ask, work: () => T): T | DecisionError {
    try {
      return work();
    } catch (error) {
      const known = asDecisionError(error, ask.model);
      if (known) return known;
      log.error({ err: error, decision: ask.model }, "unexpected error while deciding");
      return new DecisionError("DECISION_UNAVAILABLE", ask.model, "internal error", false, error);
    }
  }
}

/** Throws what stands in the way of an outcome. */
function conclude({ ask, model, version }: Question, answer: Answered | Error | undefined): Outcome {
  if (answer === undefined || answer instanceof Error) throw answer ?? unanswered();
  return outcomeOf(ask, model, { rows: answer.rows, version, origin: "SERVICE", decidedAt: answer.at });
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
