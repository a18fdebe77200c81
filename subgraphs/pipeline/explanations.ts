/**
 * What would have to change for a decision to allow, and which facts does its verdict rest on?
 *
 * Answered by the diagram of the table here, where that is the table that decided. The diagram is made once for each table, when
 * a client first asks: that takes up to a tenth of a second, an answer less than one thousandth.
 */
import type { Outcome } from "./ask.ts";
import type { Decision } from "./decision.ts";
import { rowsHere } from "./fit.ts";
import type { Model } from "./models.ts";
import { areSameRows } from "./rows.ts";
import type { CompiledTable } from "./table/compile.ts";
import { TooLargeError } from "./table/diagram/diagram.ts";
import type { DiagramLimits } from "./table/diagram/diagram.ts";
import { createExplainer } from "./table/diagram/explanation.ts";
import type { Explainer, SufficientFact, WouldAllow } from "./table/diagram/explanation.ts";
import type { Facts } from "./table/table.ts";

/** Null where it is not known: another table decided than the one here, or its diagram would be too large. */
export interface Explanations {
  readonly wouldAllow: () => WouldAllow | null;
  readonly sufficient: () => readonly SufficientFact[] | null;
}

/** The facts are the subject's own; the outcome may come from equivalent ones. */
export function explanationsOf(
  model: Model | undefined,
  facts: Facts,
  { model: decidedBy, rows }: Pick<Outcome, "model" | "rows">,
  isTableHere: (model: Outcome["model"]) => boolean,
): Explanations {
  const explainer = (): Explainer | undefined => {
    if (!model || !isTableHere(decidedBy)) return undefined;
    const here = rowsHere(model.compiled, facts);
    return here && areSameRows(here, rows) ? explainerOf(model) : undefined;
  };
  return {
    wouldAllow: () => explainer()?.wouldAllow(facts) ?? null,
    sufficient: () => explainer()?.sufficient(facts) ?? null,
  };
}

const explainers = new WeakMap<CompiledTable, Explainer | "too large">();

function explainerOf({ compiled, decision }: Model): Explainer | undefined {
  const explainer = explainers.get(compiled) ?? made(compiled, decision);
  explainers.set(compiled, explainer);
  return explainer === "too large" ? undefined : explainer;
}

/** A walk over all nodes is an answer, of each subject, and blocks the process. Ours take a fourth of this. */
const LIMITS: DiagramLimits = { nodes: 40_000, edges: 400_000, steps: 80_000 };

function made({ table }: CompiledTable, { constraints, changeable }: Decision): Explainer | "too large" {
  try {
    return createExplainer(table, { constraints, changeable, limits: LIMITS });
  } catch (error) {
    if (error instanceof TooLargeError) return "too large";
    throw error;
  }
}
