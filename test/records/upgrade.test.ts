/** An upgrade from version 1: the renamed rows, and the effects that wait in the outbox, are kept. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import { migrate as migratePg } from "drizzle-orm/node-postgres/migrator";
import { drizzle as drizzleLite } from "drizzle-orm/pglite";
import { migrate as migrateLite } from "drizzle-orm/pglite/migrator";
import { Client } from "pg";
import { PgBoss, fromPglite } from "pg-boss";
import type { ConstructorOptions } from "pg-boss";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { campaignRecords } from "../../subgraphs/records/campaigns/store.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { MIGRATIONS } from "../../subgraphs/records/database/migrate.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { episodeRecords } from "../../subgraphs/records/episodes/store.ts";
import { createTestDatabase, hasServer } from "../support/database.ts";

const log = pino({ enabled: false });

/** A database that a test has to migrate. */
interface OldDatabase {
  execute(statements: string): Promise<unknown>;
  readonly boss: ConstructorOptions;
  /** Closes the connection that `execute` uses. */
  close(): Promise<void>;
  /** Opens it as a process does, which migrates it to the latest version. */
  open(): Promise<Database>;
  drop(): Promise<void>;
}

const KINDS: readonly (readonly [string, (version: number) => Promise<OldDatabase>])[] = [
  ["inside this process", embeddedAt],
  ...(hasServer() ? [["on a PostgreSQL server", serverAt] as const] : []),
];

describe.each(KINDS)("a database of version 1 %s", (_kind, at) => {
  it("keeps its status requests, targetings, publications and waiting effects", async () => {
    const old = await at(1);
    await old.execute(`
      insert into campaigns.wishes (campaign_id, status, turn, evaluation_id, asked_by, asked_at, settled_at) values
        ('open', 'ACTIVE', 3, 'evaluation', 'somebody', '2026-01-02T03:04:05.678Z', null),
        ('closed', 'PAUSED', 1, null, 'anonymous', '2026-01-02Z', '2026-01-03Z');
      insert into campaigns.targetings (id, campaign_id, include, exclude, offer, asked_by, asked_at) values
        ('first', 'open', '{vip}', '{staff}', 'tickets', 'somebody', '2026-01-02Z'),
        ('second', 'open', '{}', '{}', null, 'anonymous', '2026-01-04Z');
      insert into episodes.publications
        (episode_id, podcast_id, publish_at, evaluation_id, asked_by, asked_at, settled_at) values
        ('accepted', 'podcast', '2026-01-05Z', 'evaluation', 'somebody', '2026-01-02Z', '2026-01-03Z'),
        ('waiting', 'podcast', '2026-01-05Z', 'evaluation', 'anonymous', '2026-01-04Z', null)`);
    await storeEffects(old.boss, [
      { kind: "campaigns.status", data: { campaignId: "open", turn: 3 } },
      { kind: "campaigns.targeting", data: { id: "second", campaignId: "open" } },
    ]);
    await old.close();

    const database = await old.open();
    const records = campaignRecords(database.db);
    expect(await records.statusRequests(["closed", "missing", "open"])).toEqual([
      {
        campaignId: "closed",
        status: "PAUSED",
        revision: 1,
        evaluationId: null,
        requestedBy: "anonymous",
        requestedAt: new Date("2026-01-02T00:00:00Z"),
        closedAt: new Date("2026-01-03T00:00:00Z"),
      },
      undefined,
      {
        campaignId: "open",
        status: "ACTIVE",
        revision: 3,
        evaluationId: "evaluation",
        requestedBy: "somebody",
        requestedAt: new Date("2026-01-02T03:04:05.678Z"),
        closedAt: null,
      },
    ]);
    const latest = await records.latestTargeting("open");
    expect(latest).toMatchObject({ id: "second", requestedBy: "anonymous", requestedAt: new Date("2026-01-04") });
    expect((latest && (await records.otherAudienceNames(latest)))?.toSorted()).toEqual(["staff", "vip"]);
    expect(await episodeRecords(database.db).publications(["accepted", "waiting"])).toMatchObject([
      { requestedBy: "somebody", requestedAt: new Date("2026-01-02"), acceptedAt: new Date("2026-01-03") },
      { requestedBy: "anonymous", requestedAt: new Date("2026-01-04"), acceptedAt: null },
    ]);
    const { rows } = await database.db.execute(sql`select data, state::text from outbox.job order by data->>'kind'`);
    expect(rows).toEqual([
      { data: { kind: "campaigns.status", data: { campaignId: "open", revision: 3 } }, state: "created" },
      { data: { kind: "campaigns.targeting", data: { id: "second", campaignId: "open" } }, state: "created" },
    ]);
    await database.close();
    await old.drop();
  }, 60_000);

  it("is closed to processes of that version, which look for the old names", async () => {
    const old = await at(1);
    await old.close();
    const database = await old.open();
    const codeOf = (statement: SQL): Promise<unknown> =>
      Promise.resolve(database.db.execute(statement)).then(
        () => undefined,
        ({ cause }: { readonly cause?: { readonly code?: unknown } }) => cause?.code,
      );
    expect(await codeOf(sql`select turn from campaigns.wishes`)).toBe("42P01");
    expect(await codeOf(sql`select asked_by from campaigns.targetings`)).toBe("42703");
    await database.close();
    await old.drop();
  }, 60_000);

  it("migrates without an outbox", async () => {
    const old = await at(1);
    await old.close();
    const database = await old.open();
    expect(await campaignRecords(database.db).statusRequests(["open"])).toEqual([undefined]);
    await database.close();
    await old.drop();
  }, 60_000);
});

