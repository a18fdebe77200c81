/** Tables and migrations: the columns that the code expects, from any earlier version. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import { migrate as migratePg } from "drizzle-orm/node-postgres/migrator";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { PgTable } from "drizzle-orm/pg-core";
import { drizzle as drizzleLite } from "drizzle-orm/pglite";
import { migrate as migrateLite } from "drizzle-orm/pglite/migrator";
import { Client } from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { MIGRATIONS } from "../../subgraphs/records/database/migrate.ts";
import { recordsOver } from "../support/records.ts";
import * as accessTables from "../../subgraphs/records/access/tables.ts";
import * as campaignTables from "../../subgraphs/records/campaigns/tables.ts";
import * as decisionTables from "../../subgraphs/records/decisions/tables.ts";
import * as episodeTables from "../../subgraphs/records/episodes/tables.ts";
import * as listenerTables from "../../subgraphs/records/listeners/tables.ts";
import * as locationTables from "../../subgraphs/records/locations/tables.ts";
import * as mutationTables from "../../subgraphs/records/mutations/tables.ts";
import * as webhookTables from "../../subgraphs/records/webhooks/tables.ts";
import * as worklistTables from "../../subgraphs/records/worklists/tables.ts";
import { createTestDatabase, hasServer } from "../support/database.ts";
import { NOW } from "../support/now.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { databaseError } from "../support/record-samples.ts";

const log = pino({ enabled: false });

describe.each(DATABASES)("a migrated database (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
  });
  afterAll(() => opened.close());
  const rowsOf = async (statement: SQL) => (await database.db.execute(statement)).rows;

  it("has every column that the code expects, and no other", async () => {
    const tables = [
      accessTables,
      campaignTables,
      decisionTables,
      episodeTables,
      listenerTables,
      locationTables,
      mutationTables,
      webhookTables,
      worklistTables,
    ]
      .flatMap((module): unknown[] => Object.values(module))
      .filter(
        (one): one is PgTable => typeof one === "object" && one !== null && Symbol.for("drizzle:IsDrizzleTable") in one,
      )
      .map((table) => getTableConfig(table));
    const expected = tables.flatMap(({ schema, name, columns }) =>
      columns.map(
        (column) =>
          `${schema}.${name}.${snake(column.name)} ${column
            .getSQLType()
            .replace("serial", "integer")
            .replace(" (", "(")
            .replace(/ collate .*/, "")}${column.notNull ? " not null" : ""}`,
      ),
    );
    const found = await rowsOf(
      sql`select n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || case when a.attnotnull then ' not null' else '' end as declaration
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            and n.nspname = any(${sql.param([...new Set(tables.map(({ schema }) => schema))])}::text[])`,
    );
    expect(found.map(({ declaration }) => String(declaration)).toSorted()).toEqual(expected.toSorted());
    expect(tables.length).toBeGreaterThan(15);
  });
});

describe("a database of an earlier version", () => {
  it.runIf(hasServer())(
    "on a server is migrated once by four concurrent processes, and keeps its records",
    async () => {
      const made = await createTestDatabase("empty");
      const { url = "" } = made;
      const first = await firstMigration();
      const client = new Client({ connectionString: url });
      await client.connect();
      await migratePg(drizzlePg({ client }), { ...MIGRATIONS, migrationsFolder: first });
      await client.query(OLD_ROW);
      await client.end();
      const all = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ url, directory: "memory", log })));
      expect(all).toHaveLength(4);
      await expectMigrated(all[0] as Database);
      for (const one of all) await one.close();
      await made.drop();
      await rm(first, { recursive: true });
    },
  );

  it("in a folder is migrated, and used by one process at a time", async () => {
    const directory = await mkdtemp(join(tmpdir(), "decibel-records-"));
    const first = await firstMigration();
    const pglite = await PGlite.create({ dataDir: join(directory, "postgres") });
    await migrateLite(drizzleLite({ client: pglite }), { ...MIGRATIONS, migrationsFolder: first });
    await pglite.exec(OLD_ROW);
    await pglite.close();
    const database = await openDatabase({ directory, log });
    await expect(openDatabase({ directory, log })).rejects.toThrow(
      `Cannot open the database in ${directory}: process ${process.pid} on ${hostname()} is using it; stop that process, set ` +
        `DATA_DIR to another folder, or set DATABASE_URL to a server that processes can share`,
    );
    await expectMigrated(database);
    await database.close();
    const reopened = await openDatabase({ directory, log });
    await expectMigrated(reopened);
    await reopened.close();
    await rm(directory, { recursive: true });
    await rm(first, { recursive: true });
  }, 60_000);

  const OLD_ROW = `insert into decisions.evaluations values
    ('old', 'm', '1', 's', '{}', 'd', '[]', 'ALLOW', 'SERVICE', '2026-01-01', '2026-01-02', 'x')`;

  async function expectMigrated(database: Database): Promise<void> {
    const { evaluations } = recordsOver(database, () => NOW);
    expect(await evaluations.byIds(["old"])).toMatchObject([{ id: "old", verdict: "ALLOW" }]);
    expect(await databaseError(database.db.execute(sql`delete from decisions.evaluations`))).toMatch(/append-only/);
    expect(await evaluations.byIds(["old"])).toMatchObject([{ id: "old" }]);
  }

  /** A folder with only the first migration. */
  async function firstMigration(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "decibel-migrations-"));
    await cp(MIGRATIONS.migrationsFolder, folder, { recursive: true });
    const path = join(folder, "meta/_journal.json");
    const journal = JSON.parse(await readFile(path, "utf8")) as { entries: unknown[] };
    await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }));
    return folder;
  }
});

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
