/**
 * What does the decision service answer to a batch of asks?
 *
 * The guard limits its calls, each for one ask or for many. Fails closed: only rows with a verdict become an outcome; no
 * rows, an unknown verdict, a timeout or a refusal is a DecisionError.
 */
import type { Logger } from "pino";
import { DecisionError } from "../ask.ts";
import type { Ask, Decide, Outcome } from "../ask.ts";
import { orDecisionError, undeclared } from "../failures.ts";
import type { Model, Models } from "../models.ts";
import type { OpenText } from "../opentext/client.ts";
import type { Execution } from "../opentext/execution.ts";
import { outcomeOf } from "../outcome.ts";
import { sortedRows } from "../rows.ts";
import type { Trust } from "../trust.ts";
import type { Versions } from "../versions.ts";
import { unanswered } from "./batch-calls.ts";
import { callEach, callInBatches } from "./calls.ts";
import type { Answer } from "./calls.ts";
import type { Guard } from "./guard.ts";
import { typedInputs } from "./typed-inputs.ts";

export interface ServiceOptions {
  readonly opentext: Pick<OpenText, "execute" | "executeBatch">;
  readonly models: Models;
  readonly versions: Pick<Versions, "running">;
  /** Gets every answer. */
  readonly trust: Pick<Trust, "compare" | "isTableHere">;
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

export function service({ opentext, models, versions, trust, guard, log, now = Date.now }: ServiceOptions): Decide {
  const { executeBatch } = opentext;
  const each = callEach(opentext, now);
  const executeAll = executeBatch ? callInBatches(executeBatch, each, { log, now }) : each;

  return async (asks) => {
    const questions = asks.map((ask) => orDecisionError(ask, log, () => questionOf(ask)));
    const executions = questions.flatMap((question) => (question instanceof DecisionError ? [] : question.execution));
    const answers = await executeAll(executions, guard.batch());
    return questions.map((question) =>
      question instanceof DecisionError
        ? question
        : orDecisionError(question.ask, log, () => requireOutcome(question, answers.get(question.execution))),
    );
  };

  /** Throws a FactError where a fact is missing, not of its type, or a text that the service would read as a list. */
  function questionOf(ask: Ask): Question | DecisionError {
    const model = models.get(ask.model);
    if (!model) return undeclared(ask);
    const { compiled } = model;
    compiled.requireFacts(ask.facts);
    const inputs = typedInputs(compiled.table, ask.facts);
    const { isWanted, wave } = ask;
    const execution = { key: ask.model, inputs, maxRows: compiled.table.rules.length, isWanted, wave };
    return { ask, model, version: String(versions.running(ask.model) ?? "unknown"), execution };
  }

  /** Throws the error of a call, and an UndecidedError where its rows are not an outcome. */
  function requireOutcome({ ask, model, version }: Question, answer: Answer | Error | undefined): Outcome {
    if (answer === undefined || answer instanceof Error) throw answer ?? unanswered();
    const { agrees, here } = trust.compare(ask, version, answer.rows);
    const isTableHere = agrees && trust.isTableHere({ key: ask.model, version });
    return outcomeOf(ask, model, {
      rows: agrees ? here : sortedRows(answer.rows),
      order: isTableHere ? "of the rules" : "unknown",
      version,
      origin: "SERVICE",
      decidedAt: answer.at,
    });
  }
}
