/**
 * The processes of a deployment on this machine: each of its parts more than once, on one PostgreSQL and one Redis.
 *
 * They are the programs that `npm run gateway` and the like start, with their own ports, and are told apart by their names.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import type { Variables } from "../../../subgraphs/platform/environment.ts";
import { planMembers } from "../../support/members.ts";
import type { Planned } from "../../support/members.ts";

export interface Member extends Pick<Planned, "name" | "args" | "origin"> {
  /** Resolves when it is ready. Rejects if it ends before. */
  start(): Promise<void>;
  /** Resolves when it has ended; with what it wrote last, if that was not by itself. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

export interface Fleet {
  readonly members: readonly Member[];
  readonly gateways: readonly string[];
  /** Of all, that they wrote to standard error, or at level error. */
  readonly complaints: readonly string[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  /** Of the database and the cache. */
  readonly variables: Variables;
  /** All subgraphs in one process, and so two of those. */
  readonly isGrouped: boolean;
}

const START_MS = 120_000;
const POLL_MS = 100;
const root = projectRoot();
const node = join(root, "node_modules/.bin/node");
const main = join(root, "dist/subgraphs/main.js");

export async function createFleet({ variables, isGrouped }: FleetOptions): Promise<Fleet> {
  const complaints: string[] = [];
  const { planned, shared } = await planMembers({ isGrouped });
  const all: Variables = {
    ...variables,
    ...shared,
    SUBGRAPH_SECRET: "a secret of all processes of a bench",
    LOG_LEVEL: "error",
  };
  const members = planned.map(member);
  const [alone, ...others] = members;

  return {
    members: others,
    gateways: members.filter(({ args }) => args[0] === "gateway").map(({ origin }) => origin),
    complaints,
    async start() {
      await alone?.start();
      // The first one migrates and fills the database.
      await others[0]?.start();
      await Promise.all(others.slice(1).map((one) => one.start()));
    },
    stop: async () => void (await Promise.all(members.map((one) => one.stop("SIGKILL")))),
  };

  function member({ name, args, origin, variables: own }: Planned): Member {
    let child: ChildProcess | undefined;
    return {
      name,
      args,
      origin,
      async start() {
        const started = spawn(node, [main, ...args], { env: { ...all, ...own }, stdio: ["ignore", "pipe", "pipe"] });
        child = started;
        const complain = (chunk: Buffer): void => {
          const lines = chunk.toString().split("\n");
          complaints.push(...lines.filter((line) => /^\{|Cannot|rror/.test(line)).map((line) => `${name}: ${line}`));
        };
        started.stdout.on("data", complain);
        started.stderr.on("data", complain);
        const endsAt = performance.now() + START_MS;
        const probe = args[0] === "sandboxes" ? "/sandbox/calls" : "/ready";
        while (!(await isOk(`${origin}${probe}`))) {
          if (started.exitCode !== null) throw new Error(`${name} ended: ${complaints.join("\n")}`);
          if (performance.now() > endsAt) throw new Error(`${name} is not ready: ${complaints.join("\n")}`);
          await delay(POLL_MS);
        }
      },
      async stop(signal) {
        const running = child;
        child = undefined;
        if (!running || running.exitCode !== null || running.signalCode !== null) return;
        const ended = once(running, "exit");
        running.kill(signal);
        await ended;
      },
    };
  }
}

async function isOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
