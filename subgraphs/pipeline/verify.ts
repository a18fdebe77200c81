/**
 * Would the service have given the same answers as were given without it?
 *
 * Equivalent and local answers assume that the local table means the same as the running one. So a share of them is
 * evaluated by the service too, in the background: nothing waits for it, it uses only spare capacity, and its failures are
 * counted and otherwise ignored. If rows differ while the versions are equal, the local table is distrusted for as long as
 * this process runs: asks of its model are then identified by their facts, and decided by the service. Verdicts and reason
 * codes of both sides are logged, never a fact.
 */
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { Ask, DecisionError, Outcome } from "./ask.ts";
import type { Metrics } from "./metrics.ts";
import type { Models } from "./models.ts";
import type { Row } from "./table/table.ts";
import type { Versions } from "./versions.ts";

export interface VerificationOptions {
  /** The share of answers that is verified, 0 to 1. */
  readonly share: number;
  /** Evaluates by the service, with spare capacity only; ends with the signal. */
  readonly ask: (ask: Ask, signal: AbortSignal) => Promise<Outcome | DecisionError>;
  readonly scheduler: { readonly hasSpare: boolean };
  readonly models: Models;
  readonly versions: Pick<Versions, "running" | "refresh">;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, "verified"> | undefined;
  /** 0 to 1, without 1. */
  readonly random?: () => number;
}

export interface Verification {
  /** Whether the local table may answer for the service. */
  trusts(model: string): boolean;
  /** For an answer that the service did not give to these facts: verifies a share of them. Never throws, never waits. */
  consider(ask: Ask, given: Outcome): void;
  /** Aborts verifications in progress. */
  close(): Promise<void>;
}

/** A slow service must not be kept busy with verifications. */
const MAX_CONCURRENT = 2;
/** A deployment rolled back between an answer and the look at the versions is no disagreement; two such are not expected. */
const ATTEMPTS = 2;

export function createVerification(options: VerificationOptions): Verification {
  const { share, scheduler, models, versions, log, metrics, random = Math.random } = options;
  const distrusted = new Set<string>();
  const inProgress = new Set<Promise<void>>();
  const closing = new AbortController();

  return { trusts, consider, close };

  function trusts(model: string): boolean {
    return !distrusted.has(model);
  }

  function consider(ask: Ask, given: Outcome): void {
    if (!trusts(ask.model) || !isComparable(given) || random() >= share || closing.signal.aborted) return;
    if (inProgress.size >= MAX_CONCURRENT || !scheduler.hasSpare) return metrics?.verified(ask.model, "skipped");
    const comparing = compare(ask, given)
      .catch((error: unknown) => {
        log.error({ err: error, decision: ask.model }, "unexpected error while verifying");
        metrics?.verified(ask.model, "failed");
      })
      .finally(() => inProgress.delete(comparing));
    inProgress.add(comparing);
  }

  async function compare(ask: Ask, given: Outcome): Promise<void> {
    let expected = given;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const answer = await options.ask(ask, closing.signal);
      if (answer instanceof Error) return metrics?.verified(ask.model, "failed");
      if (isDeepStrictEqual(answer.rows, given.rows)) return metrics?.verified(ask.model, "agreed");
      // Another version may have been deployed since the last snapshot of the versions.
      const isRefreshed = await versions.refresh();
      if (!isRefreshed || !isComparable(given)) return metrics?.verified(ask.model, "failed");
      expected = answer;
    }
    metrics?.verified(ask.model, "disagreed");
    distrust(given, expected);
  }

  /** Only answers of the same version must be equal. */
  function isComparable({ model: { key, version } }: Outcome): boolean {
    const local = models.get(key)?.compiled.table.version;
    return local !== undefined && version === String(local) && versions.running(key) === local;
  }

  function distrust({ model, origin, rows }: Outcome, expected: Outcome): void {
    if (distrusted.has(model.key)) return;
    distrusted.add(model.key);
    log.error(
      { decision: model.key, version: model.version, given: rows.map(summary), found: expected.rows.map(summary) },
      origin === "LOCAL"
        ? "decision service disagrees with the local table: the service decides from now on"
        : "decision service disagrees with an equivalent answer: equivalence is off",
    );
  }

  async function close(): Promise<void> {
    closing.abort();
    await Promise.all(inProgress);
  }
}

/** Outputs other than these may repeat facts. */
function summary({ verdict, reason_code: code }: Row): object {
  return { verdict, code };
}
