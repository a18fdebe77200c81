/**
 * Which rules of the table are behind the rows of an outcome?
 *
 * The decision service answers rows and does not say whose they are. The same version of the table is here, and so are
 * the facts: where evaluating them here gives the very same rows, the rules that matched here are the ones. Where the
 * versions differ, or the rows do, a number would be a guess, and none is given.
 */
import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "./ask.ts";
import type { CompiledTable } from "./table/compile.ts";
import { FactError } from "./table/fact.ts";
import type { Facts } from "./table/table.ts";

export interface Explanation {
  /** From 1, as a reader of the table counts; null where it cannot be told. */
  readonly rule: number | null;
  /** The rule was not told by whoever decided, but found by evaluating here. */
  readonly reconstructed: boolean;
}

/** One for each row of the outcome. The facts are those of the subject, whoever's facts the outcome was made from. */
export function explain(
  compiled: CompiledTable | undefined,
  facts: Facts,
  outcome: Pick<Outcome, "model" | "rows" | "origin">,
): readonly Explanation[] {
  const rules = rulesOf(compiled, facts, outcome);
  // What was decided here needs no finding out: these rules are the decision.
  const reconstructed = rules !== undefined && outcome.origin !== "LOCAL";
  return outcome.rows.map((_row, index) => ({ rule: rules?.[index] ?? null, reconstructed }));
}

/** The number of each row's rule; undefined unless all of them are known. */
function rulesOf(
  compiled: CompiledTable | undefined,
  facts: Facts,
  { model, rows }: Pick<Outcome, "model" | "rows">,
): readonly number[] | undefined {
  if (compiled === undefined || model.version !== String(compiled.table.version)) return undefined;
  const evaluation = evaluated(compiled, facts);
  if (evaluation === undefined || "failed" in evaluation || !isDeepStrictEqual(evaluation.rows, rows)) return undefined;
  // An aggregate is one row of several rules.
  return evaluation.rules.length === rows.length ? evaluation.rules : undefined;
}

/** Facts of a wrong type match no rule here, whatever the service made of them. */
function evaluated(compiled: CompiledTable, facts: Facts): ReturnType<CompiledTable["evaluate"]> | undefined {
  try {
    return compiled.evaluate(facts);
  } catch (error) {
    if (error instanceof FactError) return undefined;
    throw error;
  }
}
