/**
 * What does a resolver know about its request?
 *
 * Its id, its caller and its log. Anything else with the lifetime of a request (loaders above all) is created on first
 * use by the module that owns it, and held in a WeakMap keyed by this context.
 */
import { randomUUID } from "node:crypto";
import type { ApolloFastifyContextFunction } from "@as-integrations/fastify";
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { ANYBODY, withAllRights } from "./caller.ts";
import type { Caller } from "./caller.ts";
import { monotonic } from "./clock.ts";
import { readDeadline } from "./deadline.ts";
import { createUsedFacts } from "./facts/used.ts";
import type { FactContext } from "./facts/used.ts";
import { READ_ANEW } from "./read-anew.ts";
import { requestIdOf } from "./request-id.ts";
import type { SpanParent } from "./tracing/span.ts";
import type { Tracing } from "./tracing/tracing.ts";
import { ALWAYS_WANTED } from "./wanted.ts";
import type { IsWanted } from "./wanted.ts";
import { createWave } from "./wave.ts";
import type { Wave } from "./wave.ts";

export interface Context extends FactContext {
  readonly requestId: string;
  readonly caller: Caller;
  readonly log: Logger;
  /** Of the call of its gateway; undefined where that is not traced. */
  readonly trace?: SpanParent | undefined;
  /** Of its decisions; undefined where it does not ask to be explained. */
  readonly wave?: Wave | undefined;
}

/** What a request says of itself. */
export interface RequestNames {
  readonly requestId: string;
  /** Default: anybody. */
  readonly caller?: Caller | undefined;
  /** The name of the client's operation. */
  readonly operationName: string | undefined;
  /** Whether facts are read from their upstreams, whatever is known: for a mutation. Default false. */
  readonly readsAnew?: boolean | undefined;
  /** Whether somebody waits for the answer. Default: always. */
  readonly isWanted?: IsWanted | undefined;
  /** Of the gateway's call. Default: it is not traced. */
  readonly trace?: SpanParent | undefined;
  /** Whether the answer says what became of its decisions. Default false. */
  readonly explains?: boolean | undefined;
}

/** One context for each request, with a child log. */
export function createContext(
  log: Logger,
  {
    requestId,
    caller = ANYBODY,
    operationName,
    readsAnew = false,
    isWanted = ALWAYS_WANTED,
    trace,
    explains = false,
  }: RequestNames,
): Context {
  const names = {
    requestId,
    ...(trace && { traceId: trace.traceId }),
    caller: caller.id,
    ...(operationName !== undefined && { operation: operationName }),
  };
  const wave = explains ? createWave() : undefined;
  return { requestId, caller, log: log.child(names), readsAnew, used: createUsedFacts(), isWanted, trace, wave };
}

/** `callerOf` gives who sent it; undefined where nobody is asked. */
export function contextOf(
  log: Logger,
  callerOf: (request: FastifyRequest) => Caller | undefined,
  tracing: Pick<Tracing, "parentOf">,
): ApolloFastifyContextFunction<Context> {
  return async (request, { raw: response }) => {
    const { headers, body } = request;
    const endsAt = readDeadline(headers);
    return createContext(log, {
      requestId: requestIdOf(headers),
      caller: callerOf(request),
      operationName: operationNameOf(body),
      readsAnew: headers["cache-control"] === READ_ANEW,
      isWanted: () => !response.destroyed && monotonic() < endsAt,
      trace: tracing.parentOf(headers),
      explains: asksToExplain(body),
    });
  };
}

function operationNameOf(body: unknown): string | undefined {
  const name = isObject(body) ? body["operationName"] : undefined;
  // It is written to the log.
  return typeof name === "string" && /^\w{1,128}$/.test(name) ? name : undefined;
}

/** By its extension `explain`. */
function asksToExplain(body: unknown): boolean {
  return isObject(body) && isObject(body["extensions"]) && body["extensions"]["explain"] === true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** For work outside a request, on behalf of the caller whose request was accepted. It does something, so it reads anew. */
export function backgroundContext(log: Logger, callerId: string): Context {
  return { ...serviceContext(log, callerId), readsAnew: true };
}

/** For work that nobody requested. */
export function serviceContext(log: Logger, callerId: string): Context {
  const names = { requestId: randomUUID(), caller: withAllRights(callerId), operationName: undefined };
  return { ...createContext(log, names), log };
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
