/**
 * May an outcome answer these facts, and in which order are its rows?
 *
 * An outcome was given to the facts that were evaluated. Others may share it only where the table here gives its rows for them
 * too: an answer that differs from the table here speaks for nobody else, whatever was known when it was asked. Its rows are
 * put into the order of the table here, not into that of the process which wrote it into a shared cache.
 */
import type { Ask, ModelRef, Outcome } from "./ask.ts";
import type { RowOrder } from "./decision.ts";
import { factsDigest } from "./identity.ts";
import type { Models } from "./models.ts";
import { areSameRows, sortedRows } from "./rows.ts";
import type { CompiledTable } from "./table/compile.ts";
import { unlessRefused } from "./table/fact.ts";
import type { Facts, Row } from "./table/table.ts";

export interface Fitted {
  readonly outcome: Outcome;
  /** `unknown` where the service runs another table than the one here. */
  readonly order: RowOrder;
}

/** Undefined for an outcome that is no answer to these facts. */
export type Fit = (outcome: Outcome, ask: Pick<Ask, "model" | "facts">) => Fitted | undefined;

export interface FitOptions {
  readonly models: Models;
  /** False for a version of which it is known that it is not the table here. */
  readonly isTableHere: (model: ModelRef) => boolean;
}

export function createFit({ models, isTableHere }: FitOptions): Fit {
  return (outcome, { model, facts }) => {
    const compiled = models.get(model)?.compiled;
    const here = compiled && rowsHere(compiled, facts);
    if (here && areSameRows(here, outcome.rows)) {
      const order = outcome.origin === "LOCAL" || isTableHere(outcome.model) ? "of the rules" : "unknown";
      return { outcome: isInOrder(outcome.rows, here) ? outcome : { ...outcome, rows: here }, order };
    }
    if (outcome.factsDigest !== factsDigest(facts)) return undefined;
    return { outcome: { ...outcome, rows: sortedRows(outcome.rows) }, order: "unknown" };
  };
}

/** The rows that the table here gives; undefined for facts that it refuses. */
export function rowsHere(compiled: CompiledTable, facts: Facts): readonly Row[] | undefined {
  return unlessRefused(() => {
    const evaluation = compiled.evaluate(facts);
    return "failed" in evaluation ? [] : evaluation.rows;
  });
}

function isInOrder(rows: readonly Row[], here: readonly Row[]): boolean {
  return rows.every((row, index) => row === here[index]);
}
