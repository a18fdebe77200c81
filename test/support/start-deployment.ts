/**
 * How does a journey start Decibel?
 *
 * In one process; or, with `JOURNEYS=split`, as a deployment of many, with `JOURNEYS=grouped` of fewer: all subgraphs in each of
 * two. A journey that is about one process, such as what that one asks of the database, says so by `inOneProcess`.
 */
import { variables } from "../../subgraphs/platform/environment.ts";
import { startTestDecibel } from "./decibel.ts";
import type { StartOptions } from "./decibel.ts";
import type { Deployment } from "./deployment.ts";
import { startProcesses } from "./processes.ts";

const shape = variables["JOURNEYS"];
export const inOneProcess = shape !== "split" && shape !== "grouped";

/** How a gateway calls subgraphs. */
export const TRANSPORTS = inOneProcess ? (["memory", "http"] as const) : (["http"] as const);
/** After so many queries, one after the other, each process has answered the same: two gateways ask two replicas in turn. */
export const QUERIES_FOR_ALL = inOneProcess ? 1 : 4;
/** Of a test that starts one. */
export const STARTING = { timeout: inOneProcess ? 60_000 : 300_000 };

export function startDeployment(options: StartOptions = {}): Promise<Deployment> {
  return inOneProcess ? startTestDecibel(options) : startProcesses(options);
}
