/**
 * Does the service still give the same answers as were given without it?
 *
 * Equivalent and local answers assume that the table here means the same as the one that runs. A share of them is evaluated
 * by the service too, for ever, in the background: nothing waits for it, it uses only spare capacity, and its failures are
 * counted and otherwise ignored. The answer is compared where all answers of the service are (see trust.ts).
 */
import type { Logger } from "pino";
import type { Ask, DecisionError, Outcome } from "./ask.ts";
import type { Metrics } from "./metrics.ts";
import { areSameRows } from "./rows.ts";
import type { Trust } from "./trust.ts";

export interface VerificationOptions {
  /** The share of answers that is verified, 0 to 1. */
  readonly share: number;
  /** Evaluates by the service, with spare capacity only; ends with the signal. */
  readonly ask: (ask: Ask, signal: AbortSignal) => Promise<Outcome | DecisionError>;
  readonly scheduler: { readonly hasSpare: boolean };
  readonly trust: Pick<Trust, "trusts">;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "verified"> | undefined;
  /** 0 to 1, without 1. */
  readonly random?: () => number;
}

export interface Verification {
  /** For an answer that the service did not give to these facts: verifies a share of them. Never throws, never waits. */
  consider(ask: Ask, given: Outcome): void;
  /** Aborts verifications in progress. */
  close(): Promise<void>;
}

/** A slow service must not be kept busy with verifications. */
const MAX_CONCURRENT = 2;

export function createVerification(options: VerificationOptions): Verification {
  const { share, scheduler, trust, log, metrics, random = Math.random } = options;
  const inProgress = new Set<Promise<void>>();
  const closing = new AbortController();

  return { consider, close };

  function consider(ask: Ask, given: Outcome): void {
    if (!trust.trusts(ask.model) || random() >= share || closing.signal.aborted) return;
    if (inProgress.size >= MAX_CONCURRENT || !scheduler.hasSpare) return metrics?.verified(ask.model, "skipped");
    const verifying = verify(ask, given)
      .catch((error: unknown) => {
        log.error({ err: error, decision: ask.model }, "unexpected error while verifying");
        metrics?.verified(ask.model, "failed");
      })
      .finally(() => inProgress.delete(verifying));
    inProgress.add(verifying);
  }

  async function verify(ask: Ask, given: Outcome): Promise<void> {
    const answer = await options.ask(ask, closing.signal);
    if (answer instanceof Error) return metrics?.verified(ask.model, "failed");
    metrics?.verified(ask.model, areSameRows(answer.rows, given.rows) ? "agreed" : "disagreed");
  }

  async function close(): Promise<void> {
    closing.abort();
    await Promise.all(inProgress);
  }
}
