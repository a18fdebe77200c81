/**
 * Which of many subjects would be allowed, without asking the decision service about each?
 *
 * Their facts are known, and what the table here says of them costs microseconds. That counts where the service runs the table
 * here: nothing has disagreed with it (trust.ts). Under a version of which nothing was compared yet, one subject is asked, so
 * that a list never rests on a table that the service has not been seen to run. Where it runs another one, nothing is listed:
 * that could be known only by asking about each.
 */
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import { ItemError, reportUnreadable } from "../platform/items.ts";
import { DecisionError } from "./ask.ts";
import type { Decision, FactTypes, FactsOf } from "./decision.ts";
import type { DecideFor } from "./loader.ts";
import type { Models } from "./models.ts";
import { rulingOf } from "./ruling.ts";
import type { Facts } from "./table/table.ts";
import type { Trust } from "./trust.ts";

export interface Considered<Known extends Facts = Facts> {
  /** Its id, as clients see it. */
  readonly subject: string;
  /** Or why they are not known. */
  readonly facts: Known | Error;
}

/**
 * Aligned with the subjects; undefined for one that has no decision, because its own facts cannot be read or the table refuses
 * them. Rejects where nothing of the kind can be known: with an upstream's error, or with a DecisionError.
 */
export type EligibleAmong = <Inputs extends FactTypes, Answer extends object>(
  context: Context,
  decision: Decision<Inputs, Answer>,
  subjects: readonly Considered<FactsOf<Inputs>>[],
) => Promise<readonly (boolean | undefined)[]>;

export interface EligibleOptions {
  readonly models: Models;
  readonly trust: Pick<Trust, "of" | "trusts">;
  readonly decide: DecideFor;
}

export function createEligible({ models, trust, decide }: EligibleOptions): EligibleAmong {
  /** By the key of a model: whether the service answers a subject of this request as the table here does. */
  const compared = perRequest(() => new Map<string, Promise<void>>());

  return async (context, decision, subjects) => {
    const { key } = decision;
    const model = models.get(key);
    if (!model) throw new DecisionError("DECISION_REJECTED", key, "no such decision is declared", false);
    reportUnreadable(context.log, subjects.map(({ facts }) => facts).filter(isOfItsOwn));
    const verdicts = subjects.map(({ facts }) =>
      facts instanceof Error ? unknownBy(facts) : (rulingOf(model, facts).verdict ?? undefined),
    );
    const [first] = subjects.flatMap(({ subject, facts }, index) => {
      const verdict = verdicts[index];
      return verdict === undefined || facts instanceof Error ? [] : [{ subject, facts, verdict }];
    });
    if (first && trust.of(key).state === "UNPROVEN") {
      const known = compared(context);
      const comparison = known.get(key) ?? compare(first);
      known.set(key, comparison);
      await comparison;
    }
    if (!trust.trusts(key)) throw otherTable(key);
    return verdicts.map((verdict) => (verdict === undefined ? undefined : verdict === "ALLOW"));

    async function compare({ subject, facts, verdict }: NonNullable<typeof first>): Promise<void> {
      const decided = await decide(context, decision, facts, subject);
      if (decided.verdict !== verdict) throw otherTable(key);
    }
  };
}

/** Throws what is no failure of this subject alone. */
function unknownBy(error: Error): undefined {
  if (!isOfItsOwn(error)) throw error;
}

function isOfItsOwn(facts: unknown): facts is Error {
  return facts instanceof ItemError || facts instanceof DecisionError;
}

function otherTable(key: string): DecisionError {
  const state = "the decision service runs another table than the one here, so it would have to be asked about each";
  return new DecisionError("DECISION_UNDETERMINED", key, state, false);
}
