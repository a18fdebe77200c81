/**
 * How do processes tell each other which facts they have dropped?
 *
 * By announcements of processes that share a database. A process that may miss one says so; where a host vanished without a
 * word, a fact that another process dropped may be given until that is noticed, while it is fresh.
 */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import type { DropChannel } from "../../platform/facts/facts.ts";
import type { Database } from "./database.ts";
import { hear } from "./hearing.ts";

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
  const hearing = await hear(database, {
    channel: CHANNEL,
    heard(payload) {
      const [from = "", ...words] = payload.split(" ");
      if (from !== self) listeners?.heard(words.join(" "));
    },
    missed: () => listeners?.missed(),
    without: "this process keeps no facts of upstreams in its memory",
    log,
  });

  return {
    async announce(message) {
      await database.db.execute(sql`select pg_notify(${CHANNEL}, ${`${self} ${message}`})`);
    },
    listen: (given) => void (listeners = given),
    hears: () => hearing.hears(),
    close: () => hearing.close(),
  };
}
