/**
 * `npm start`: the whole of Decibel in one process, until a signal or an uncaught error ends it. With arguments only some of
 * its parts: see platform/roles.ts.
 */
import process from "node:process";
import closeWithGrace from "close-with-grace";
import { startParts } from "./decibel.ts";
import type { Running } from "./decibel.ts";
import { addProcessMetrics, createMetrics } from "./pipeline/metrics.ts";
import { SYSTEM_CLOCK } from "./platform/clock.ts";
import { createLog, print } from "./platform/log.ts";
import { sentenceOf } from "./platform/reason.ts";
import { readEnvironment, variables } from "./platform/environment.ts";
import { readRoles } from "./platform/roles.ts";
import { configurable } from "./registry.ts";

/** Milliseconds: longer than the requests in flight, the outbox and the ledger may take together. */
export const DRAIN_MS = 20_000;

async function main(): Promise<void> {
  const roles = readRoles(process.argv.slice(2), configurable.subgraphs);
  const environment = readEnvironment(variables, configurable, roles);
  const log = createLog(environment.logLevel);
  const metrics = createMetrics();
  addProcessMetrics(metrics);
  const starting = startParts(environment, roles, log, SYSTEM_CLOCK, metrics);

  // A signal and an uncaught error both drain; a second signal ends the process at once. From the start on: the first
  // process of a container gets no signal that it does not listen to.
  const { close } = closeWithGrace({ delay: DRAIN_MS, logger: false, skip: ["SIGHUP"] }, async ({ err }) => {
    if (err) log.fatal({ err }, "uncaught error: shutting down");
    await (await starting).stop();
  });
  process.on("SIGHUP", () => {
    void starting.then(
      ({ front }) => {
        // A terminal that is closed takes its processes with it.
        if (front && !process.stdin.isTTY) return front.reload();
        return close();
      },
      () => {},
    );
  });
  const running = await starting;
  // Last: a reader may send a signal at once.
  print(banner(running, roles.gateway && environment.tokens === undefined));
}

const OPEN = `
OPEN: anybody on this machine may do everything, because neither AUTH_JWKS_URL nor AUTH_JWT_SECRET is set.
`;

function banner({ parts, front }: Running, isOpen: boolean): string {
  const width = Math.max(...parts.map(([name]) => name.length));
  const lines = parts.map(([name, url]) => `  ${name.padEnd(width)}  ${url}`);
  const use = front ? "Open the gateway in a browser, or send it a query; Ctrl-C stops it." : "Ctrl-C stops it.";
  return `\nDecibel is up. ${use}\n${isOpen ? OPEN : ""}\n${lines.join("\n")}\n\n`;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${sentenceOf("Cannot start", error)}\n`);
    process.exit(1);
  });
}
