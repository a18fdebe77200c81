/** What did the rules say, by an evaluation of the ledger? For an event that follows later than its decision. */
import { eq } from "drizzle-orm";
import { reasonOf } from "../../pipeline/verdict.ts";
import type { Tx } from "../database/database.ts";
import { evaluations } from "../decisions/tables.ts";
import { toldDecision } from "./events.ts";
import type { ToldDecision } from "./events.ts";

/** null if there is none in the ledger. */
export async function recordedDecision(tx: Tx, evaluationId: string | null | undefined): Promise<ToldDecision | null> {
  if (evaluationId === null || evaluationId === undefined) return null;
  const [row] = await tx.select().from(evaluations).where(eq(evaluations.id, evaluationId));
  return row ? toldDecision({ id: row.id, verdict: row.verdict, reasons: row.rows.map(reasonOf) }) : null;
}
