/**
 * What do all sandboxes have in common?
 *
 * An HTTP server that speaks the upstream's protocol, logs its calls, and fails on request:
 *   GET  /sandbox/calls    the calls since the last reset           DELETE  resets them
 *   PUT  /sandbox/faults   the faults from now on                   DELETE  removes them
 * These two routes need no credentials, never fail and are never counted. A sandbox is for people and tests, not for the
 * internet. The file is long because all faults are applied in one place.
 */
import { Readable } from "node:stream";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import fastify from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { SpoilSchema, spoiled } from "./spoil.ts";
import { createTokenBucket } from "../platform/token-bucket.ts";
import type { TokenBucket } from "../platform/token-bucket.ts";

const FaultsSchema = z.strictObject({
  /** Answer with this status; in a batch request, to the share of its items. */
  status: z.int().min(400).max(599).optional(),
  /** The share of requests that fail, 0 to 1. Default 1. */
  share: z.number().min(0).max(1).optional(),
  /** With `status`: when to come back, in seconds. */
  retryAfter: z.int().min(0).max(1_000_000).optional(),
  /** With `retryAfter`: as a number, or as an HTTP date. Default: a number. */
  retryAfterAs: z.enum(["seconds", "date"]).optional(),
  /** With `status`: the call is carried out all the same, as where a proxy gives up waiting for the answer. Default false. */
  carriedOut: z.boolean().optional(),
  /** Wait before answering, in milliseconds. */
  latencyMs: z.int().min(0).max(120_000).optional(),
  /** OpenText only: no rows, an unknown verdict, or texts instead of numbers and vice versa. */
  rows: z.enum(["empty", "unknown", "wrong"]).optional(),
  /** What was made is in no list for so many milliseconds; like the next one whatever `only` and `share` say. */
  listsLagMs: z.int().min(0).max(86_400_000).optional(),
  /** What was made is answered as if it did not exist for so many milliseconds. */
  absentMs: z.int().min(0).max(86_400_000).optional(),
  /** Stop in the middle of the JSON: end the response, or reset the connection. */
  body: z.enum(["malformed", "reset"]).optional(),
  /** Refuse our account: the grant or the client at a token endpoint, and every other call with 401. */
  account: z.enum(["invalid_grant", "invalid_client"]).optional(),
  /** Change a field of each JSON answer that has it. */
  spoil: SpoilSchema.optional(),
  /** Answer 429 with `Retry-After` beyond this rate. */
  requestsPerSecond: z.number().positive().optional(),
  /** Only requests whose path or body has this text: a firewall dislikes it, or it is about one thing. */
  mentions: z.string().min(1).optional(),
  /** The requests that fail: on OpenText one kind of request, elsewhere writes. Default: all. */
  only: z.enum(["token", "execute", "list", "write"]).optional(),
});
export type Faults = z.infer<typeof FaultsSchema>;
export type Kind = Exclude<NonNullable<Faults["only"]>, "write">;

/** The log of the requests. */
export interface CallLog {
  record(request: FastifyRequest, reply: FastifyReply): void;
  snapshot(): unknown;
  reset(): void;
}

export interface SandboxOptions {
  /** The upstream's name: `spotify-ads`. */
  readonly name: string;
  /** Adds the upstream's routes. */
  readonly routes: (app: FastifyInstance) => void;
  /** An error in the upstream's format, for a fault. */
  readonly problem: (status: number) => unknown;
  /** The header by which it says when to come back. Default `retry-after`. */
  readonly comeBackHeader?: string;
  /** The routes that `only` can name. Default: writes. */
  readonly kinds?: Readonly<Record<Kind, readonly string[]>>;
  /** Which requests are writes. Default: all but GET and token requests. */
  readonly isWrite?: (request: FastifyRequest) => boolean;
  /** The route of batch requests, whose items fail one by one; see `faultsOfOne`. */
  readonly many?: string | undefined;
  /** Whether it answers rows, which the fault `rows` changes. Default: no. */
  readonly spoilsRows?: boolean;
  /** Whether things are made in it, which the faults `listsLagMs` and `absentMs` delay. Default: no. */
  readonly makesThings?: boolean;
  readonly calls?: CallLog;
  /** 0 to 1; selects the requests that a fault affects. */
  readonly random?: () => number;
  /** Milliseconds since the epoch, for the rate limit. */
  readonly now?: () => number;
}

