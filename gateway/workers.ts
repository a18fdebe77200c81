/**
 * How do several processes serve one gateway on one port, and its partners on another?
 *
 * This process accepts connections and hands them to workers in turn. It listens as long as it lives: while a worker is
 * replaced, the others get its connections, also those that it had not taken yet. A worker that ends soon after its start
 * is replaced later and later.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import type { Logger } from "pino";
import { hostsFor, noPartners } from "./gateway.ts";
import type { Gateway } from "./gateway.ts";
import type { Events } from "../subgraphs/platform/events.ts";
import { noKeys } from "./access/access.ts";
import { ENDPOINT, PARTNER_ENDPOINT } from "./http/endpoints.ts";
import { urlOf } from "./http/listener.ts";
import { answerTo } from "./questions.ts";
import type { Answers } from "./questions.ts";
import type { Supergraphs } from "./graph.ts";
import { ALWAYS_READY } from "../subgraphs/platform/readiness.ts";
import { createGathered } from "./telemetry/gathered.ts";
import { WORKER } from "./worker.ts";
import type { Order, Report, WorkerOptions } from "./worker.ts";

export interface WorkersOptions extends Omit<WorkerOptions, "hearsEvents">, Partial<Answers> {
  readonly count: number;
  readonly host?: string;
  /** What clients can subscribe to. Default: nothing. */
  readonly events?: Events | undefined;
  readonly log: Logger;
}

interface Connection {
  readonly socket: Socket;
  readonly isForPartners: boolean;
}

interface Worker {
  readonly process: ChildProcess;
  /** Those that it was handed and has not taken yet, the oldest first. */
  readonly handed: Connection[];
  /** Resolves when it has said what it has counted, where it was asked. */
  counting?: PromiseWithResolvers<void> | undefined;
}

/** Several processes that are one gateway. */
export interface Workers extends Omit<Gateway, "accept"> {
  /** Of all of them, in the Prometheus text format. */
  readonly metrics: () => Promise<string>;
}

const RETRY_MS = 100;
const MAX_RETRY_MS = 10_000;
/** A worker that has lived for so many milliseconds did start. */
const STEADY_MS = 10_000;
/** Milliseconds in which connections are accepted that have come before the end: at least, and at most. */
const ACCEPT_MS = 10;
const MAX_ACCEPT_MS = 1000;
/** Milliseconds for the processes to say what they have counted. */
const COUNT_MS = 500;
/** Connections that wait while there is no worker. */
const MAX_WAITING = 1000;

