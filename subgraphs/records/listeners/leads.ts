/** How are the records of leads read and written? */
import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "../database/database.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import { leads } from "./tables.ts";
import type { LeadRecord, LeadRecords } from "./types.ts";

export function leadRecords(db: Tx): LeadRecords {
  return {
    async byIds(ids) {
      const rows = await db.select().from(leads).where(isAnyOf(leads.id, ids));
      const byId = new Map(rows.map((lead) => [lead.id, lead]));
      return ids.map((id) => byId.get(id));
    },
  };
}

export async function addLead(tx: Tx, lead: LeadRecord): Promise<void> {
  await tx.insert(leads).values(lead);
}

/** The lead that the evaluation routed. */
export async function leadByEvaluation(tx: Tx, evaluationId: string): Promise<LeadRecord | undefined> {
  const [lead] = await tx.select().from(leads).where(eq(leads.evaluationId, evaluationId));
  return lead;
}

/** Marks a lead as sent or suppressed, unless it was sent before. */
export async function closeLead(
  tx: Tx,
  id: string,
  outcome: Partial<Pick<LeadRecord, "sentAt" | "route" | "queue">>,
): Promise<void> {
  await tx
    .update(leads)
    .set(outcome)
    .where(and(eq(leads.id, id), isNull(leads.sentAt)));
}
