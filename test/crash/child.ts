/** The process that is killed: a whole Decibel whose upstreams run elsewhere. What it is told stands in `CRASH`. */
import { pino } from "pino";
import { readEnvironment, variables } from "../../subgraphs/platform/environment.ts";
import type { Environment } from "../../subgraphs/platform/environment.ts";
import { startDecibel } from "../../subgraphs/main.ts";
import { ANY_PORTS, SUBGRAPHS } from "../support/decibel.ts";

/** Where upstreams are, as their sandboxes' accounts say. */
export type Upstreams = Pick<Environment, "spotifyAds" | "spotifyWeb" | "megaphone" | "soundtrack" | "leads">;

if (import.meta.main) {
  const upstreams = JSON.parse(variables["CRASH"] ?? "{}") as Upstreams;
  const environment = readEnvironment({ ...ANY_PORTS, ...variables }, SUBGRAPHS);
  const { url } = await startDecibel({ ...environment, ...upstreams }, pino({ level: "error" }, pino.destination(2)));
  process.stdout.write(`${url}\n`);
}
