/**
 * How does anybody learn of what was just decided or opened for review?
 *
 * It is said in the transaction that writes it down, so nobody hears of what was never committed, and whoever listens
 * anywhere hears of it when it is there to be read. Only ids are said: what they stand for is read. What happens while
 * nobody listens is told to nobody; it is all in the records.
 */
import { sql } from "drizzle-orm";
import type { Database, Tx } from "./database.ts";

/** PostgreSQL's channels, and whose ids are said on each. */
export const CHANNELS = { decisionMade: "decision_made", reviewOpened: "review_opened" } as const;
export type Channel = keyof typeof CHANNELS;

/** A notification holds 8,000 bytes; an id some 50. */
const AT_ONCE = 100;

export async function announce(tx: Tx, channel: Channel, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const payload = ids.slice(start, start + AT_ONCE).join(" ");
    await tx.execute(sql`select pg_notify(${CHANNELS[channel]}, ${payload})`);
  }
}

/** Told in the order of the commits. */
export function hear(
  database: Pick<Database, "listen">,
  channel: Channel,
  told: (id: string) => void,
): Promise<{ close(): Promise<void> }> {
  return database.listen(CHANNELS[channel], (payload) => {
    for (const id of payload.split(" ")) told(id);
  });
}
