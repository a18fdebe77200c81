/** Runs once: creates the template database, and reports the tests that are skipped without PostgreSQL or Redis. */
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
    ...((await isReachable(SERVER, 5432))
      ? []
      : [
          `PostgreSQL at ${new URL(SERVER).host}: only the embedded database is tested, and commands on a server are not run`,
        ]),
    ...((await isReachable(process.env["CACHE_URL"] ?? "redis://127.0.0.1:6379", 6379))
      ? []
      : ["Redis: the shared cache is not tested"]),
  ];
  if (missing.length > 0) {
    const message = `SKIPPED, because a server is missing:\n  ${missing.join("\n  ")}\n`;
    if (process.env["CI"]) throw new Error(message);
    process.stderr.write(`\n${"!".repeat(80)}\n${message}${"!".repeat(80)}\n\n`);
  }
  if (missing.some((each) => each.startsWith("PostgreSQL"))) return undefined;

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
    // Including those of tests that crashed.
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

function isReachable(url: string, defaultPort: number): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = new Socket();
  return new Promise((resolve) => {
    const end = (reachable: boolean): void => {
      socket.destroy();
      resolve(reachable);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once("error", () => end(false));
    socket.connect(Number(port || defaultPort), hostname, () => end(true));
  });
}
