/**
 * How do processes learn of new decisions and reviews?
 *
 * By PostgreSQL's notifications, sent in the transaction that writes the record: subscribers get them after the commit,
 * when the record can be read, and never for a rollback. A notification holds ids only. It is not stored: a subscriber that
 * was away reads the records.
 */
import { sql } from "drizzle-orm";
import type { Database, Tx } from "./database.ts";

/** PostgreSQL's channels. */
const CHANNELS = { decisionMade: "decision_made", reviewOpened: "review_opened" } as const;
export type Channel = keyof typeof CHANNELS;

/** A notification holds 8,000 bytes; an id takes about 50. */
const IDS_PER_NOTIFICATION = 100;

export async function notify(tx: Tx, channel: Channel, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += IDS_PER_NOTIFICATION) {
    const payload = ids.slice(start, start + IDS_PER_NOTIFICATION).join(" ");
    await tx.execute(sql`select pg_notify(${CHANNELS[channel]}, ${payload})`);
  }
}

/** Calls `onId` in the order of the commits. */
export function subscribe(
  database: Pick<Database, "listen">,
  channel: Channel,
  onId: (id: string) => void,
): Promise<{ close(): Promise<void> }> {
  return database.listen(CHANNELS[channel], (payload) => {
    for (const id of payload.split(" ")) onId(id);
  });
}
