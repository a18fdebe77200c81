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

export interface EventTeller {
  /** Never throws, and does not wait. */
  readonly tell: (event: Event) => void;
  close(): Promise<void>;
}

/** Milliseconds in which events are collected, so that those of one cause are told together. */
const COLLECT_MS = 25;

/** Tells other processes what happened in this one without a record. What cannot be told is lost, with a line in the log. */
export function createEventTeller({ db }: Pick<Database, "db">, log: Pick<Logger, "warn">): EventTeller {
  const waiting = new Map<string, Event>();
  let timer: NodeJS.Timeout | undefined;
  let telling = Promise.resolve();
  const tellAll = async (): Promise<void> => {
    timer = undefined;
    const events = [...waiting.values()];
    waiting.clear();
    try {
      await notify(db, events);
    } catch (error) {
      log.warn({ err: error, events: events.length }, "other processes are not told what happened here");
    }
  };
  return {
    tell(event) {
      waiting.set(JSON.stringify(event), event);
      timer ??= setTimeout(() => (telling = telling.then(tellAll)), COLLECT_MS).unref();
    },
    async close() {
      clearTimeout(timer);
      await telling.then(tellAll);
    },
  };
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
