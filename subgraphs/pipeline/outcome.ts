/**
 * How do rows become an outcome?
 *
 * The same way wherever they come from: they are judged, so that nothing but rows with a verdict ever becomes one, and
 * frozen, since everybody who asked shares them.
 */
import { randomUUID } from "node:crypto";
import type { Origin } from "../../schema/verdict.ts";
import type { Ask, ModelRef, Outcome } from "./ask.ts";
import { evaluationId } from "../../schema/id.ts";
import { factsDigest } from "./identity.ts";
import type { Model } from "./models.ts";
import type { Row } from "./table/table.ts";
import { judge } from "./verdict.ts";

export interface Evaluated {
  readonly rows: readonly Row[];
  /** Of the table that was evaluated. */
  readonly version: ModelRef["version"];
  readonly origin: Extract<Origin, "SERVICE" | "LOCAL">;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
}

/** Throws an UndecidedError where the rows are none, or not rows of the decision. */
export function outcomeOf({ model: key, facts }: Ask, { decision }: Model, evaluated: Evaluated): Outcome {
  const { rows, version, origin, decidedAt } = evaluated;
  judge(decision, rows);
  return Object.freeze({
    id: evaluationId.encode(randomUUID()),
    model: Object.freeze({ key, version }),
    factsDigest: factsDigest(facts),
    rows: Object.freeze(rows.map((row) => Object.freeze(row))),
    decidedAt,
    expiresAt: decidedAt + decision.freshForMs,
    origin,
  });
}
