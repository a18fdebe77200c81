/**
 * What does the decision service say to a batch of asks?
 *
 * One call for each ask, a bounded number at once, each within its deadline. Fail closed: only rows that a verdict
 * can be read from become an outcome. No rows, an unknown verdict, a timeout, a refusal: each is an error that says so.
 */
import { randomUUID } from "node:crypto";
import { UpstreamError } from "../upstream.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import { UndecidedError } from "./decision.ts";
import { factsDigest } from "./identity.ts";
import type { Model, Models } from "./models.ts";
import type { OpenText } from "./opentext.ts";
import { FactError } from "./table/fact.ts";
import { typedInputs } from "./typed-inputs.ts";
import { judge } from "./verdict.ts";
import type { Versions } from "./versions.ts";

export interface ServiceOptions {
  readonly opentext: Pick<OpenText, "execute">;
  readonly models: Models;
  readonly versions: Pick<Versions, "running">;
  /** Calls in flight at once. Default 16. */
  readonly concurrency?: number;
  /** Milliseconds a whole batch may take: what is not answered by then is a timeout. Default 15,000. */
  readonly batchTimeoutMs?: number;
  readonly now?: () => number;
}

export function service(options: ServiceOptions): Decide {
  const { opentext, models, versions, concurrency = 16, batchTimeoutMs = 15_000, now = Date.now } = options;
  // The deadline is the batch's own, not a caller's: others may have joined its asks.
  return (asks) => {
    const deadline = AbortSignal.timeout(batchTimeoutMs);
    return mapBounded(asks, concurrency, (ask) => decideOne(ask, deadline));
  };

  async function decideOne(ask: Ask, signal: AbortSignal): Promise<Outcome | DecisionError> {
    const model = models.get(ask.model);
    if (!model) return new DecisionError("DECISION_REJECTED", ask.model, "no such decision is declared", false);
    try {
      return await evaluate(ask, model, signal);
    } catch (error) {
      return asDecisionError(error, ask.model);
    }
  }

  async function evaluate(
    { model: key, facts }: Ask,
    { decision, compiled }: Model,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const version = versions.running(key);
    const rows = await opentext.execute({ key, inputs: typedInputs(compiled.table, facts), signal });
    judge(decision, rows);
    const decidedAt = now();
    return Object.freeze({
      id: randomUUID(),
      model: Object.freeze({ key, version: String(version ?? "unknown") }),
      factsDigest: factsDigest(facts),
      rows: Object.freeze(rows.map((row) => Object.freeze(row))),
      decidedAt,
      expiresAt: decidedAt + decision.freshForMs,
      origin: "SERVICE",
    });
  }
}

/** Only where evaluations are asked for, a refusal is about the ask; a refused token is about our account. */
const EVALUATIONS = "opentext";

/** The one place where a failure gets its code. Anything not listed is a bug and stays what it is. */
function asDecisionError(error: unknown, model: string): DecisionError {
  if (error instanceof UndecidedError)
    return new DecisionError("DECISION_UNDETERMINED", model, error.message, false, error);
  if (error instanceof FactError) return new DecisionError("DECISION_REJECTED", model, error.message, false, error);
  if (!(error instanceof UpstreamError)) throw error;
  if (error.failure === "TIMEOUT" || error.failure === "ABORTED") {
    return new DecisionError("DECISION_TIMEOUT", model, "decision service did not answer in time", true, error);
  }
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

/** `Promise.all` over `map`, with at most `limit` at work. */
async function mapBounded<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  await Promise.all(
    Array.from({ length: Math.min(limit, items.length) }, async () => {
      // The workers share one iterator: each takes the next item when it is free.
      for (const [index, item] of rest) results[index] = await work(item);
    }),
  );
  return results;
}
