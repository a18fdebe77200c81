/** Once for a run: the database that tests get copies of, and word of what is left out where there is no server. */
import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import { Client } from "pg";
import { pino } from "pino";
import { configurable } from "../../subgraphs/registry.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import { seed } from "../../subgraphs/records/seed.ts";
import { createWorld, firstPartyOf } from "../../subgraphs/sandbox/world/world.ts";
import { SERVER, TEMPLATE_VARIABLE, asAdmin, namesOf, urlOf } from "./database.ts";
import { NOW } from "./now.ts";

// oxlint-disable-next-line import/no-default-export -- vitest calls the default
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const missing = [
    ...((await isThere(SERVER, 5432))
      ? []
      : [`PostgreSQL at ${new URL(SERVER).host}: one database in two is not tested`]),
    ...((await isThere(process.env["CACHE_URL"] ?? "redis://127.0.0.1:6379", 6379))
      ? []
      : ["Redis: the shared cache is not tested"]),
  ];
  if (missing.length > 0) {
    const said = `LEFT OUT, for there is no server:\n  ${missing.join("\n  ")}\n`;
    if (process.env["CI"]) throw new Error(said);
    process.stderr.write(`\n${"!".repeat(80)}\n${said}${"!".repeat(80)}\n\n`);
  }
  if (missing.some((one) => one.startsWith("PostgreSQL"))) return undefined;

  const { prefix, template } = namesOf(randomUUID().slice(0, 8));
  await asAdmin(`create database ${template} template template0`);
  const database = await openDatabase({ url: urlOf(template), directory: "memory", log: pino({ enabled: false }) });
  const world = createWorld({ scale: 1, now: new Date(NOW) });
  await seed(
    database,
    firstPartyOf(world, () => true),
  );
  const outbox = await openOutbox({
    database,
    log: pino({ enabled: false }),
    queues: configurable.subgraphs,
    isSupervising: false,
  });
  await outbox.close();
  await database.close();
  process.env[TEMPLATE_VARIABLE] = template;
  return async () => {
    // And whatever a test that died left behind.
    for (const name of await databases(prefix)) await asAdmin(`drop database if exists ${name} with (force)`);
  };
}

async function databases(prefix: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: SERVER });
  await client.connect();
  const { rows } = await client.query<{ readonly datname: string }>(
    "select datname from pg_database where datname like $1",
    [`${prefix.replaceAll("_", String.raw`\_`)}%`],
  );
  await client.end();
  return rows.map(({ datname }) => datname);
}

function isThere(url: string, standard: number): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = new Socket();
  return new Promise((resolve) => {
    const is = (there: boolean): void => {
      socket.destroy();
      resolve(there);
    };
    socket.setTimeout(1000, () => is(false));
    socket.once("error", () => is(false));
    socket.connect(Number(port || standard), hostname, () => is(true));
  });
}
