/**
 * Decibel over the bench's upstreams: `node decibel.js SANDBOXES_JSON DATA_DIR memory|http`, with the servers of DATABASE_URL
 * and CACHE_URL. Prints its parts' URLs as JSON.
 */
import { pino } from "pino";
import { startDecibel } from "../../../subgraphs/decibel.ts";
import { readEnvironment, variables } from "../../../subgraphs/platform/environment.ts";
import type { Environment } from "../../../subgraphs/platform/environment.ts";
import { configurable } from "../../../subgraphs/registry.ts";
import { ANY_PORTS } from "../../support/decibel.ts";

const [described = "{}", directory = "", transport = "memory"] = process.argv.slice(2);
const { accounts, opentextUrl } = JSON.parse(described) as {
  readonly accounts: Environment["accounts"];
  readonly opentextUrl: string;
};
const { DATABASE_URL, CACHE_URL } = variables;
const given = {
  ...ANY_PORTS,
  DATABASE_URL,
  CACHE_URL,
  DATA_DIR: directory,
  OPENTEXT_BASE_URL: opentextUrl,
  SUBGRAPH_TRANSPORT: transport,
  DECISIONS_VERIFY_SHARE: "0",
};
const environment = readEnvironment(given, configurable);
const { parts } = await startDecibel({ ...environment, accounts }, pino({ level: "error" }, pino.destination(2)));
process.stdout.write(`${JSON.stringify(Object.fromEntries(parts))}\n`);