/** Its subgraphs are called over HTTP. `engine` is known after `listen`. */
export function createWorkers(given: WorkersOptions): Workers {
  const { count, host = "127.0.0.1", log, allowedHosts = [] } = given;
  const { readiness = ALWAYS_READY, findKey = noKeys, events, ...rest } = given;
  const answers: Answers = { readiness, findKey };
  let options: WorkerOptions = {
    ...rest,
    allowedHosts: hostsFor(host, allowedHosts),
    hearsEvents: events !== undefined,
  };
  const server = createAcceptor(false);
  const partnerServer = createAcceptor(true);
  const all = new Set<Worker>();
  /** Those that can be handed connections; the next one first. */
  let serving: readonly Worker[] = [];
  let waiting: Connection[] = [];
  const retries = new Set<NodeJS.Timeout>();
  const gathered = createGathered<Worker>();
  let engine: Gateway["engine"] | undefined;
  let isListening = false;
  const stopListening = events?.listen((event) => {
    for (const worker of all) tell(worker, { kind: "happened", event });
  });
  let accepted = 0;
  const reloads = new Map<number, (problem?: string) => void>();
  let orders = 0;
  /** Workers in sequence that did not live for long. */
  let failures = 0;

  return {
    get engine() {
      if (!engine) throw new Error("the engine of several processes is not known before they listen");
      return engine;
    },
    async reload(next) {
      const [before, after] = [options, { ...options, ...next }];
      // Of those that start meanwhile too.
      options = after;
      const problems = await Promise.all(Array.from(all, (worker) => reloaded(worker, next)));
      const problem = problems.find((one) => one !== undefined);
      if (problem === undefined) return;
      if (options === after) options = before;
      throw new Error(problem);
    },
    async listen(port = 0) {
      // First, because it fails at once where the port is taken.
      server.listen({ port, host });
      await once(server, "listening");
      server.on("error", (error) => log.error({ err: error }, "the gateway's server failed"));
      isListening = true;
      try {
        await Promise.all(Array.from({ length: count }, start));
      } catch (error) {
        isListening = false;
        throw error;
      }
      return urlOf(server, host, ENDPOINT);
    },
    async listenForPartners(port = 0) {
      if (options.partnerSupergraph === undefined) throw noPartners();
      partnerServer.listen({ port, host });
      await once(partnerServer, "listening");
      partnerServer.on("error", (error) => log.error({ err: error }, "the gateway's server for partners failed"));
      return urlOf(partnerServer, host, PARTNER_ENDPOINT);
    },
    async metrics() {
      const counting = serving.map((worker) => {
        worker.counting ??= Promise.withResolvers();
        tell(worker, { kind: "count" });
        return worker.counting.promise;
      });
      await Promise.race([Promise.all(counting), delay(COUNT_MS, undefined, { ref: false })]);
      return gathered.text();
    },
    leave() {
      for (const worker of all) tell(worker, { kind: "leave" });
    },
    async close() {
      const wasListening = isListening;
      if (wasListening) await acceptAll();
      isListening = false;
      stopListening?.();
      server.close();
      partnerServer.close();
      for (const timer of retries) clearTimeout(timer);
      for (const { socket } of waiting.splice(0)) socket.destroy();
      await Promise.all(
        Array.from(all, async (worker) => {
          const ended = once(worker.process, "exit");
          // Behind the connections that it was handed.
          if (wasListening) tell(worker, { kind: "close" });
          else worker.process.kill("SIGKILL");
          await ended;
        }),
      );
    },
  };

  /** Its connections are handed to workers. */
  function createAcceptor(isForPartners: boolean): Server {
    return createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      // Of a client that has left.
      socket.on("error", () => {});
      accepted += 1;
      hand({ socket, isForPartners });
    });
  }

  /** Those that wait in the system are reset when the servers close. A turn of the event loop accepts one. */
  async function acceptAll(): Promise<void> {
    const startedAt = performance.now();
    await delay(ACCEPT_MS);
    let before: number;
    do {
      before = accepted;
      await setImmediate();
    } while (accepted > before && performance.now() - startedAt < MAX_ACCEPT_MS);
  }

  /** Resolves with the problem, if there is one. A worker that ends has none: the one in its place is given the same. */
  function reloaded(worker: Worker, supergraphs: Supergraphs): Promise<string | undefined> {
    orders += 1;
    const number = orders;
    return new Promise<string | undefined>((resolve) => {
      reloads.set(number, resolve);
      worker.process.once("exit", () => resolve(undefined));
      tell(worker, { kind: "reload", number, supergraphs });
    }).finally(() => reloads.delete(number));
  }

  /** Resolves when a new worker can be handed connections. */
  async function start(): Promise<void> {
    const child = fork(WORKER);
    const startedWith = options;
    const startedAt = performance.now();
    const worker: Worker = { process: child, handed: [] };
    all.add(worker);
    const started = Promise.withResolvers<void>();
    child.on("error", (error) => log.error({ err: error, pid: child.pid }, "a gateway process cannot be reached"));
    child.on("message", (report: Report) => {
      switch (report.kind) {
        case "taken":
          return worker.handed.shift()?.socket.destroy();
        case "failed":
          started.reject(new Error(report.message));
          return child.kill("SIGKILL");
        case "counted":
          gathered.counted(worker, report.counted);
          worker.counting?.resolve();
          return void (worker.counting = undefined);
        case "reloaded":
          return reloads.get(report.number)?.(report.problem);
        case "asked":
          return void answerTo(report, answers).then((answer) => tell(worker, answer));
        case "serving":
        default:
          engine ??= report.engine;
          serving = [worker, ...serving];
          for (const connection of waiting.splice(0)) hand(connection);
          log.info({ pid: child.pid }, "a gateway process serves");
          // They changed while it started.
          if (options !== startedWith) void reloaded(worker, options);
          return started.resolve();
      }
    });
    child.once("exit", (code, signal) => {
      all.delete(worker);
      gathered.ended(worker);
      worker.counting?.resolve();
      serving = serving.filter((one) => one !== worker);
      started.reject(new Error(`Cannot start a gateway process: it ended with ${signal ?? `code ${String(code)}`}`));
      if (isListening) {
        failures = performance.now() - startedAt < STEADY_MS ? failures + 1 : 0;
        const delayMs = failures === 0 ? 0 : Math.min(RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS);
        log.error({ pid: child.pid, code, signal, delayMs }, "a gateway process ended: starting another");
        replace(delayMs);
      }
      for (const connection of worker.handed.splice(0)) hand(connection);
    });
    tell(worker, { kind: "serve", options: startedWith, logLevel: log.level });
    await started.promise;
  }

  function replace(delayMs: number): void {
    const timer = setTimeout(() => {
      retries.delete(timer);
      start().catch((error: unknown) => {
        if (isListening) log.error({ err: error }, "a gateway process does not start");
      });
    }, delayMs);
    retries.add(timer);
  }

  function hand(connection: Connection): void {
    const { socket, isForPartners } = connection;
    const [next, ...others] = serving;
    if (next) {
      serving = [...others, next];
      next.handed.push(connection);
      tell(next, { kind: "answer", isForPartners }, socket);
    } else if (isListening && waiting.length < MAX_WAITING) waiting.push(connection);
    else socket.destroy();
  }
}

/** Kept open: a worker may end before it takes the connection, and its end is still to be told. */
function tell(worker: Worker, order: Order, socket?: Socket): void {
  worker.process.send(order, socket, { keepOpen: true }, () => {});
}
