/**
 * Databases for tests: on a PostgreSQL server where there is one (`DATABASE_URL`, or the local default port), each a copy
 * of one that is migrated and holds the sandboxes' world as it is at `NOW`; else inside the process, which is slower.
 */
import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { variables } from "../../subgraphs/platform/environment.ts";

export const SERVER = variables["DATABASE_URL"] ?? "postgres://root@127.0.0.1:5432/postgres";
/** Where the setup of a run leaves the name of the database that all others are copies of. */
export const TEMPLATE_VARIABLE = "TEST_DATABASE_TEMPLATE";
const TEMPLATE = "_template";

export interface TestDatabase {
  /** What a process needs to be told to use it. */
  readonly variables: Readonly<Record<string, string>>;
  /** undefined where it is inside the process. */
  readonly url: string | undefined;
  drop(): Promise<void>;
}

export const hasServer = (): boolean => variables[TEMPLATE_VARIABLE] !== undefined;

/** `empty`: migrated by nobody, and nothing in it. */
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

/** What the names of all databases of a run begin with, and the one that others are copies of. */
export function namesOf(run: string): { readonly prefix: string; readonly template: string } {
  const prefix = `decibel_test_${run}_`;
  return { prefix, template: `decibel_test_${run}${TEMPLATE}` };
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
