/** PgBouncer between a process and PostgreSQL: a connection is not a session there. */
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { MIGRATION_LOCK } from "../../subgraphs/records/database/migrate.ts";
import { notify, openEventChannel } from "../../subgraphs/records/database/events.ts";
import type { Event } from "../../subgraphs/platform/events.ts";
import { openPostgres } from "../../subgraphs/records/database/postgres.ts";
import { handler } from "../../subgraphs/records/outbox/effect.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import { asAdmin, createTestDatabase, hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { readableLog } from "../support/loans.ts";
import { hasPgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import type { PgBouncer } from "../support/pgbouncer.ts";
import { FOREIGN, effectiveSettings, writeDates } from "../support/session.ts";

const silent = pino({ enabled: false });
const IGNORED = ["options", "extra_float_digits", "statement_timeout", "lock_timeout", "search_path"];

describe.runIf(hasPgBouncer && hasServer())("PgBouncer", { timeout: 30_000 }, () => {
  describe.each([
    ["in transaction mode", { mode: "transaction" }],
    ["in transaction mode, with startup parameters ignored", { mode: "transaction", ignored: IGNORED }],
    ["in session mode", { mode: "session", size: 30 }],
  ] as const)("%s", (_title, options) => {
    let pgbouncer: PgBouncer;
    let made: TestDatabase;
    let database: Database;
    const { log, lines } = readableLog();
    const name = (): string => new URL(made.url ?? "").pathname.slice(1);
    beforeAll(async () => {
      pgbouncer = await startPgBouncer(options);
      made = await createTestDatabase("empty");
      await asAdmin(...FOREIGN.map(([setting, value]) => `alter database ${name()} set ${setting} = ${value}`));
      database = await openPostgres(pgbouncer.urlOf(name()), log);
    });
    afterAll(async () => {
      await database.close();
      await pgbouncer.stop();
      await made.drop();
    });

    it("gives every transaction and every statement our settings, and its other clients theirs", async () => {
      const [single, inTransaction] = await Promise.all([
        effectiveSettings(database.db),
        database.transaction((tx) => effectiveSettings(tx)),
      ]);
      expect(inTransaction).toEqual(single);
      expect(single).toMatchObject({
        DateStyle: "ISO, MDY",
        TimeZone: "UTC",
        IntervalStyle: "postgres",
        transaction_read_only: "off",
        transaction_isolation: "read committed",
        statement_timeout: "15s",
      });
    });

    it("lets many transactions at once have its few connections", async () => {
      expect(await writeDates(database, 40)).toBe(40);
    });

    it("ends a statement that takes too long", async () => {
      const late = database.transaction(async (tx) => {
        await tx.execute(sql`set local statement_timeout = 20`);
        await tx.execute(sql`select pg_sleep(5)`);
      });
      await expect(late).rejects.toMatchObject({ cause: { code: "57014" } });
      expect(await effectiveSettings(database.db)).toMatchObject({ statement_timeout: "15s" });
    });

    it("lets an outbox start, carry out effects, and stop", async () => {
      const outbox = await openOutbox({ database, log, queues: ["episodes"] });
      const done = Promise.withResolvers<string>();
      const kind = { name: "episodes.noted", data: z.object({ text: z.string() }) };
      const perform = async ({ data }: { readonly data: { readonly text: string } }) => done.resolve(data.text);
      await outbox.work("episodes", [handler({ kind, perform })]);
      await database.transaction((tx) => outbox.send(tx, kind, { subject: "one", data: { text: "noted" } }));
      expect(await done.promise).toBe("noted");
      await outbox.close();
    });

    it("is opened a second time at once, while another session has the lock for migrations", async () => {
      await database.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
        const second = await openPostgres(pgbouncer.urlOf(name()), silent, 200);
        expect(await effectiveSettings(second.db)).toMatchObject({ TimeZone: "UTC" });
        await second.close();
      });
    });

    it.runIf(options.mode === "transaction")("delivers no notifications, which is said once", async () => {
      expect(lines.filter(({ msg }) => msg?.includes("delivers no notifications"))).toHaveLength(1);
      await expect(database.listen("events", () => {})).rejects.toThrow(
        "Cannot listen: the pooler in front of the database delivers no notifications",
      );
    });

    it.runIf(options.mode === "session")("delivers notifications", async () => {
      const heard: Event[] = [];
      const channel = await openEventChannel(database, { publish: (event) => void heard.push(event) }, silent);
      const event = { kind: "effectChanged", id: "one" } as const;
      await database.transaction((tx) => notify(tx, [event]));
      await expect.poll(() => heard).toEqual([event]);
      await channel?.close();
      expect(lines).toEqual([]);
    });
  });

  it("in statement mode is refused, which says what to set", async () => {
    const pgbouncer = await startPgBouncer({ mode: "statement" });
    const made = await createTestDatabase("empty");
    const url = pgbouncer.urlOf(new URL(made.url ?? "").pathname.slice(1));
    await expect(openPostgres(url, silent)).rejects.toThrow(
      /^Cannot open the database at 127\.0\.0\.1:\d+\/\w+ \(DATABASE_URL\): PgBouncer is in statement mode, which has no transactions; set its pool_mode to transaction or session$/,
    );
    await pgbouncer.stop();
    await made.drop();
  });

  it("makes nobody wait for ever for a lock that was left behind: the error says who has it", async () => {
    const pgbouncer = await startPgBouncer({ mode: "transaction" });
    const made = await createTestDatabase("empty");
    const holder = await createHolder(made);
    const url = pgbouncer.urlOf(new URL(made.url ?? "").pathname.slice(1));
    await expect(openPostgres(url, silent, 150)).rejects.toThrow(
      /another session has held the lock for migrations for 0\.15 s; .*select pg_terminate_backend\(\d+\)/,
    );
    await holder.release();
    await (await openPostgres(url, silent, 150)).close();
    await pgbouncer.stop();
    await made.drop();
  });
});

async function createHolder({ url = "" }: TestDatabase): Promise<{ release(): Promise<void> }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
  return { release: () => client.end() };
}
