/**
 * Which asks of a batch are answered by the answer to another?
 *
 * The asks that nothing has proven yet are compared first, as few as speak for all (see coverage.ts); the others wait for
 * them, and find the answer of their class in the cache. Where the service turns out to run another table, all that waited
 * are asked by their own facts. An ask that waited for one that failed fails in the same way: for all that is known, it is
 * the same question.
 */
import { DecisionError } from "./ask.ts";
import type { Ask, Decide, Outcome } from "./ask.ts";
import { factsDigest } from "./identity.ts";
import { FactError } from "./table/fact.ts";
import type { Trust, Turn } from "./trust.ts";

/** Waiting is rarely needed more than once: the rest is asked by its own facts. */
const MAX_ROUNDS = 4;

type Answer = Outcome | DecisionError;
interface Waiting {
  readonly ask: Ask;
  readonly index: number;
}

export function equivalence(decide: Decide, trust: Pick<Trust, "turnOf" | "compare" | "trusts">): Decide {
  return async (asks) => {
    const answers: Answer[] = [];
    let open: readonly Waiting[] = asks.map((ask, index) => ({ ask, index }));
    for (let round = 0; open.length > 0; round += 1) open = await answer(open, answers, round === MAX_ROUNDS);
    return answers;
  };

  /** Returns the asks that waited, and are still to be answered. */
  async function answer(open: readonly Waiting[], answers: Answer[], isLast: boolean): Promise<readonly Waiting[]> {
    const turns = open.map((waiting) => ({ ...waiting, turn: isLast ? ASK : trust.turnOf(waiting.ask) }));
    const asked = turns.filter(({ turn }) => turn.kind !== "wait");
    const results = await decideAll(asked);
    for (const [position, { index }] of asked.entries()) {
      const result = results[position];
      if (result === undefined) throw new RangeError(`Decide must answer every ask: got too few answers`);
      answers[index] = result;
    }
    const waited = await Promise.all(
      turns.flatMap(({ turn, ...waiting }) =>
        turn.kind === "wait" ? [turn.until.then((error) => ({ waiting, error }))] : [],
      ),
    );
    return waited.flatMap(({ waiting, error }) => {
      if (error === undefined) return [waiting];
      answers[waiting.index] = error;
      return [];
    });
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
      // Facts that are refused say nothing about others, and neither does a table that is not the one here.
      return result.cause instanceof FactError || !trust.trusts(ask.model) ? undefined : result;
    }
    const { origin, factsDigest: evaluated, model, rows } = result;
    if (origin === "CACHE" && evaluated === factsDigest(ask.facts)) trust.compare(ask, model.version, rows);
    return undefined;
  }
}

const ASK: Turn = { kind: "ask" };
