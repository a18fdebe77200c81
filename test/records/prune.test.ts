/** Which old records are deleted, and which stay. */
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { expect, it } from "vitest";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import { prune } from "../../subgraphs/records/prune.ts";
import { createTestDatabase } from "../support/database.ts";
import { NOW } from "../support/now.ts";

it("pruning deletes keys, ids of events and finished effects after 90 days, and keeps failed effects", async () => {
  const made = await createTestDatabase();
  const log = pino({ enabled: false });
  const database = await openDatabase({ url: made.url, directory: "memory", log });
  const outbox = await openOutbox({ database, log, queues: ["campaigns"], isSupervising: false });
  const { db } = database;
  const old = new Date(NOW - 91 * 86_400_000).toISOString();
  const young = new Date(NOW - 89 * 86_400_000).toISOString();
  try {
    for (const [name, at] of Object.entries({ old, young })) {
      await db.execute(sql`insert into mutations.keys (caller, mutation, key, digest, made_at)
        values ('test', 'openCase', ${name}, 'x', ${at}::timestamptz)`);
      await db.execute(sql`insert into listeners.engagement_events (id, listener_id, kind, at)
        values (${name}, 'somebody', 'LISTEN', ${at}::timestamptz)`);
      for (const state of ["completed", "failed"]) {
        await db.execute(sql`insert into outbox.job (name, singleton_key, data, policy, state, completed_on)
          values ('campaigns', ${`${name} ${state}`}, '{"kind":"campaigns.status","data":{}}', 'key_strict_fifo',
            ${state}::outbox.job_state, ${at}::timestamptz)`);
      }
    }
    await prune({ database, now: () => NOW });
    const { rows } = await db.execute<{ readonly left: string }>(sql`select key as left from mutations.keys
      union all select id from listeners.engagement_events union all select singleton_key from outbox.job order by 1`);
    expect(rows.map(({ left }) => left)).toEqual(["old failed", "young", "young", "young completed", "young failed"]);
  } finally {
    await outbox.close();
    await database.close();
    await made.drop();
  }
});
