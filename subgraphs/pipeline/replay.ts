/**
 * What would another version of a table have said to the facts of an evaluation?
 *
 * It is read, compiled and evaluated here. The ledger has the facts as the table of that day had its inputs: an input that it
 * did not have is unknown, and one of another type is refused.
 */
import { UndecidedError } from "./decision.ts";
import type { Evaluation } from "./ledger.ts";
import type { Model } from "./models.ts";
import { createLru } from "../platform/lru.ts";
import { rowsHere } from "./fit.ts";
import { areSameRows } from "./rows.ts";
import { compile } from "./table/compile.ts";
import type { CompiledTable } from "./table/compile.ts";
import { FactError } from "./table/fact.ts";
import { readTable } from "./table/otdt.ts";
import { TableError } from "./table/problem.ts";
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

/** The text of a file, with its digest. */
export interface KeptSource {
  readonly digest: string;
  readonly source: string;
}

/** `model` is the one that decides now, if there is one. */
export function replay(
  model: Model | undefined,
  kept: KeptSource,
  evaluation: Pick<Evaluation, "model" | "facts" | "verdict">,
): Replayed {
  const compiled = compiledOf(evaluation.model, kept);
  if (compiled instanceof TableError) return undecided(compiled.message);
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

/** Whether it gives exactly the rows of the evaluation to its facts. */
export function givesRows(
  kept: KeptSource,
  { model, facts, rows }: Pick<Evaluation, "model" | "facts" | "rows">,
): boolean {
  const compiled = compiledOf(model, kept);
  const here = compiled instanceof TableError ? undefined : rowsHere(compiled, facts);
  return here !== undefined && areSameRows(here, rows);
}

/** A table that this version of the engine refuses is one of an earlier version. */
export function compiledOf(model: string, { digest, source }: KeptSource): CompiledTable | TableError {
  const known = compiledTables.get(digest);
  if (known) return known;
  let made: CompiledTable | TableError;
  try {
    made = compile(readTable(source, `${model}.otdt`));
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    made = error;
  }
  compiledTables.set(digest, made);
  return made;
}

/** Many evaluations are replayed by few tables. */
const compiledTables = createLru<string, CompiledTable | TableError>(20);

function undecided(problem: string): Replayed {
  return { verdict: null, rules: [], outputs: [], isSame: false, problem };
}
