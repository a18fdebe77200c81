/**
 * How does a planner that may end its process, or never end, plan for a gateway?
 *
 * In a child process. It is started with the first question, and again whenever it has ended, and ends with its parent. A
 * plan that takes too long is refused, and its child is killed; what the child was planning beside it is asked again. If
 * the child ends by itself, it is not known which of its questions did it: each is asked once more, alone, and refused if
 * that ends the child again. So an operation can end two children, and only its own client sees an error.
 *
 * The file is long because the life of the child and of the questions are one state.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { QueryPlan } from "@graphql-hive/router-query-planner";
import { GraphQLError } from "graphql";
import { limitExceeded } from "./limits.ts";
import { PLANNER_CHILD } from "./planner-child.ts";
import type { Answer, Message, Question } from "./planner-child.ts";

/** Rejects with a GraphQLError if the operation is at fault, and otherwise for a fault of the gateway. */
export type PlanDocument = (document: string) => Promise<QueryPlan>;

export interface PlannerProcess {
  /** Rejects if there is no planner for this platform, or its process does not start. */
  start(): Promise<void>;
  /** Rejects for a supergraph that the planner cannot read. */
  load(sdl: string): Promise<PlanDocument>;
  /** Of the child that runs. */
  pid(): number | undefined;
}

export interface PlannerProcessOptions {
  /** The program of the child. */
  readonly child?: string;
  readonly deadlineMs?: number;
  /** Before a child that did not start is replaced; doubled each time. */
  readonly retryMs?: number;
  /** For a child to start. */
  readonly startMs?: number;
}

/** Plans take some milliseconds. */
const DEADLINE_MS = 5000;
const RETRY_MS = 100;
const MAX_RETRY_MS = 10_000;
/** Children in sequence that do not start, after which what waits is refused. */
const MAX_FAILURES = 3;
/** A child starts in a tenth of a second, but a machine may be busy. */
const START_MS = 20_000;
/** As many as libuv has threads: a plan that waited in the child would use up its time. */
const MAX_PLANNING = 4;
/** A gateway has two: one is for deferred entities. */
const MAX_SUPERGRAPHS = 16;
/** Characters of what the child writes to its standard error after its last answer: a panic begins with its reason. */
const MAX_COMPLAINT = 1000;

interface Asked {
  readonly supergraph: number;
  readonly sdl: string;
  readonly document: string | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  /** A child ended while it planned this, and perhaps because of this. */
  isSuspect: boolean;
}

type State =
  | { readonly kind: "none" }
  /** Until the next attempt to start. */
  | { readonly kind: "pausing"; readonly timer: NodeJS.Timeout }
  | { readonly kind: "starting"; readonly child: ChildProcess }
  /** `supergraphs` are those that the child knows, the least recently used first. */
  | { readonly kind: "running"; readonly child: ChildProcess; readonly supergraphs: Set<number> };

