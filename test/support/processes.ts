/**
 * How does a test start Decibel as a deployment?
 *
 * As two gateways, two of each subgraph and two workers over one PostgreSQL and one Redis: each in a process of its own with
 * `JOURNEYS=split`, else all subgraphs in each of two. Requests go to the gateways in turn. The processes are built ones (see part.ts): `npm run build` first.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pino } from "pino";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { bindModels } from "../../subgraphs/pipeline/models.ts";
import { projectRoot, readEnvironment, variables as surroundings } from "../../subgraphs/platform/environment.ts";
import type { Variables } from "../../subgraphs/platform/environment.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import { configurable, subgraphs, upstreams } from "../../subgraphs/registry.ts";
import { readRoles } from "../../subgraphs/platform/roles.ts";
import { startSandboxes } from "../../subgraphs/sandboxes.ts";
import { createTestDatabase } from "./database.ts";
import { ANY_PORTS, FIXED, ask, controlOf, partAt } from "./decibel.ts";
import type { LogLine, StartOptions } from "./decibel.ts";
import type { Deployment } from "./deployment.ts";
import { planMembers } from "./members.ts";
import type { Planned } from "./members.ts";
import { NOW, clockOf } from "./now.ts";
import { wakeOutbox } from "./outbox-clock.ts";
import { NO_STATE } from "./part.ts";
import type { State, Told, Wish, Wished } from "./part.ts";
import { startRedisServer } from "./redis-server.ts";

interface Part {
  readonly name: string;
  readonly pid: number;
  readonly state: () => State;
  /** Gives what listens there. */
  wish(wish: Wish): Promise<Deployment["decibel"]["parts"]>;
  /** At once. */
  kill(): Promise<void>;
}

const PART = join(projectRoot(), "dist/test/support/part.js");
const NODE = join(projectRoot(), "node_modules/.bin/node");
/** Of a machine that is busy with starting all others. */
const WISH_MS = 120_000;

