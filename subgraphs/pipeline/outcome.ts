/**
 * How do rows become an outcome?
 *
 * In the same way for service and local table. Rows are judged here, so that only rows with a verdict, reasons and an
 * answer become an outcome, which is frozen, because all askers share it. Reasons and answer are taken from its rows
 * again for each asker (see loader.ts), because that is all that the cache and the ledger keep. Their order is fixed here too.
 */
import { randomUUID } from "node:crypto";
import { evaluationId } from "../../schema/id.ts";
import type { Origin } from "../../schema/verdict.ts";
import type { Ask, ModelRef, Outcome } from "./ask.ts";
import { factsDigest } from "./identity.ts";
import type { Model } from "./models.ts";
import type { RowOrder } from "./decision.ts";
import type { Row } from "./table/table.ts";
import { judge } from "./verdict.ts";

export interface Evaluated {
  readonly rows: readonly Row[];
  /** Default: in the order of the rules. */
  readonly order?: RowOrder;
  /** Of the table that was evaluated. */
  readonly version: ModelRef["version"];
  readonly origin: Extract<Origin, "SERVICE" | "LOCAL">;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
}

/** Throws an UndecidedError where there are no rows, or not rows of this decision. */
export function outcomeOf({ model: key, facts }: Ask, { decision }: Model, evaluated: Evaluated): Outcome {
  const { rows, order, version, origin, decidedAt } = evaluated;
  const { verdict } = judge(decision, rows, order);
  return Object.freeze({
    id: evaluationId.encode(randomUUID()),
    model: Object.freeze({ key, version }),
    factsDigest: factsDigest(facts),
    rows: Object.freeze(rows.map((row) => Object.freeze(row))),
    verdict,
    decidedAt,
    expiresAt: decidedAt + decision.freshForMs,
    origin,
  });
}
