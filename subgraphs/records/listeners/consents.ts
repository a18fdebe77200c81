/** How is a listener's answer added to the earlier ones? */
import { and, desc, eq } from "drizzle-orm";
import { listenerId as graphId } from "../../../schema/id.ts";
import type { Tx } from "../database/database.ts";
import { notify } from "../database/events.ts";
import { consents } from "./tables.ts";
import type { NewConsent } from "./types.ts";

/** Requires a lock on the listener. An answer without `recordedAt` becomes the latest, even after one in our future. */
export async function addConsent(tx: Tx, { now, ...consent }: NewConsent): Promise<void> {
  const recordedAt = consent.recordedAt ?? new Date(Math.max(Number(now), 1 + (await latestAnswerAt(tx, consent))));
  await tx.insert(consents).values({ ...consent, recordedAt });
  await notify(tx, [{ kind: "factsChanged", subject: graphId.encode(consent.listenerId) }]);
}

/** In milliseconds since the epoch; 0 if there is no answer. */
async function latestAnswerAt(
  tx: Tx,
  { listenerId, purpose }: Pick<NewConsent, "listenerId" | "purpose">,
): Promise<number> {
  const [latest] = await tx
    .select({ recordedAt: consents.recordedAt })
    .from(consents)
    .where(and(eq(consents.listenerId, listenerId), eq(consents.purpose, purpose)))
    .orderBy(desc(consents.recordedAt))
    .limit(1);
  return latest ? Number(latest.recordedAt) : 0;
}
