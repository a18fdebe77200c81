/**
 * What does a resolver know about its request?
 *
 * Its id, its caller and its log. Anything else with the lifetime of a request (loaders above all) is created on first
 * use by the module that owns it, and held in a WeakMap keyed by this context.
 */
import { randomUUID } from "node:crypto";
import type { ApolloFastifyContextFunction } from "@as-integrations/fastify";
import type { Logger } from "pino";
import { createUsedFacts } from "./facts/used.ts";
import type { FactContext } from "./facts/used.ts";
import { READ_ANEW } from "./read-anew.ts";
import { requestIdOf } from "./request-id.ts";

export interface Context extends FactContext {
  readonly requestId: string;
  /** Always `anonymous`: callers are not authenticated yet. */
  readonly caller: string;
  readonly log: Logger;
}

/** What a request says of itself. */
export interface RequestNames {
  readonly requestId: string;
  /** The name of the client's operation. */
  readonly operationName: string | undefined;
  /** Whether facts are read from their upstreams, whatever is known: for a mutation. Default false. */
  readonly readsAnew?: boolean | undefined;
}

/** One context for each request, with a child log. */
export function createContext(log: Logger, { requestId, operationName, readsAnew = false }: RequestNames): Context {
  const names = operationName === undefined ? { requestId } : { requestId, operation: operationName };
  return { requestId, caller: "anonymous", log: log.child(names), readsAnew, used: createUsedFacts() };
}

export function contextOf(log: Logger): ApolloFastifyContextFunction<Context> {
  return async ({ headers, body }) =>
    createContext(log, {
      requestId: requestIdOf(headers),
      operationName: operationNameOf(body),
      readsAnew: headers["cache-control"] === READ_ANEW,
    });
}

function operationNameOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("operationName" in body)) return undefined;
  const { operationName: name } = body;
  // It is written to the log.
  return typeof name === "string" && /^\w{1,128}$/.test(name) ? name : undefined;
}

/** For work outside a request, on behalf of the caller that requested it. It does something, so it reads anew. */
export function backgroundContext(log: Logger, caller: string): Context {
  return { ...createContext(log, { requestId: randomUUID(), operationName: undefined, readsAnew: true }), caller, log };
}

/** For work that nobody requested. */
export function serviceContext(log: Logger, caller: string): Context {
  return { ...createContext(log, { requestId: randomUUID(), operationName: undefined }), caller, log };
}

/** One `T` for each request, created on first use. */
export function perRequest<T>(create: (context: Context) => T): (context: Context) => T {
  const created = new WeakMap<Context, { readonly value: T }>();
  return (context) => {
    const existing = created.get(context);
    if (existing) return existing.value;
    const value = create(context);
    created.set(context, { value });
    return value;
  };
}