export interface Sandbox {
  readonly name: string;
  readonly app: FastifyInstance;
  /** Gives the origin; port 0 takes any free port. Default: on 127.0.0.1. */
  listen(port?: number, host?: string): Promise<string>;
  close(): Promise<void>;
}

/** The number of logged requests. */
const REMEMBERED = 500;

const befalling = new WeakMap<FastifyRequest, Faults>();
const befallingOne = new WeakMap<FastifyRequest, () => Faults>();

/** The faults of this request; usually none. */
export function faultsOf(request: FastifyRequest): Faults {
  return befalling.get(request) ?? {};
}

/** The faults of the next item of this batch request. */
export function faultsOfOne(request: FastifyRequest): Faults {
  return befallingOne.get(request)?.() ?? {};
}

export function createSandbox(options: SandboxOptions): Sandbox {
  const {
    name,
    kinds,
    many,
    spoilsRows = false,
    makesThings = false,
    comeBackHeader = "retry-after",
    isWrite = changes,
    calls = createCallLog(),
    random = Math.random,
    now = Date.now,
  } = options;
  const app = fastify({
    bodyLimit: 8 * 1024 * 1024,
    forceCloseConnections: true,
    requestTimeout: 30_000,
  });
  const closing = new AbortController();
  let rateLimit: TokenBucket | undefined;
  let faults: Faults = {};

  app.addHook("onRequest", async (request, reply) => {
    const { only, mentions, listsLagMs, absentMs } = faults;
    if (isControl(request)) return undefined;
    befalling.set(request, { listsLagMs, absentMs });
    if (only === "write" || mentions !== undefined || !isOfKind(request)) return undefined;
    return befall(request, reply);
  });
  // After the body was read, to know writes, and after unauthorized requests were refused.
  app.addHook("preHandler", async (request, reply) => {
    const { only, mentions } = faults;
    if (isControl(request) || (only !== "write" && mentions === undefined) || !isOfKind(request)) return undefined;
    if (mentions !== undefined && !`${request.url} ${JSON.stringify(request.body)}`.includes(mentions))
      return undefined;
    return befall(request, reply);
  });

  /** Whether `only` names it. */
  function isOfKind(request: FastifyRequest): boolean {
    const { only } = faults;
    if (only === "write") return isWrite(request);
    return only === undefined || kinds?.[only].includes(request.routeOptions.url ?? "") === true;
  }

  async function befall(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { url: route = "" } = request.routeOptions;
    if (faults.requestsPerSecond !== undefined) {
      const perSecond = faults.requestsPerSecond;
      rateLimit ??= createTokenBucket({ capacity: Math.max(1, perSecond), perSecond, now });
      const waitMs = rateLimit.take();
      if (waitMs > 0) {
        return reply
          .code(429)
          .header("retry-after", String(Math.ceil(waitMs / 1000)))
          .send(options.problem(429));
      }
    }
    const current = faults;
    const { share = 1, latencyMs, status, retryAfter, retryAfterAs, account, carriedOut = false } = current;
    if (route === many) befallingOne.set(request, () => (random() < share ? current : {}));
    if (random() >= share) return undefined;
    befalling.set(request, current);
    if (latencyMs) await delay(latencyMs, undefined, { signal: closing.signal }).catch(() => {});
    if (account !== undefined) {
      const isToken = route.endsWith("/token");
      return reply.code(isToken ? 400 : 401).send(isToken ? { error: account } : options.problem(401));
    }
    if (status === undefined || (route === many && current.share !== undefined)) return undefined;
    if (retryAfter !== undefined) reply.header(comeBackHeader, comeBack(retryAfter, retryAfterAs));
    if (carriedOut) return undefined;
    return reply.code(status).send(options.problem(status));
  }

  app.addHook("onSend", async (request, reply, answered) => {
    const { body, spoil, status, carriedOut } = faultsOf(request);
    if (status !== undefined && carriedOut === true) {
      void reply.code(status).type("application/json");
      return JSON.stringify(options.problem(status));
    }
    const payload = spoil && isJson(reply) ? JSON.stringify(spoiled(JSON.parse(String(answered)), spoil)) : answered;
    if (body === undefined || typeof payload !== "string") return payload;
    const half = payload.slice(0, Math.ceil(payload.length / 2));
    if (body === "malformed") return half;
    // A response that never ends has no onResponse.
    calls.record(request, reply);
    return Readable.from(brokenOff(half, request));
  });
  app.addHook("onResponse", async (request, reply) => {
    if (!isControl(request)) calls.record(request, reply);
  });

  app.get("/sandbox/calls", () => calls.snapshot());
  app.delete("/sandbox/calls", (_request, reply) => {
    calls.reset();
    return reply.code(204).send();
  });
  app.get("/sandbox/faults", () => faults);
  app.put("/sandbox/faults", (request, reply) => {
    const parsed = FaultsSchema.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ message: z.prettifyError(parsed.error) });
    const { only, rows, listsLagMs, absentMs } = parsed.data;
    if ((listsLagMs !== undefined || absentMs !== undefined) && !makesThings) {
      return reply
        .code(400)
        .send({ message: `${name} does not know "listsLagMs" and "absentMs": nothing is made in it` });
    }
    if (rows !== undefined && !spoilsRows) {
      return reply.code(400).send({ message: `${name} does not know "rows": it answers none` });
    }
    if (only !== undefined && (only === "write") === (kinds !== undefined)) {
      const known = Object.keys(kinds ?? { write: [] }).map((kind) => `"${kind}"`);
      return reply.code(400).send({ message: `${name} does not know "${only}": "only" is ${known.join(", ")}` });
    }
    faults = parsed.data;
    rateLimit = undefined;
    return faults;
  });
  app.delete("/sandbox/faults", (_request, reply) => {
    faults = {};
    rateLimit = undefined;
    return reply.code(204).send();
  });
  options.routes(app);

  return {
    name,
    app,
    listen: (port = 0, host = "127.0.0.1") => app.listen({ host, port }),
    close: () => {
      closing.abort();
      return app.close();
    },
  };
}

