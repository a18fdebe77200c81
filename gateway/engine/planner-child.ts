/**
 * What runs in the planner's own process?
 *
 * The planner in Rust, and nothing else. Some operations over some supergraphs end its process, and some keep a thread for
 * ever: planner-process.ts starts another one then. This file is imported for its path and its messages, and only as a
 * program of its own does it load the planner. It ends when its parent does, by whatever signal, and by no other.
 */
import process from "node:process";
import type { QueryPlan, QueryPlanner } from "@graphql-hive/router-query-planner";

/** To the child. Each has one answer. */
export interface Question {
  readonly id: number;
  readonly supergraph: number;
  /** With the first question about a supergraph: to be kept for the others. */
  readonly sdl?: string | undefined;
  /** A supergraph about which nothing more is asked. */
  readonly forget?: number | undefined;
  /** Without one, the supergraph is only read. */
  readonly document?: string | undefined;
}

/** From the child. */
export type Message = Started | Answer;

/** The first one. */
export interface Started {
  readonly kind: "started";
  /** Why there is no planner for this platform. */
  readonly unavailable?: string | undefined;
}

export interface Answer {
  readonly kind: "answer";
  readonly id: number;
  readonly plan?: QueryPlan | undefined;
  /** Why there is no plan. */
  readonly error?: string | undefined;
}

export type AsyncPlanner = Pick<QueryPlanner, "planAsync">;

/** Throws for a supergraph that it cannot read. */
export type ReadSupergraph = (sdl: string) => AsyncPlanner;

/** The path of this file, or of its build. */
export const PLANNER_CHILD = import.meta.filename;

/** Answers its parent's questions. */
export async function serve(load: () => Promise<ReadSupergraph>): Promise<void> {
  // A terminal sends Ctrl-C to all its processes, but the parent still plans for the requests in flight.
  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const) process.on(signal, () => {});
  // An exit would wait for the threads, of which one may never end.
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  const planners = new Map<number, AsyncPlanner>();
  try {
    const read = await load();
    process.on("message", (question: Question) => void answer(question, read).then(tell));
    tell({ kind: "started" });
  } catch (error) {
    tell({ kind: "started", unavailable: textOf(error) });
  }

  async function answer(question: Question, read: ReadSupergraph): Promise<Answer> {
    const { id, supergraph, sdl, forget, document } = question;
    try {
      if (forget !== undefined) planners.delete(forget);
      if (sdl !== undefined) planners.set(supergraph, read(sdl));
      if (document === undefined) return { kind: "answer", id };
      return { kind: "answer", id, plan: await planners.get(supergraph)?.planAsync(document, null, new Set(), 0) };
    } catch (error) {
      return { kind: "answer", id, error: textOf(error) };
    }
  }
}

function tell(message: Message): void {
  // An error says that the parent has ended.
  process.send?.(message, undefined, undefined, () => {});
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  await serve(async () => {
    // The import loads the native build, and throws without one.
    const { QueryPlanner } = await import("@graphql-hive/router-query-planner");
    return (sdl) => new QueryPlanner(sdl);
  });
}
