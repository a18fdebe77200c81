/**
 * Which rules of the table gave the rows of an outcome?
 *
 * The decision service does not say. But the facts are known, and so is the table here: if evaluating it gives the same
 * rows, in whatever order, the rules that matched are the ones. Where the rows differ, or the service is known to run
 * another table, a rule number would be a guess, and is null.
 */
import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "./ask.ts";
import { areSameRows, rowKey } from "./rows.ts";
import type { CompiledTable } from "./table/compile.ts";
import { unlessRefused } from "./table/fact.ts";
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
  isTableHere: (model: Outcome["model"]) => boolean = () => true,
): readonly Explanation[] {
  const rules = isTableHere(outcome.model) ? rulesOf(compiled, facts, outcome) : undefined;
  // Where the local table decided, its rules are a fact.
  const reconstructed = rules !== undefined && outcome.origin !== "LOCAL";
  return outcome.rows.map((_row, index) => ({ rule: rules?.[index] ?? null, reconstructed }));
}

/** The number of each row's rule; undefined unless all are known. */
function rulesOf(
  compiled: CompiledTable | undefined,
  facts: Facts,
  { rows }: Pick<Outcome, "rows">,
): readonly number[] | undefined {
  const evaluation = compiled && evaluate(compiled, facts);
  // An aggregate is one row of several rules.
  if (evaluation === undefined || "failed" in evaluation || evaluation.rules.length !== rows.length) return undefined;
  if (isDeepStrictEqual(evaluation.rows, rows)) return evaluation.rules;
  if (!areSameRows(evaluation.rows, rows)) return undefined;
  const rulesByRow = Map.groupBy(evaluation.rules.entries(), ([index]) => rowKey(evaluation.rows[index] ?? {}));
  return rows.map((row) => rulesByRow.get(rowKey(row))?.shift()?.[1] ?? 0);
}

/** Undefined for facts of a wrong type, which match no rule locally. */
function evaluate(compiled: CompiledTable, facts: Facts): ReturnType<CompiledTable["evaluate"]> | undefined {
  return unlessRefused(() => compiled.evaluate(facts));
}
