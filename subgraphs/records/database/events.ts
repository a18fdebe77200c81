/**
 * How do processes learn of what others have recorded?
 *
 * By PostgreSQL's notifications, sent in the transaction that writes the record: they are heard after the commit, when the
 * record can be read, and never for a rollback, in the order of commits. They are not stored: a process that was away hears
 * that it has missed some.
 */
import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import { readEvent } from "../../platform/events.ts";
import type { Event, EventStream } from "../../platform/events.ts";
import { parseJson } from "../../platform/http-reply.ts";
import type { Database, Tx } from "./database.ts";
import { hear } from "./hearing.ts";

/** PostgreSQL's channel. */
export const EVENT_CHANNEL = "events";

/** Bytes: a notification holds 8,000. */
const MAX_BYTES = 7500;

/** For when the transaction commits. */
export async function notify(tx: Tx, events: readonly Event[]): Promise<void> {
  for (const payload of payloadsOf(events)) await tx.execute(sql`select pg_notify(${EVENT_CHANNEL}, ${payload})`);
}

/** Publishes what is notified; undefined where nothing would be heard. */
export async function openEventChannel(
  database: Pick<Database, "listen" | "deliversNotifications">,
  { publish }: Pick<EventStream, "publish">,
  log: Logger,
): Promise<{ close(): Promise<void> } | undefined> {
  const hearing = await hear(database, {
    channel: EVENT_CHANNEL,
    heard(payload) {
      for (const line of payload.split("\n")) {
        const event = readEvent(parseJson(line));
        if (event) publish(event);
      }
    },
    missed: () => publish({ kind: "missed" }),
    without: "clients cannot subscribe",
    log,
  });
  return database.deliversNotifications ? hearing : undefined;
}

/** One event a line. */
function payloadsOf(events: readonly Event[]): readonly string[] {
  const payloads: string[] = [];
  let lines: string[] = [];
  let size = 0;
  for (const event of events) {
    const line = JSON.stringify(event);
    const bytes = Buffer.byteLength(line) + 1;
    if (size + bytes > MAX_BYTES && lines.length > 0) {
      payloads.push(lines.join("\n"));
      [lines, size] = [[], 0];
    }
    lines.push(line);
    size += bytes;
  }
  return lines.length > 0 ? [...payloads, lines.join("\n")] : payloads;
}
