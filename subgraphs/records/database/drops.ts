/**
 * How do processes tell each other which facts they have dropped?
 *
 * By PostgreSQL's notifications, for processes that share a database. While the listener has no connection, or behind a
 * pooler that delivers none, a process hears nothing and says so. A host that vanishes without a word is noticed when the
 * listener next asks, within 15 seconds; until then a fact that another process dropped may be given while it is fresh.
 */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { DropChannel } from "../../platform/facts/facts.ts";
import type { Database } from "./database.ts";

/** PostgreSQL's channel. */
const CHANNEL = "facts_dropped";

/** undefined for a database that no other process can use. */
export async function openDropChannel(
  database: Database,
  log: Logger,
): Promise<(DropChannel & { close(): Promise<void> }) | undefined> {
  if (!database.isShared) return undefined;
  const self = randomUUID();
  let listeners: Parameters<DropChannel["listen"]>[0] | undefined;
  let isListening = false;
  const listener = await listen();
  isListening = listener !== undefined;

  return {
    async announce(message) {
      await database.db.execute(sql`select pg_notify(${CHANNEL}, ${`${self} ${message}`})`);
    },
    listen: (given) => void (listeners = given),
    hears: () => isListening,
    close: async () => listener?.close(),
  };

  async function listen(): Promise<{ close(): Promise<void> } | undefined> {
    if (!database.deliversNotifications) {
      log.warn("the database delivers no notifications: this process keeps no facts of upstreams in its memory");
      return undefined;
    }
    return database.listen(CHANNEL, heard, {
      lost: () => void (isListening = false),
      restored() {
        isListening = true;
        listeners?.missed();
      },
    });
  }

  function heard(payload: string): void {
    const [from = "", ...words] = payload.split(" ");
    if (from !== self) listeners?.heard(words.join(" "));
  }
}
