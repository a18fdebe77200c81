/**
 * What waits in the database, and how long already?
 *
 * Effects, by queue, and what a worklist has not seen yet. It is read at a scrape, by all processes that share the database
 * alike, and not more often than every few seconds. While the database does not answer, there are no figures: the other
 * metrics of the process are served all the same.
 */
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { Registry } from "prom-client";
import { z } from "zod";
import { monotonic } from "../platform/clock.ts";
import { scrapedGauges } from "../platform/scraped-gauge.ts";
import type { Database } from "./database/database.ts";
import { JOBS, JOB_NOW } from "./outbox/queues.ts";

export interface BacklogOptions {
  readonly db: Database["db"];
  /** Milliseconds that never decrease. */
  readonly elapsed?: () => number;
}

/** Milliseconds for which what was read counts. */
const KEPT_MS = 5000;
/** Milliseconds for the database to answer. */
const PATIENCE_MS = 2000;
/** Of pg-boss, as clients see them: see effect-records.ts. */
const STATUSES = { created: "WAITING", retry: "RETRYING", active: "RUNNING", failed: "FAILED" } as const;

const Effects = z.array(
  z.object({
    queue: z.string(),
    state: z.enum(["created", "retry", "active", "failed"]),
    effects: z.coerce.number(),
    /** Seconds; null where none is due. */
    age: z.coerce.number().nullable(),
  }),
);
const Worklists = z.array(z.object({ worklist: z.string(), age: z.coerce.number() }));

interface Backlog {
  readonly effects: z.infer<typeof Effects>;
  readonly worklists: z.infer<typeof Worklists>;
}

export function addBacklogMetrics(registry: Registry, { db, elapsed = monotonic }: BacklogOptions): void {
  let last: { readonly at: number; readonly backlog: Promise<Backlog> } | undefined;
  const gauge = scrapedGauges(registry, current);

  gauge("decibel_outbox_effects", "Effects that are not done", ["queue", "status"], (shown, { effects: all }) => {
    for (const { queue, state, effects } of all) shown.set({ queue, status: STATUSES[state] }, effects);
  });
  gauge(
    "decibel_outbox_oldest_seconds",
    "How long the oldest effect has waited that is due and has not failed",
    ["queue"],
    (shown, { effects }) => {
      const waiting = effects.filter(({ state }) => state !== "failed");
      for (const [queue, group] of Map.groupBy(waiting, (one) => one.queue))
        shown.set({ queue }, Math.max(0, ...group.map(({ age }) => age ?? 0)));
    },
  );
  gauge(
    "decibel_worklist_age_seconds",
    "How long ago that was which the worklist knows of upstreams",
    ["worklist"],
    (shown, { worklists }) => {
      for (const { worklist, age } of worklists) shown.set({ worklist }, Math.max(0, age));
    },
  );

  async function current(): Promise<Backlog | undefined> {
    if (!last || elapsed() - last.at >= KEPT_MS) last = { at: elapsed(), backlog: read() };
    const answer = last.backlog.catch(() => undefined);
    return Promise.race([answer, delay(PATIENCE_MS, undefined, { ref: false })]);
  }

  async function read(): Promise<Backlog> {
    // Each part is written as its index is: finished effects, of which there are many, are not read. What is for later is not due.
    const { rows: effects } = await db.execute(sql`
      select name as queue, state::text as state, count(*) as effects,
        extract(epoch from ${JOB_NOW} - min(case when state = 'retry' then created_on
          when start_after <= ${JOB_NOW} then greatest(created_on, start_after) end)) as age
        from ${JOBS} where state < 'active' and singleton_key is not null group by 1, 2
      union all
      select name, state::text, count(*), extract(epoch from ${JOB_NOW} - min(created_on))
        from ${JOBS} where state in ('active', 'retry', 'failed') and state <> 'retry' and policy = 'key_strict_fifo' group by 1, 2`);
    const { rows: worklists } = await db.execute(sql`
      select worklist, extract(epoch from now() - as_of) as age from worklists.sweeps where as_of is not null`);
    return { effects: Effects.parse(effects), worklists: Worklists.parse(worklists) };
  }
}
