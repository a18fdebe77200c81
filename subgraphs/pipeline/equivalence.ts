/**
 * Which asks of a batch are answered by the answer to another?
 *
 * The asks that nothing has proven yet are compared first, as few as speak for all (see coverage.ts); the others wait for
 * them, and find the answer of their class in the cache. Where the service turns out to run another table, all that waited
 * are asked by their own facts.
 *
 * A comparison may fail. That may be about its facts alone, so others are compared instead. What has waited for failures
 * alone, and never for an agreement, fails as the last one did, unless it was answered before: for all that is known, the
 * service is down.
 */
import { monotonic } from "../platform/clock.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import { factsDigest } from "./identity.ts";
import { UnwantedError } from "./service/scheduler.ts";
import { FactError } from "./table/fact.ts";
import type { Trust, Turn } from "./trust.ts";

export interface EquivalenceOptions {
  readonly trust: Pick<Trust, "turnsOf" | "compare" | "trusts">;
  /** What was answered before, without a call: a DecisionError where that may not be used any more. */
  readonly recall: Decide;
  /** Milliseconds after which nothing is asked any more. */
  readonly timeoutMs: number;
  /** Milliseconds that only ever go forward. */
  readonly elapsed?: () => number;
}

/** Waiting is rarely needed more than once: the rest is asked by its own facts. */
const MAX_ROUNDS = 4;

type Answer = Outcome | DecisionError;
interface Waiting {
  readonly ask: Ask;
  readonly index: number;
  /** What the last comparison it waited for failed with; undefined where one of them did not fail. */
  readonly error?: DecisionError | undefined;
}

export function equivalence(decide: Decide, options: EquivalenceOptions): Decide {
  const { trust, recall, timeoutMs, elapsed = monotonic } = options;

  return async (asks) => {
    const endsAt = elapsed() + timeoutMs;
    const answers: Answer[] = [];
    let open: readonly Waiting[] = asks.map((ask, index) => ({ ask, index }));
    for (let round = 0; open.length > 0; round += 1) {
      const waited = await answer(open, answers, round === MAX_ROUNDS);
      const isOver = elapsed() >= endsAt;
      const isLast = round + 1 >= MAX_ROUNDS;
      const failed = waited.flatMap(({ ask, index, error = isOver ? late(ask) : undefined }) =>
        error !== undefined && (isOver || isLast) ? [{ ask, index, error }] : [],
      );
      await fail(failed, answers);
      open = waited.filter(({ index }) => answers[index] === undefined);
    }
    return answers;
  };

  /** Returns the asks that waited, and are still to be answered. */
  async function answer(open: readonly Waiting[], answers: Answer[], isLast: boolean): Promise<readonly Waiting[]> {
    const turns = isLast ? open.map(() => ASK) : trust.turnsOf(open.map(({ ask }) => ask));
    const withTurns = open.map((waiting, position) => ({ ...waiting, turn: turns[position] ?? ASK }));
    const asked = withTurns.filter(({ turn }) => turn.kind !== "wait");
    const results = await decideAll(asked);
    for (const [position, { index }] of asked.entries()) {
      const result = results[position];
      if (result === undefined) throw new RangeError(`Decide must answer every ask: got too few answers`);
      answers[index] = result;
    }
    return Promise.all(
      withTurns.flatMap(({ turn, ask, index }) =>
        turn.kind === "wait" ? [turn.until.then((ends) => ({ ask, index, error: failureOf(ends) }))] : [],
      ),
    );
  }

  async function fail(
    failed: readonly (Waiting & { readonly error: DecisionError })[],
    answers: Answer[],
  ): Promise<void> {
    if (failed.length === 0) return;
    const recalled = await recall(failed.map(({ ask }) => ask));
    for (const [position, { index, error }] of failed.entries()) {
      const before = recalled[position] ?? error;
      answers[index] = before instanceof DecisionError ? error : before;
    }
  }

  /** Ends every comparison, whatever happens: one that stayed open would hang all that wait for it. */
  async function decideAll(asked: readonly { readonly ask: Ask; readonly turn: Turn }[]): Promise<readonly Answer[]> {
    let results: readonly Answer[] = [];
    try {
      if (asked.length > 0) results = await decide(asked.map(({ ask }) => ask));
      return results;
    } finally {
      for (const [position, { ask, turn }] of asked.entries()) {
        if (turn.kind === "compare") turn.end(learn(ask, results[position]));
      }
    }
  }

  /** The service's own answers are compared when they arrive; what another process was answered is compared here. */
  function learn(ask: Ask, result: Answer | undefined): DecisionError | undefined {
    if (result === undefined) return new DecisionError("DECISION_UNAVAILABLE", ask.model, "internal error", true);
    if (result instanceof DecisionError) {
      // Facts that are refused say nothing about others, nor does a client that is gone, nor a table that is not the one here.
      const isOfItself = result.cause instanceof FactError || result.cause instanceof UnwantedError;
      return isOfItself || !trust.trusts(ask.model) ? undefined : result;
    }
    const { origin, factsDigest: evaluated, model, rows } = result;
    if (origin === "CACHE" && evaluated === factsDigest(ask.facts)) trust.compare(ask, model.version, rows);
    return undefined;
  }
}

const ASK: Turn = { kind: "ask" };

/** A failure counts only where nothing else was learnt. */
function failureOf(ends: readonly (DecisionError | undefined)[]): DecisionError | undefined {
  return ends.every((error) => error !== undefined) ? ends[0] : undefined;
}

function late({ model }: Ask): DecisionError {
  return new DecisionError("DECISION_TIMEOUT", model, "decision service did not answer in time", true);
}
