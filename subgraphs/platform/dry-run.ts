/**
 * How is a mutation tried without doing anything?
 *
 * It runs as always, in a transaction that stays open until the operation has its answer and is then rolled back. So the answer
 * shows what would be there, by the same rules and the same code, and nothing of it was ever there for anybody else. What it
 * would tell to upstreams is listed.
 *
 * The dry run is known to all that runs in the operation's asynchronous context; the database is handed its transaction there
 * (see records/database/dry-runs.ts). Evaluations are recorded all the same: the decision service was asked.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Verdict } from "../../schema/verdict.ts";

/** What an upstream, or who is told of events, would get. */
export interface PlannedEffect {
  /** `campaigns.status` */
  readonly kind: string;
  /** The id of the entity that it is about. */
  readonly subject: string;
  /** When it would be due; null at once. */
  readonly at: Date | null;
}

/** What a mutation rests on. */
export interface DecidedInDryRun {
  readonly evaluationId: string;
  /** Its key. */
  readonly model: string;
  readonly verdict: Verdict;
}

export interface DryRun {
  readonly decisions: DecidedInDryRun[];
  readonly effects: PlannedEffect[];
  /** Called once the operation has its answer, the last first. Must not reject. */
  readonly undo: (() => Promise<void>)[];
}

/** Of a GraphQL operation: what it has begun. */
interface Operation {
  dryRun: DryRun | undefined;
}

const operations = new AsyncLocalStorage<Operation>();

/** Undoes what is tried in the operation, once that has ended. */
export function runningOperation<Result>(work: () => Promise<Result>): Promise<Result> {
  const operation: Operation = { dryRun: undefined };
  return operations.run(operation, async () => {
    try {
      return await work();
    } finally {
      const undo = operation.dryRun?.undo ?? [];
      operation.dryRun = undefined;
      for (const each of undo.toReversed()) await each();
    }
  });
}

/** From now on the operation does nothing that stays. */
export function beginDryRun(): void {
  const operation = operations.getStore();
  if (!operation) throw new Error("a dry run needs an operation that ends it");
  operation.dryRun = { decisions: [], effects: [], undo: [] };
}

/** Of the operation that runs here; undefined where what is done stays. */
export function dryRunHere(): DryRun | undefined {
  return operations.getStore()?.dryRun;
}

/** For what is begun here, and shared with other operations. */
export function outsideDryRuns<Result>(work: () => Result): Result {
  return operations.exit(work);
}
