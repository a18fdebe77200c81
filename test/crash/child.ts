/** The process that is killed: Decibel with upstreams in another process, whose accounts are in `CRASH`. */
import { pino } from "pino";
import { configurable } from "../../subgraphs/registry.ts";
import { startDecibel } from "../../subgraphs/decibel.ts";
import { readEnvironment, variables } from "../../subgraphs/platform/environment.ts";
import type { Environment } from "../../subgraphs/platform/environment.ts";
import { ANY_PORTS } from "../support/decibel.ts";

if (import.meta.main) {
  // Written by main.ts.
  const accounts = JSON.parse(variables["CRASH"] ?? "{}") as Environment["accounts"];
  const environment = readEnvironment({ ...ANY_PORTS, ...variables }, configurable);
  const { url } = await startDecibel({ ...environment, accounts }, pino({ level: "error" }, pino.destination(2)));
  process.stdout.write(`${url}\n`);
}
