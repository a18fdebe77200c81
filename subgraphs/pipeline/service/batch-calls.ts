/**
 * What becomes of each item where one call carries several?
 *
 * Its own answer or its own error. Items that failed in a retryable way are retried together in one call; items whose
 * model's circuit is open are left out. To everything else it is one call: scheduled once, and counted once for the
 * service's circuit and once for each model it carries.
 */
import { BrokenCircuitError } from "cockatiel";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import type { IsWanted } from "../../platform/wanted.ts";
import { isClosed } from "./breakers.ts";
import type { Breakers } from "./breakers.ts";
import { UnwantedError } from "./scheduler.ts";

export interface BatchCalls {
  /** Whether the circuit of a model is closed. Otherwise `Batch.run` probes the model, one call at a time. */
  isClosed(model: string): boolean;
  /** The answer or error of each item; errors are those of `Batch.run`. */
  run<Item extends Keyed, T>(items: readonly Item[], call: CallFor<Item, T>): Promise<ReadonlyMap<Item, T | Error>>;
}
/** By the key of its model. */
interface Keyed {
  readonly key: string;
  readonly isWanted?: IsWanted | undefined;
}
/** Aligned with the items. */
type CallFor<Item, T> = (items: readonly Item[], signal: AbortSignal) => Promise<Results<T>>;

export interface BatchCallsOptions {
  readonly breakers: Pick<Breakers, "of" | "count">;
  readonly isRetryable: (error: unknown) => boolean;
  /** Runs the work, and runs it again while it throws what is retryable. */
  readonly withRetry: (work: () => Promise<void>) => Promise<void>;
  /** Calls once, when it is scheduled; rejects with a BrokenCircuitError where `isNeeded` is false by then. */
  readonly scheduled: <T>(isNeeded: () => boolean, call: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

export function createBatchCalls({ breakers, isRetryable, withRetry, scheduled }: BatchCallsOptions): BatchCalls {
  return { isClosed: isModelClosed, run };

  function isModelClosed(model: string): boolean {
    return isClosed(breakers.of(model));
  }

  async function run<Item extends Keyed, T>(
    items: readonly Item[],
    call: CallFor<Item, T>,
  ): Promise<ReadonlyMap<Item, T | Error>> {
    const answers = new Map<Item, T | Error>(items.map((item) => [item, new BrokenCircuitError()]));
    let open = items;
    /** A circuit may have opened before the call is scheduled, and who waited for an item may be gone. */
    const isNeeded = (): boolean => {
      for (const item of open) if (item.isWanted?.() === false) answers.set(item, new UnwantedError());
      open = open.filter((item) => !(answers.get(item) instanceof UnwantedError));
      open = open.filter(({ key }) => isModelClosed(key));
      return open.length > 0;
    };
    const answersOf = (model: string) => items.filter(({ key }) => key === model).map((item) => answers.get(item));
    const once = async (): Promise<void> => {
      const [reply] = await results([scheduled(isNeeded, (signal) => call(open, signal))]);
      for (const [index, item] of open.entries()) {
        answers.set(item, (reply instanceof Error ? reply : reply?.[index]) ?? unanswered());
      }
      // By all answers of a model: an item that keeps failing says nothing of those that were answered.
      for (const model of new Set(open.map(({ key }) => key))) breakers.count(model, answersOf(model));
      open = open.filter((item) => isRetryable(answers.get(item)));
      const [first] = open;
      if (first) throw answers.get(first);
    };
    // The error of the last attempt is already the answer of each item still open.
    await withRetry(once).catch(() => {});
    return answers;
  }
}

/** An item without an answer is a bug. */
export function unanswered(): Error {
  return new RangeError("Every question must be answered: got no answer to one");
}
