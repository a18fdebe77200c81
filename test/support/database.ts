/**
 * Databases for tests: on a PostgreSQL server if there is one (`DATABASE_URL`, or the local default port), each a copy of a
 * template that is migrated and seeded with the sandboxes' world at `NOW`; else embedded in the process, which is slower.
 */
import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { pino } from "pino";
import { variables } from "../../subgraphs/platform/environment.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";

export const SERVER = variables["DATABASE_URL"] ?? "postgres://root@127.0.0.1:5432/postgres";
/** The setup of a run sets it to the name of the template. */
export const TEMPLATE_VARIABLE = "TEST_DATABASE_TEMPLATE";
const TEMPLATE = "_template";

export interface TestDatabase {
  /** The environment variables of a process that uses it. */
  readonly variables: Readonly<Record<string, string>>;
  /** undefined if it is embedded. */
  readonly url: string | undefined;
  drop(): Promise<void>;
}

export const hasServer = (): boolean => variables[TEMPLATE_VARIABLE] !== undefined;

/** `empty`: not migrated, and without schemas. */
export async function createTestDatabase(kind: "world" | "empty" = "world"): Promise<TestDatabase> {
  const template = variables[TEMPLATE_VARIABLE];
  if (template === undefined) {
    return { variables: { DATA_DIR: "memory" }, url: undefined, drop: async () => {} };
  }
  const name = template.replace(TEMPLATE, `_${randomUUID().replaceAll("-", "")}`);
  await asAdmin(`create database ${name} template ${kind === "world" ? template : "template0"}`);
  const url = urlOf(name);
  return {
    variables: { DATABASE_URL: url },
    url,
    drop: () => asAdmin(`drop database if exists ${name} with (force)`),
  };
}

/** The prefix of all databases of a run, and the template. */
export function namesOf(run: string): { readonly prefix: string; readonly template: string } {
  const prefix = `decibel_test_${run}_`;
  return { prefix, template: `decibel_test_${run}${TEMPLATE}` };
}

export interface OpenedDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/** Both kinds of database, migrated and without records, for suites that must hold on each. */
export const DATABASES: readonly (readonly [kind: string, open: () => Promise<OpenedDatabase>])[] = [
  ["embedded", openEmbedded],
  ...(hasServer() ? [["on a PostgreSQL server", openOnServer] as const] : []),
];

async function openEmbedded(): Promise<OpenedDatabase> {
  const database = await openDatabase({ directory: "memory", log: pino({ enabled: false }) });
  return { database, close: () => database.close() };
}

async function openOnServer(): Promise<OpenedDatabase> {
  const created = await createTestDatabase("empty");
  const database = await openHere(created.url);
  return {
    database,
    close: async () => {
      await database.close();
      await created.drop();
    },
  };
}

/** Two processes' databases, on one server. */
export async function openTwice(): Promise<{ readonly databases: readonly Database[]; close(): Promise<void> }> {
  const created = await createTestDatabase();
  const databases = [await openHere(created.url), await openHere(created.url)];
  return {
    databases,
    close: async () => {
      await Promise.all(databases.map((database) => database.close()));
      await created.drop();
    },
  };
}

function openHere(url: string | undefined): Promise<Database> {
  return openDatabase({ url, directory: "memory", log: pino({ enabled: false }) });
}

export function urlOf(name: string): string {
  const url = new URL(SERVER);
  url.pathname = `/${name}`;
  return url.href;
}

export async function asAdmin(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: SERVER, connectionTimeoutMillis: 2000 });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
