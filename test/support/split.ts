/**
 * How does a test start Decibel in parts that share nothing but servers?
 *
 * Each part has an environment of its own, as a process has, and reaches the others over HTTP alone.
 */
import { pino } from "pino";
import { startParts } from "../../subgraphs/decibel.ts";
import type { Running } from "../../subgraphs/decibel.ts";
import { createMetrics } from "../../subgraphs/pipeline/metrics.ts";
import { portVariable, readEnvironment, urlVariable } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { readRoles } from "../../subgraphs/platform/roles.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { ANY_PORTS, SANDBOXES, SUBGRAPHS } from "./decibel.ts";
import type { LogLine } from "./decibel.ts";
import { NOW, clockOf } from "./now.ts";
import { freePort } from "./programs.ts";

export interface Split {
  /** For each part: the same secret, database, and ports. */
  readonly variables: Variables;
  /** `args` as of its command. */
  start(args: readonly string[], variables?: Variables): Promise<Running>;
  /** Of all parts. */
  readonly logged: readonly LogLine[];
  /** In the reverse order of their start, those that have not been stopped. */
  stop(): Promise<void>;
}

/** `given`: of the database, and what else all parts have. */
export async function createSplit(given: Variables): Promise<Split> {
  const names = [...SUBGRAPHS, ...SANDBOXES.map((name) => `${name}-sandbox`)];
  const ports = await Promise.all(names.map(async (name) => [name, String(await freePort())] as const));
  const variables: Variables = {
    ...ANY_PORTS,
    WORKER_PORT: "0",
    SIGNER_PORT: "0",
    ...Object.fromEntries(ports.map(([name, port]) => [portVariable(name), port])),
    ...Object.fromEntries(
      ports
        .filter(([name]) => SUBGRAPHS.includes(name))
        .map(([name, port]) => [urlVariable(name), `http://127.0.0.1:${port}/graphql`]),
    ),
    SUBGRAPH_SECRET: "a secret of all parts of one test",
    ...given,
  };
  const logged: LogLine[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const running = new Set<Running>();
  return {
    variables,
    logged,
    async start(args, more = {}) {
      const roles = readRoles(args, configurable.subgraphs);
      const environment = readEnvironment({ ...variables, ...more }, configurable, roles);
      const part = await startParts(
        environment,
        roles,
        log,
        clockOf(() => NOW),
        createMetrics(),
        0,
      );
      const started: Running = {
        ...part,
        async stop() {
          if (running.delete(started)) await part.stop();
        },
      };
      running.add(started);
      return started;
    },
    async stop() {
      for (const part of [...running].toReversed()) await part.stop();
    },
  };
}
