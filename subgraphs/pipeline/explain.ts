/**
 * Which rules of the table gave the rows of an outcome?
 *
 * The decision service does not say. But the facts are known, and so is the same version of the table: if evaluating it
 * locally gives the same rows, the rules that matched are the ones. If the versions or the rows differ, a rule number
 * would be a guess, and is null.
 */
import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "./ask.ts";
import type { CompiledTable } from "./table/compile.ts";
import { FactError } from "./table/fact.ts";
import type { Facts } from "./table/table.ts";

export interface Explanation {
  /** From 1, as a reader of the table counts; null where it is unknown. */
  readonly rule: number | null;
  /** Found by evaluating the local table, not reported by what decided. */
  readonly reconstructed: boolean;
}

/** One for each row of the outcome. The facts are the subject's own; the outcome may come from equivalent ones. */
export function explain(
  compiled: CompiledTable | undefined,
  facts: Facts,
  outcome: Pick<Outcome, "model" | "rows" | "origin">,
): readonly Explanation[] {
  const rules = rulesOf(compiled, facts, outcome);
  // Where the local table decided, its rules are a fact.
  const reconstructed = rules !== undefined && outcome.origin !== "LOCAL";
  return outcome.rows.map((_row, index) => ({ rule: rules?.[index] ?? null, reconstructed }));
}

/** The number of each row's rule; undefined unless all are known. */
function rulesOf(
  compiled: CompiledTable | undefined,
  facts: Facts,
  { model, rows }: Pick<Outcome, "model" | "rows">,
): readonly number[] | undefined {
  if (compiled === undefined || model.version !== String(compiled.table.version)) return undefined;
  const evaluation = evaluate(compiled, facts);
  if (evaluation === undefined || "failed" in evaluation || !isDeepStrictEqual(evaluation.rows, rows)) return undefined;
  // An aggregate is one row of several rules.
  return evaluation.rules.length === rows.length ? evaluation.rules : undefined;
}

/** Undefined for facts of a wrong type, which match no rule locally. */
function evaluate(compiled: CompiledTable, facts: Facts): ReturnType<CompiledTable["evaluate"]> | undefined {
  try {
    return compiled.evaluate(facts);
  } catch (error) {
    if (error instanceof FactError) return undefined;
    throw error;
  }
}
