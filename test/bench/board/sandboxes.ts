/**
 * The upstreams of a bench, in one process. Their clock advances with each look at it, so that no rate limit is reached:
 * what is measured is Decibel, not the patience of an upstream; with REAL_CLOCK it is the system's. Prints, as JSON, how they
 * are reached; seeds the folders and servers that are given with the records of their world.
 */
import { pino } from "pino";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { readEnvironment, variables } from "../../../subgraphs/platform/environment.ts";
import { openDatabase } from "../../../subgraphs/records/database/open.ts";
import { seed } from "../../../subgraphs/records/seed.ts";
import { configurable, subgraphs, upstreams } from "../../../subgraphs/registry.ts";
import { startSandboxes } from "../../../subgraphs/sandboxes.ts";
import { ANY_PORTS } from "../../support/decibel.ts";
import { clockOf } from "../../support/now.ts";

const STEP_MS = 100;

let clock = Date.now();
const now = variables["REAL_CLOCK"] === undefined ? (): number => (clock += STEP_MS) : Date.now;
const tables = (await Promise.all(subgraphs.map(({ name }) => loadTables(`subgraphs/${name}`)))).flat();
const environment = readEnvironment(ANY_PORTS, configurable);
const sandboxes = await startSandboxes(environment, Object.values(upstreams), tables, clockOf(now));
for (const place of process.argv.slice(2)) {
  const url = place.startsWith("postgres://") ? place : undefined;
  const database = await openDatabase({ url, directory: place, log: pino({ enabled: false }) });
  await seed(database, sandboxes.firstParty);
  await database.close();
}
const { accounts, opentextAccount, firstCampaignId } = sandboxes;
process.stdout.write(`${JSON.stringify({ accounts, opentextUrl: opentextAccount?.baseUrl, firstCampaignId })}\n`);
