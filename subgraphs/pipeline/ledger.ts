/**
 * How is every evaluation recorded without delaying the decision?
 *
 * Evaluations wait in memory for a moment and are written in batches, in order. A command waits until its evaluation is
 * written. While the database is down they are kept and retried; when too many are waiting, every decision fails, because
 * a decision that cannot be accounted for must not be used.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Verdict } from "../../schema/verdict.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import type { Facts, Row } from "./table/table.ts";

/** The facts of an ask and the outcome as it was given. */
export interface Evaluation {
  readonly id: string;
  readonly model: string;
  readonly version: string;
  readonly subject: string;
  readonly facts: Facts;
  readonly factsDigest: string;
  readonly rows: readonly Row[];
  readonly verdict: Verdict;
  readonly origin: "SERVICE" | "LOCAL";
  readonly decidedAt: Date;
  readonly expiresAt: Date;
  readonly requestedBy: string;
}

export interface Ledger {
  /** Decides by `decide`, and records the evaluations. */
  recorded(decide: Decide): Decide;
  /** Resolves once all earlier evaluations are written. Rejects where writing fails. */
  written(): Promise<void>;
  /** Evaluations that are not written yet. */
  readonly waiting: number;
  /** Writes the rest, within a few seconds. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** All or nothing, and idempotent: a batch may be written again after an error. */
  readonly write: (evaluations: readonly Evaluation[]) => Promise<void>;
  readonly log: Logger;
  /** Evaluations that may wait. About 1 KB each. Default 20,000. */
  readonly max?: number;
}

const BATCH_SIZE = 500;
/** How long the first evaluation of a batch waits for others. */
const GATHER_MS = 20;
const RETRY_MS = 1000;
const CLOSE_TIMEOUT_MS = 5000;

export function createLedger({ write, log, max = 20_000 }: LedgerOptions): Ledger {
  const waiting: Evaluation[] = [];
  const closing = new AbortController();
  let writing: Promise<void> | undefined;
  let flushing: Promise<void> | undefined;

  return {
    recorded: (decide) => async (asks) => {
      if (waiting.length >= max) return asks.map(({ model }) => overflowing(model));
      const results = await decide(asks);
      for (const [index, result] of results.entries()) {
        const ask = asks[index];
        if (ask && !(result instanceof DecisionError)) waiting.push(evaluationOf(ask, result));
      }
      if (waiting.length > 0) void (flushing ??= flush().finally(() => (flushing = undefined)));
      return results;
    },
    async written() {
      // A write under way may have begun before the last evaluations were added.
      if (writing) await writing.catch(() => {});
      if (waiting.length > 0) await writeAll();
    },
    get waiting() {
      return waiting.length;
    },
    async close() {
      closing.abort();
      const timeout = sleep(CLOSE_TIMEOUT_MS, "timeout", { ref: false });
      const last = (writing ?? Promise.resolve()).catch(() => {}).then(() => writeAll());
      const left = await Promise.race([
        last.then(
          () => 0,
          () => waiting.length,
        ),
        timeout,
      ]);
      if (left !== 0)
        log.error({ evaluations: waiting.length }, "evaluations were lost: they could not be written before the end");
    },
  };

  /** Never rejects: retries for as long as this process runs. */
  async function flush(): Promise<void> {
    await pause(GATHER_MS);
    while (waiting.length > 0 && !closing.signal.aborted) {
      try {
        await writeAll();
      } catch (error) {
        log.error({ err: error, evaluations: waiting.length }, "evaluations could not be written: retrying");
        await pause(RETRY_MS);
      }
    }
  }

  function writeAll(): Promise<void> {
    writing ??= writeBatches().finally(() => (writing = undefined));
    return writing;
  }

  async function writeBatches(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_SIZE);
      await write(batch);
      waiting.splice(0, batch.length);
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: closing.signal, ref: false }).catch(() => {});
  }
}

function evaluationOf({ subject, caller, facts }: Ask, outcome: Outcome): Evaluation {
  const { id, model, factsDigest, rows, verdict, origin, decidedAt, expiresAt } = outcome;
  return {
    id,
    model: model.key,
    version: model.version,
    subject,
    facts,
    factsDigest,
    rows,
    verdict,
    origin: origin === "LOCAL" ? "LOCAL" : "SERVICE",
    decidedAt: new Date(decidedAt),
    expiresAt: new Date(expiresAt),
    requestedBy: caller,
  };
}

function overflowing(model: string): DecisionError {
  return new DecisionError("DECISION_UNAVAILABLE", model, "the ledger cannot be written and takes no more", true);
}
