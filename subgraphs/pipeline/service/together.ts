/**
 * What becomes of each ask where one call is made for several?
 *
 * Its own answer, and its own error: one that failed by itself is tried again, in one call with the others of its kind,
 * and one whose model is left alone is left out. The call is one call to everything else: it takes one turn, and counts
 * once for the service and once for each model that is in it.
 */
import { BrokenCircuitError } from "cockatiel";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { isClosed } from "./breakers.ts";
import type { Breakers } from "./breakers.ts";

export interface Together {
  /** False where a model is left alone: `Batch.run` then tries whether it is back, one call at a time. */
  isSound(model: string): boolean;
  /** What came of each; an error in the words of `Batch.run`. */
  run<Asked extends Keyed, T>(asks: readonly Asked[], call: CallFor<Asked, T>): Promise<ReadonlyMap<Asked, T | Error>>;
}
/** By the key of its model. */
interface Keyed {
  readonly key: string;
}
/** Aligned with the asks. */
type CallFor<Asked, T> = (asks: readonly Asked[], signal: AbortSignal) => Promise<Results<T>>;

export interface TogetherOptions {
  readonly breakers: Pick<Breakers, "of" | "count">;
  /** Trying again may make this good. */
  readonly mayHelp: (error: unknown) => boolean;
  /** Works, and works again where that threw what may be made good. */
  readonly again: (work: () => Promise<void>) => Promise<void>;
  /** Calls once, in its turn; rejects with a BrokenCircuitError where the call is not wanted any more by then. */
  readonly inTurn: <T>(isWanted: () => boolean, call: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

export function createTogether({ breakers, mayHelp, again, inTurn }: TogetherOptions): Together {
  return { isSound, run };

  function isSound(model: string): boolean {
    return isClosed(breakers.of(model));
  }

  async function run<Asked extends Keyed, T>(
    asks: readonly Asked[],
    call: CallFor<Asked, T>,
  ): Promise<ReadonlyMap<Asked, T | Error>> {
    const answers = new Map<Asked, T | Error>(asks.map((ask) => [ask, new BrokenCircuitError()]));
    let open = asks;
    /** A model may be left alone by the time that the call has its turn. */
    const isWanted = (): boolean => {
      open = open.filter(({ key }) => isSound(key));
      return open.length > 0;
    };
    const answersOf = (model: string) => asks.filter(({ key }) => key === model).map((ask) => answers.get(ask));
    const once = async (): Promise<void> => {
      const [made] = await results([inTurn(isWanted, (signal) => call(open, signal))]);
      for (const [place, ask] of open.entries()) {
        answers.set(ask, (made instanceof Error ? made : made?.[place]) ?? unanswered());
      }
      // By all of a model's answers: one ask that fails again and again says nothing of those that are answered.
      for (const model of new Set(open.map(({ key }) => key))) breakers.count(model, answersOf(model));
      open = open.filter((ask) => mayHelp(answers.get(ask)));
      const [first] = open;
      if (first) throw answers.get(first);
    };
    // What it throws at last is the answer to those that are still open.
    await again(once).catch(() => {});
    return answers;
  }
}

/** Whoever answers must answer everything: that it did not is a bug of ours. */
export function unanswered(): Error {
  return new RangeError("Every question must be answered: got no answer to one");
}
