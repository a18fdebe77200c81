/** What waits in the database is shown by metrics, and costs nobody else theirs. */
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addBacklogMetrics } from "../../subgraphs/records/backlog.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import type { Outbox } from "../../subgraphs/records/outbox/outbox.ts";
import { createTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { samplesOf } from "../support/loans.ts";

let made: TestDatabase;
let database: Database;
let outbox: Outbox;
beforeAll(async () => {
  made = await createTestDatabase();
  const log = pino({ enabled: false });
  database = await openDatabase({ url: made.url, directory: "memory", log });
  outbox = await openOutbox({ database, log, queues: ["campaigns", "webhook-desk"], isSupervising: false });
});
afterAll(async () => {
  await outbox.close();
  await database.close();
  await made.drop();
});
beforeEach(async () => {
  await database.db.execute(sql`delete from outbox.job`);
});

let subjects = 0;
async function effect(queue: string, state: string, seconds: number, startsIn = -seconds): Promise<void> {
  subjects += 1;
  await database.db
    .execute(sql`insert into outbox.job (name, singleton_key, data, policy, state, created_on, start_after)
    values (${queue}, ${`subject ${subjects}`}, '{"kind":"campaigns.status","data":{}}', 'key_strict_fifo', ${state}::outbox.job_state,
      outbox.job_now() - make_interval(secs => ${seconds}), outbox.job_now() + make_interval(secs => ${startsIn}))`);
}

describe("the backlog", () => {
  it("is the number of effects by queue and status, without those that are done", async () => {
    for (const state of ["created", "created", "retry", "active", "failed", "completed", "cancelled"])
      await effect("campaigns", state, 60);
    await effect("webhook-desk", "retry", 60);
    const registry = new Registry();
    addBacklogMetrics(registry, database);
    expect(await samplesOf(registry, "decibel_outbox_effects")).toEqual({
      'queue="campaigns",status="WAITING"': 2,
      'queue="campaigns",status="RETRYING"': 1,
      'queue="campaigns",status="RUNNING"': 1,
      'queue="campaigns",status="FAILED"': 1,
      'queue="webhook-desk",status="RETRYING"': 1,
    });
  });

  it("is as old as the oldest effect that is due, retried or not, and has not failed", async () => {
    await effect("campaigns", "failed", 9000);
    await effect("campaigns", "created", 8000, 3600);
    await effect("campaigns", "created", 100);
    // Its next attempt is later.
    await effect("webhook-desk", "retry", 700, 300);
    const registry = new Registry();
    addBacklogMetrics(registry, database);
    const ages = await samplesOf(registry, "decibel_outbox_oldest_seconds");
    expect(Object.entries(ages).map(([queue, age]) => [queue, Math.round(age / 100)])).toEqual([
      ['queue="campaigns"', 1],
      ['queue="webhook-desk"', 7],
    ]);
  });

  it("shows how old each worklist is", async () => {
    await database.db
      .execute(sql`insert into worklists.sweeps (worklist, as_of) values ('cases', now() - interval '200 seconds'),
      ('locations', null)`);
    const registry = new Registry();
    addBacklogMetrics(registry, database);
    const ages = await samplesOf(registry, "decibel_worklist_age_seconds");
    expect(Object.entries(ages).map(([list, age]) => [list, Math.round(age / 100)])).toEqual([['worklist="cases"', 2]]);
  });

  it("is read again after some seconds, and while it cannot be read, the other metrics are served", async () => {
    let [time, reads, isDown] = [0, 0, false];
    const db = new Proxy(database.db, {
      get(target, name) {
        if (name !== "execute") return Reflect.get(target, name);
        return (...args: Parameters<Database["db"]["execute"]>) => {
          reads += 1;
          return isDown ? Promise.reject(new Error("planted")) : target.execute(...args);
        };
      },
    });
    const registry = new Registry();
    addBacklogMetrics(registry, { db, elapsed: () => time });
    await effect("campaigns", "created", 60);
    await registry.metrics();
    await registry.metrics();
    expect(reads).toBe(2);
    time = 5000;
    isDown = true;
    expect(await registry.metrics()).toContain("# TYPE decibel_outbox_effects gauge");
    expect(await samplesOf(registry, "decibel_outbox_effects")).toEqual({});
    time = 10_000;
    isDown = false;
    expect(await samplesOf(registry, "decibel_outbox_effects")).toEqual({ 'queue="campaigns",status="WAITING"': 1 });
  });
});