/** `{requests, recent: [{method, path, body, status}]}`, newest last. */
function createCallLog(): CallLog {
  let requests = 0;
  let recent: { method: string; path: string; body: unknown; status: number }[] = [];
  return {
    record(request, reply) {
      requests += 1;
      recent.push({
        method: request.method,
        path: request.url,
        body: request.body ?? null,
        status: reply.statusCode,
      });
      if (recent.length > REMEMBERED) recent.shift();
    },
    snapshot: () => ({ requests, recent }),
    reset() {
      requests = 0;
      recent = [];
    },
  };
}

async function* brokenOff(half: string, request: FastifyRequest): AsyncGenerator<string> {
  yield half;
  // After the response has started: a connection that ends before is another fault.
  await turn();
  request.raw.socket.destroy();
}

/** A date counts from the reply's `Date`, which is by the system clock. */
function comeBack(seconds: number, as: Faults["retryAfterAs"]): string {
  return as === "date" ? new Date(Date.now() + seconds * 1000).toUTCString() : String(seconds);
}

function changes({ method, url }: FastifyRequest): boolean {
  return method !== "GET" && url !== "/api/token";
}

function isJson(reply: FastifyReply): boolean {
  return String(reply.getHeader("content-type")).startsWith("application/json");
}

function isControl(request: FastifyRequest): boolean {
  return request.url.startsWith("/sandbox/");
}
