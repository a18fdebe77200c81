/** What does a table here say of some facts, and by which of its rules? */
import type { Verdict } from "../../schema/verdict.ts";
import { UndecidedError } from "./decision.ts";
import type { Model } from "./models.ts";
import { FactError } from "./table/fact.ts";
import type { Facts } from "./table/table.ts";
import { judge } from "./verdict.ts";

export interface Ruling {
  /** Null where there is no decision: the table refuses the facts, or no rule gives an answer. */
  readonly verdict: Verdict | null;
  /** Those that gave the verdict, from 1. */
  readonly rules: readonly number[];
}

export function rulingOf({ compiled, decision }: Model, facts: Facts): Ruling {
  try {
    const evaluation = compiled.evaluate(facts);
    if ("failed" in evaluation) return NONE;
    const { verdict } = judge(decision, evaluation.rows);
    const rules = evaluation.rules.filter((_rule, index) => evaluation.rows[index]?.["verdict"] === verdict);
    return { verdict, rules };
  } catch (error) {
    if (error instanceof FactError || error instanceof UndecidedError) return NONE;
    throw error;
  }
}

const NONE: Ruling = { verdict: null, rules: [] };