export async function startProcesses({ variables, now = () => NOW }: StartOptions = {}): Promise<Deployment> {
  const logged: LogLine[] = [];
  const redis = await startRedisServer();
  const database = await createTestDatabase();
  const { planned, shared } = await planMembers({ isGrouped: surroundings["JOURNEYS"] !== "split" });
  const given: Variables = {
    ...ANY_PORTS,
    ...FIXED,
    CACHE_URL: redis.url,
    SUBGRAPH_SECRET: "a secret of all processes of a test",
    ...database.variables,
    ...variables,
    ...shared,
  };
  const parts = planned.map((one) => startPart(one, { ...given, ...one.variables }, logged));
  let time = now();
  const first = now === Date.now ? undefined : time;
  const cleanups: (() => Promise<unknown>)[] = [() => redis.stop(), () => database.drop()];
  const stop = async (): Promise<void> => {
    // From the top down.
    for (const role of ["gateway", "worker", "subgraph", "sandboxes"])
      await all({ kind: "stop" }, role).catch(() => {});
    await Promise.all(parts.map((part) => part.kill()));
    for (const cleanup of cleanups.toReversed()) await cleanup();
  };

  try {
    return await start();
  } catch (error) {
    await stop();
    throw error;
  }

  async function start(): Promise<Deployment> {
    const listening = (await all({ kind: "start", now: first })).flat();
    // On a busy machine the first look at the versions may have failed.
    await all({ kind: "versions" }, "subgraph");
    const environment = readEnvironment(given, configurable, readRoles(["worker"], configurable.subgraphs));
    const declared = await Promise.all(
      subgraphs.map(async ({ name, decisions }) => ({
        decisions,
        tables: await loadTables(join(projectRoot(), "subgraphs", name)),
      })),
    );
    const elsewhere = await startSandboxes(environment, Object.values(upstreams), [], clockOf(now), "elsewhere");
    const log = pino({ enabled: false });
    const opened = await openDatabase({ url: database.url, directory: "memory", log });
    const outbox = await openOutbox({ database: opened, log, isSupervising: false });
    cleanups.push(
      () => opened.close(),
      () => outbox.close(),
      wakeOutbox(opened),
    );
    /** Wishes that a test does not wait for. */
    let open: Promise<unknown> = Promise.resolve();
    const later = (wish: Wish, role?: string): void => void (open = open.then(() => all(wish, role)));
    /** All processes have the time of the test, and what it wished before. */
    const settle = async (): Promise<void> => {
      if (first !== undefined && now() !== time) {
        time = now();
        later({ kind: "time", now: time });
      }
      await open;
    };
    const settled = async (wish: Wish, role?: string): Promise<void> => {
      await settle();
      await all(wish, role);
    };
    let turn = 0;
    /** Of two, one and then the other. */
    const inTurn = (name: string): string => {
      const urls = listening.flatMap(([part, url]) => (part === name ? [url] : []));
      const url = urls[(turn += 1) % urls.length];
      if (url === undefined) throw new RangeError(`there is no part ${name}`);
      return url;
    };
    const longest = (of: "waiting" | "working"): number => Math.max(...parts.map(({ state }) => state()[of]));
    /** Undefined until those that decide agree. */
    const agreed = (model: string): number | undefined => {
      const deciding = parts.filter((_part, index) => planned[index]?.args[0] === "subgraph");
      const versions = new Set(deciding.map(({ state }) => state().versions[model]));
      return versions.size === 1 ? [...versions][0] : undefined;
    };

    return {
      decibel: {
        get url() {
          return inTurn("gateway");
        },
        get parts() {
          return (turn += 1) % 2 === 0 ? listening : listening.toReversed();
        },
        database: opened,
        outbox,
        sandboxes: {
          ...elsewhere,
          opentext: elsewhere.opentext && {
            ...elsewhere.opentext,
            deploy: ({ table }) => later({ kind: "deploy", table }, "sandboxes"),
          },
        },
        worklists: [{ catchUp: () => settled({ kind: "worklists" }, "worker") }],
        pipeline: {
          models: bindModels(declared),
          versions: {
            running: agreed,
            refresh: async () => {
              await settled({ kind: "versions" }, "subgraph");
              return true;
            },
          },
          scheduler: {
            get waiting() {
              return longest("waiting");
            },
            get working() {
              return longest("working");
            },
          },
        },
      },
      pids: parts.map(({ pid }) => pid),
      settle,
      async query(text, values) {
        await settle();
        return ask(inTurn("gateway"), text, values);
      },
      part: (name) => partAt(inTurn(name)),
      sandbox: (name) => controlOf(inTurn(`${name} sandbox`), settle),
      logged,
      stop,
    };
  }

  function all(wish: Wish, role?: string) {
    const those = parts.filter((_part, index) => role === undefined || planned[index]?.args[0] === role);
    return Promise.all(those.map((part) => part.wish(wish)));
  }
}

function startPart({ name, args }: Planned, variables: Variables, logged: LogLine[]): Part {
  const child = fork(PART, args, {
    execPath: NODE,
    execArgv: ["--enable-source-maps"],
    env: variables,
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => void (said += chunk.toString()));
  const ended = once(child, "close");
  let state = NO_STATE;
  let last = 0;
  const wishes = new Map<number, (told: Extract<Told, { kind: "done" }>) => void>();
  child.on("message", (message) => {
    const told = message as Told;
    if (told.kind === "log") logged.push(JSON.parse(told.line) as LogLine);
    else if (told.kind === "state") ({ state } = told);
    else wishes.get(told.id)?.(told);
  });
  return {
    name,
    pid: child.pid ?? 0,
    state: () => state,
    async wish(wish) {
      const id = (last += 1);
      const done = Promise.withResolvers<Extract<Told, { kind: "done" }>>();
      wishes.set(id, done.resolve);
      const timer = setTimeout(() => done.reject(new Error(`${name} has not done ${wish.kind}: ${said}`)), WISH_MS);
      const gone = (): void => done.reject(new Error(`${name} ended: ${said}`));
      child.once("exit", gone);
      if (child.connected) child.send({ ...wish, id } satisfies Wished);
      else gone();
      try {
        const { parts, error } = await done.promise;
        if (error !== undefined) throw new Error(`${name} cannot ${wish.kind}: ${error}`);
        return parts;
      } finally {
        clearTimeout(timer);
        child.off("exit", gone);
        wishes.delete(id);
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
