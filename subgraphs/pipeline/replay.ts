/**
 * What would another version of a table have said to the facts of an evaluation?
 *
 * It is read, compiled and evaluated here. The ledger has the facts as the table of that day had its inputs: an input that it
 * did not have is unknown, and one of another type is refused.
 */
import { UndecidedError } from "./decision.ts";
import type { Evaluation } from "./ledger.ts";
import type { Model } from "./models.ts";
import { compile } from "./table/compile.ts";
import { FactError } from "./table/fact.ts";
import { readTable } from "./table/otdt.ts";
import type { Row } from "./table/table.ts";
import { judge } from "./verdict.ts";
import type { Verdict } from "../../schema/verdict.ts";

export interface Replayed {
  /** Null where no rule matches, or the table refuses these facts. */
  readonly verdict: Verdict | null;
  /** Those that match, from 1. */
  readonly rules: readonly number[];
  readonly outputs: readonly Row[];
  /** The verdict is the one of the evaluation. */
  readonly isSame: boolean;
  /** Why there is no verdict. */
  readonly problem: string | null;
}

/** `source` is the text of a table's file; `model` is the one that decides now, if there is one. */
export function replay(
  model: Model | undefined,
  source: string,
  evaluation: Pick<Evaluation, "model" | "facts" | "verdict">,
): Replayed {
  const compiled = compile(readTable(source, `${evaluation.model}.otdt`));
  try {
    const result = compiled.evaluate(evaluation.facts);
    if ("failed" in result) return undecided("its hit policy is violated");
    const { rules, rows: outputs } = result;
    if (!model) return { ...undecided("no decision has this model any more"), rules, outputs };
    const { verdict } = judge(model.decision, outputs);
    return { verdict, rules, outputs, isSame: verdict === evaluation.verdict, problem: null };
  } catch (error) {
    if (error instanceof FactError || error instanceof UndecidedError) return undecided(error.message);
    throw error;
  }
}

function undecided(problem: string): Replayed {
  return { verdict: null, rules: [], outputs: [], isSame: false, problem };
}
