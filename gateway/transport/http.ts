/**
 * How is a subgraph asked over HTTP?
 *
 * Through a pool of connections that are kept open. The response must be a GraphQL response in JSON, whatever its status. One
 * that ends its connection says that its server leaves.
 */
import { Pool } from "undici";
import type { Dispatcher } from "undici";
import { deadlineHeader } from "../../subgraphs/platform/deadline.ts";
import { READ_ANEW } from "../../subgraphs/platform/read-anew.ts";
import type { Sign } from "../../subgraphs/platform/signing/signature.ts";
import { TRACEPARENT } from "../../subgraphs/platform/tracing/traceparent.ts";
import { REQUEST_ID } from "../../subgraphs/platform/request-id.ts";
import type { SubgraphResponse } from "../engine/run.ts";
import { isSlots } from "../engine/slots.ts";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import type { ReplicaTransport } from "./replicas.ts";
import { TransportError } from "./transport.ts";
import type { SubgraphRequest } from "./transport.ts";

export interface HttpTransportOptions {
  /** Milliseconds until a response begins, and between two parts of it. */
  readonly timeoutMs: number;
  /** Default: requests are not signed. */
  readonly sign?: Sign | undefined;
  /** Milliseconds that never decrease. */
  readonly elapsed?: () => number;
}

/** More requests at once wait for a connection. */
const MAX_CONNECTIONS = 256;
/** Less than the five seconds after which Node's servers close an idle connection. */
const KEEP_ALIVE_MS = 4000;
/** The subgraph knows the gateway no more than the client knows the subgraph: it says nothing about the client. */
const REFUSED = 401;
const TIMEOUTS: ReadonlySet<string | undefined> = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Longer than a server that leaves answers. */
const LEAVING_MS = 6000;

export function createHttpTransport(
  url: string,
  { timeoutMs, sign, elapsed = monotonic }: HttpTransportOptions,
): ReplicaTransport {
  const { origin, pathname, search } = new URL(url);
  const path = `${pathname}${search}`;
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  let leavesUntil = Number.NEGATIVE_INFINITY;
  return {
    async send(request) {
      const { caller } = request;
      const sent = { method: "POST", path, headers: headersOf(request), body: bodyOf(request) } as const;
      try {
        const response = await pool.request({
          ...sent,
          ...(sign && { headers: sign({ ...sent, caller }) }),
          signal: request.signal ?? null,
        });
        if (response.headers["connection"] === "close") leavesUntil = elapsed() + LEAVING_MS;
        return await read(response);
      } catch (error) {
        if (error instanceof TransportError) throw error;
        request.signal?.throwIfAborted();
        const code = codeOf(error);
        throw new TransportError(TIMEOUTS.has(code) ? "TIMEOUT" : "UNREACHABLE", { code, cause: error });
      }
    },
    leavesUntil: () => leavesUntil,
    close: () => pool.destroy(),
  };
}

function headersOf({ requestId, readsAnew, endsAt, trace }: SubgraphRequest): Record<string, string> {
  return {
    "content-type": "application/json",
    accept: "application/graphql-response+json, application/json",
    [REQUEST_ID]: requestId,
    ...deadlineHeader(endsAt),
    ...(readsAnew && { "cache-control": READ_ANEW }),
    ...(trace && { [TRACEPARENT]: trace.traceparent }),
  };
}

function bodyOf({ query, variables, operationName, explains }: SubgraphRequest): string {
  const extensions = explains ? { explain: true } : undefined;
  if (operationName === undefined) return JSON.stringify({ query, variables, extensions });
  return JSON.stringify({ query: named(query, operationName), variables, operationName, extensions });
}

/** Gives the operation its name: `query($id: ID!) { … }` has none. */
function named(query: string, name: string): string {
  const keyword = /^\s*(query|mutation)\b/.exec(query);
  if (keyword) return `${keyword[0]} ${name}${query.slice(keyword[0].length)}`;
  return query.trimStart().startsWith("{") ? `query ${name} ${query}` : query;
}

async function read({ statusCode: status, headers, body }: Dispatcher.ResponseData): Promise<SubgraphResponse> {
  if (status === REFUSED) {
    await body.dump();
    throw new TransportError("REFUSED", { status });
  }
  const text = await body.text();
  let response: unknown;
  try {
    response = JSON.parse(text);
  } catch (error) {
    throw new TransportError("UNEXPECTED", { status, cause: error });
  }
  if (isResponse(response)) return { ...response, maxAge: maxAgeOf(headers["cache-control"]) };
  throw new TransportError("UNEXPECTED", { status });
}

function maxAgeOf(header: string | string[] | undefined): number | undefined {
  const [, seconds] = /^max-age=(\d{1,9})$/.exec(String(header)) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

/** With data, or with errors that each have a message. */
function isResponse(value: unknown): value is SubgraphResponse {
  if (!isSlots(value)) return false;
  const { data, errors } = value;
  if (errors === undefined || errors === null) return isSlots(data);
  return Array.isArray(errors) && errors.every((error) => isSlots(error) && typeof error["message"] === "string");
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
