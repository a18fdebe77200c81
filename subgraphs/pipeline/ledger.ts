/**
 * How is no evaluation forgotten, and no decision held up by writing it down?
 *
 * Evaluations wait in memory for a moment and are written in batches, in the order they were made. Whoever relies on one
 * waits until it is written. While the database is away they are kept and tried again; when there are too many of them,
 * nothing more is decided: a decision nobody can account for is none.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Verdict } from "../../schema/verdict.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import type { Facts, Row } from "./table/table.ts";
import { severest } from "./verdict.ts";

/** What was asked and what was answered, as it was given. */
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
  /** Decides by `decide`, and remembers whatever was evaluated. */
  recorded(decide: Decide): Decide;
  /** Resolves once all that was evaluated before is written down. Rejects where it cannot be now. */
  written(): Promise<void>;
  /** Evaluations that are not written down yet. */
  readonly waiting: number;
  /** Writes what is left, for a few seconds at the most. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** All of them or none; those that are written already change nothing. */
  readonly write: (evaluations: readonly Evaluation[]) => Promise<void>;
  readonly log: Logger;
  /** Evaluations that may wait. About 1 KB each. Default 20,000. */
  readonly most?: number;
}

const AT_ONCE = 500;
/** How long the first of a batch waits for others. */
const GATHER_MS = 20;
const AGAIN_MS = 1000;
const CLOSE_MS = 5000;

export function createLedger({ write, log, most = 20_000 }: LedgerOptions): Ledger {
  const waiting: Evaluation[] = [];
  const closing = new AbortController();
  let writing: Promise<void> | undefined;
  let soon: Promise<void> | undefined;

  return {
    recorded: (decide) => async (asks) => {
      if (waiting.length >= most) return asks.map(({ model }) => overflowing(model));
      const results = await decide(asks);
      for (const [index, result] of results.entries()) {
        const ask = asks[index];
        if (ask && !(result instanceof DecisionError)) waiting.push(evaluationOf(ask, result));
      }
      if (waiting.length > 0) void (soon ??= writeSoon().finally(() => (soon = undefined)));
      return results;
    },
    async written() {
      // What is being written may have begun before the last ones came.
      if (writing) await writing.catch(() => {});
      if (waiting.length > 0) await writeAll();
    },
    get waiting() {
      return waiting.length;
    },
    async close() {
      closing.abort();
      const isLate = sleep(CLOSE_MS, "late", { ref: false });
      const last = (writing ?? Promise.resolve()).catch(() => {}).then(() => writeAll());
      const left = await Promise.race([
        last.then(
          () => 0,
          () => waiting.length,
        ),
        isLate,
      ]);
      if (left !== 0) log.error({ evaluations: waiting.length }, "evaluations were not written down");
    },
  };

  /** Never rejects: what failed is tried again, as long as this process runs. */
  async function writeSoon(): Promise<void> {
    await pause(GATHER_MS);
    while (waiting.length > 0 && !closing.signal.aborted) {
      try {
        await writeAll();
      } catch (error) {
        log.error({ err: error, evaluations: waiting.length }, "evaluations could not be written down: trying again");
        await pause(AGAIN_MS);
      }
    }
  }

  function writeAll(): Promise<void> {
    writing ??= writeBatches().finally(() => (writing = undefined));
    return writing;
  }

  async function writeBatches(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, AT_ONCE);
      await write(batch);
      waiting.splice(0, batch.length);
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: closing.signal, ref: false }).catch(() => {});
  }
}

function evaluationOf({ subject, caller, facts }: Ask, outcome: Outcome): Evaluation {
  const { id, model, factsDigest, rows, origin, decidedAt, expiresAt } = outcome;
  return {
    id,
    model: model.key,
    version: model.version,
    subject,
    facts,
    factsDigest,
    rows,
    verdict: severest(rows),
    origin: origin === "LOCAL" ? "LOCAL" : "SERVICE",
    decidedAt: new Date(decidedAt),
    expiresAt: new Date(expiresAt),
    requestedBy: caller,
  };
}

function overflowing(model: string): DecisionError {
  return new DecisionError("DECISION_UNAVAILABLE", model, "the ledger cannot be written and takes no more", true);
}
