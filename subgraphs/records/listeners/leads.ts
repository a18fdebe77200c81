/** What is written down about leads, as the listeners subgraph asks for it? */
import { and, eq, isNull } from "drizzle-orm";
import type { LeadRecord, LeadRecords } from "./types.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Tx } from "../database/database.ts";
import { leads } from "./tables.ts";

export function leadRecords(db: Tx): LeadRecords {
  return {
    async byIds(ids) {
      const found = await db.select().from(leads).where(isAnyOf(leads.id, ids));
      const byId = new Map(found.map((lead) => [lead.id, lead]));
      return ids.map((id) => byId.get(id));
    },
  };
}

export async function addLead(tx: Tx, lead: LeadRecord): Promise<void> {
  await tx.insert(leads).values(lead);
}

/** The one that was routed by it. */
export async function leadByEvaluation(tx: Tx, evaluationId: string): Promise<LeadRecord | undefined> {
  const [found] = await tx.select().from(leads).where(eq(leads.evaluationId, evaluationId));
  return found;
}

/** What becomes of a lead that is not sent yet. */
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