describe.each(KINDS)("a database of a newer version %s", (_kind, at) => {
  it("is refused", async () => {
    const old = await at(0);
    await old.execute("insert into migrations.done (hash, created_at) values ('newer', 9999999999999)");
    await old.close();
    await expect(old.open()).rejects.toThrow(
      "Cannot open the database: a newer version of Decibel has migrated it. Start that version, or restore a backup",
    );
    await old.drop();
  }, 60_000);
});

/** As the outbox stores them. */
async function storeEffects(options: ConstructorOptions, effects: readonly object[]): Promise<void> {
  const boss = new PgBoss({ ...options, schema: "outbox", schedule: false, supervise: false });
  await boss.start();
  await boss.createQueue("campaigns", { policy: "key_strict_fifo" });
  for (const effect of effects) await boss.send("campaigns", effect, { singletonKey: "campaign_open" });
  await boss.stop();
}

async function embeddedAt(version: number): Promise<OldDatabase> {
  const directory = await mkdtemp(join(tmpdir(), "decibel-records-"));
  const pglite = await PGlite.create({ dataDir: join(directory, "postgres") });
  await withMigrationsTo(version, (folder) => migrateLite(drizzleLite({ client: pglite }), folder));
  return {
    execute: (statements) => pglite.exec(statements),
    boss: { db: fromPglite(pglite), backend: "pglite" },
    close: () => pglite.close(),
    open: () => openDatabase({ directory, log }),
    drop: () => rm(directory, { recursive: true }),
  };
}

async function serverAt(version: number): Promise<OldDatabase> {
  const created = await createTestDatabase("empty");
  const { url = "" } = created;
  const client = new Client({ connectionString: url });
  await client.connect();
  await withMigrationsTo(version, (folder) => migratePg(drizzlePg({ client }), folder));
  return {
    execute: (statements) => client.query(statements),
    boss: { connectionString: url },
    close: () => client.end(),
    open: () => openDatabase({ url, directory: "memory", log }),
    drop: () => created.drop(),
  };
}

/** Calls `migrate` with the migrations that a release of that version had. */
async function withMigrationsTo(
  version: number,
  migrate: (migrations: typeof MIGRATIONS) => Promise<void>,
): Promise<void> {
  const migrationsFolder = await mkdtemp(join(tmpdir(), "decibel-migrations-"));
  await cp(MIGRATIONS.migrationsFolder, migrationsFolder, { recursive: true });
  const path = join(migrationsFolder, "meta/_journal.json");
  const journal = JSON.parse(await readFile(path, "utf8")) as { readonly entries: readonly { readonly idx: number }[] };
  const entries = journal.entries.filter(({ idx }) => idx <= version);
  await writeFile(path, JSON.stringify({ ...journal, entries }));
  await migrate({ ...MIGRATIONS, migrationsFolder });
  await rm(migrationsFolder, { recursive: true });
}