/** Does not start a child. */
export function createPlannerProcess(options: PlannerProcessOptions = {}): PlannerProcess {
  const { child: program = PLANNER_CHILD, deadlineMs = DEADLINE_MS, retryMs = RETRY_MS, startMs = START_MS } = options;
  let state: State = { kind: "none" };
  /** Children in sequence that did not start. */
  let failures = 0;
  let [questions, supergraphs] = [0, 0];
  let waiting: Asked[] = [];
  const planning = new Map<number, { readonly asked: Asked; readonly timer: NodeJS.Timeout }>();
  let starts: PromiseWithResolvers<void>[] = [];

  return {
    start() {
      if (state.kind === "running") return Promise.resolve();
      const started = Promise.withResolvers<void>();
      starts.push(started);
      proceed();
      return started.promise;
    },
    async load(sdl) {
      supergraphs += 1;
      const supergraph = supergraphs;
      const ask = (document?: string): Promise<Answer> =>
        new Promise((resolve, reject) => {
          waiting.push({ supergraph, sdl, document, resolve, reject, isSuspect: false });
          proceed();
        });
      await ask();
      return async (document) => {
        const { plan } = await ask(document);
        if (plan?.kind !== "QueryPlan") throw new Error("Cannot plan an operation: the planner answered unexpectedly");
        return plan;
      };
    },
    pid: () => ("child" in state ? state.child.pid : undefined),
  };

  function proceed(): void {
    const isAwaited = waiting.length > 0 || starts.length > 0;
    if (state.kind === "none" && isAwaited) start();
    if (state.kind === "pausing" && isAwaited) state.timer.ref();
    if (state.kind !== "running") return;
    while (waiting.length > 0 && planning.size < MAX_PLANNING) {
      const index = waiting.findIndex(({ isSuspect }) => isSuspect);
      const isAlone = index >= 0 || planning.values().some(({ asked }) => asked.isSuspect);
      if (isAlone && planning.size > 0) return;
      const [next] = waiting.splice(Math.max(index, 0), 1);
      if (next) send(next, state);
    }
  }

  function send(asked: Asked, { child, supergraphs: known }: State & { readonly kind: "running" }): void {
    questions += 1;
    const id = questions;
    const { supergraph, document } = asked;
    const isKnown = known.delete(supergraph);
    const [oldest] = known.size >= MAX_SUPERGRAPHS ? known : [];
    if (oldest !== undefined) known.delete(oldest);
    known.add(supergraph);
    const question: Question = { id, supergraph, document, forget: oldest, sdl: isKnown ? undefined : asked.sdl };
    planning.set(id, { asked, timer: setTimeout(() => late(id, child), deadlineMs) });
    // If the child has ended, its end is still to be told.
    child.send(question, () => {});
  }

  function start(): void {
    // No flags, so that a debugger's port is not taken twice, and no variables: it needs no secrets.
    const child = fork(program, { execArgv: [], env: {}, stdio: ["ignore", "ignore", "pipe", "ipc"] });
    state = { kind: "starting", child };
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(0, MAX_COMPLAINT)));
    const timer = setTimeout(() => child.kill("SIGKILL"), startMs);
    child.on("message", (message) => {
      clearTimeout(timer);
      complaint = "";
      if (isCurrent(child)) receive(message, child);
    });
    const end = (reason: string): void => {
      clearTimeout(timer);
      if (isCurrent(child)) ended(new Error(`the planner's process ended: ${[reason, complaint.trim()].join(" ")}`));
    };
    child.once("error", ({ message }) => end(message));
    child.once("close", (code, signal) => end(signal ?? `code ${String(code)}`));
    // It must not keep its parent alive; the timers do while somebody waits.
    child.unref();
    child.channel?.unref();
    if (child.stderr && "unref" in child.stderr && typeof child.stderr.unref === "function") child.stderr.unref();
  }

  function isCurrent(child: ChildProcess): boolean {
    return "child" in state && state.child === child;
  }

  function receive(message: unknown, child: ChildProcess): void {
    if (!isMessage(message)) return void child.kill("SIGKILL");
    if (message.kind === "started") {
      if (message.unavailable !== undefined) return unavailable(new Error(message.unavailable), child);
      failures = 0;
      state = { kind: "running", child, supergraphs: new Set() };
      for (const { resolve } of starts.splice(0)) resolve();
      return proceed();
    }
    const found = planning.get(message.id);
    if (!found) return undefined;
    clearTimeout(found.timer);
    planning.delete(message.id);
    if (message.error === undefined) found.asked.resolve(message);
    else found.asked.reject(new Error(message.error));
    return proceed();
  }

  function unavailable(error: Error, child: ChildProcess): void {
    state = { kind: "none" };
    child.kill("SIGKILL");
    refuse(error);
  }

  /** Beside others, any of them may have held it up: each is planned again alone. */
  function late(id: number, child: ChildProcess): void {
    const isAlone = planning.size === 1;
    const found = planning.get(id);
    if (isAlone) planning.delete(id);
    state = { kind: "none" };
    child.kill("SIGKILL");
    const asked = interrupted();
    for (const one of asked) one.isSuspect = true;
    waiting = [...asked, ...waiting];
    if (isAlone) found?.asked.reject(limitExceeded(`operation takes longer to plan than ${deadlineMs} ms`));
    proceed();
  }

  function ended(cause: Error): void {
    const wasRunning = state.kind === "running";
    state = { kind: "none" };
    const asked = interrupted();
    for (const one of asked.filter(({ isSuspect }) => isSuspect)) one.reject(planningFailed(cause));
    const suspects = asked.filter(({ isSuspect }) => !isSuspect);
    for (const one of suspects) one.isSuspect = true;
    waiting = [...suspects, ...waiting];
    if (wasRunning) return proceed();
    failures += 1;
    if (failures >= MAX_FAILURES) refuse(new Error("Cannot plan: the planner does not start", { cause }));
    const again = (): void => {
      state = { kind: "none" };
      proceed();
    };
    const timer = setTimeout(again, Math.min(retryMs * 2 ** (failures - 1), MAX_RETRY_MS));
    state = { kind: "pausing", timer: timer.unref() };
    proceed();
  }

  /** What the child was planning. */
  function interrupted(): readonly Asked[] {
    const all = Array.from(planning.values(), ({ asked, timer }) => {
      clearTimeout(timer);
      return asked;
    });
    planning.clear();
    return all;
  }

  function refuse(error: Error): void {
    for (const { reject } of [...starts.splice(0), ...waiting.splice(0)]) reject(error);
  }
}

function isMessage(message: unknown): message is Message {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false;
  return message.kind === "started" || (message.kind === "answer" && "id" in message);
}

function planningFailed(originalError: Error): GraphQLError {
  const message = "Cannot execute: the planner fails on this operation";
  return new GraphQLError(message, { originalError, extensions: { code: "PLANNING_FAILED" } });
}
