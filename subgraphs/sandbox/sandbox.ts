/**
 * What is every sandbox, whichever upstream it stands in for?
 *
 * An HTTP server that speaks the upstream's real protocol, remembers who called it, and can be told to misbehave:
 *   GET  /sandbox/calls    what was asked since the last reset      DELETE  resets
 *   PUT  /sandbox/faults   how to misbehave from now on             DELETE  behaves again
 * Those two are open to anyone, never fail and are never counted: a sandbox is for people and tests, not for the open internet.
 */
import { Readable } from "node:stream";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import fastify from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

export const FaultsSchema = z.strictObject({
  /** Answer this status; to a request for many things and with a share, to that share of them. */
  status: z.int().min(400).max(599).optional(),
  /** The share of requests that the faults befall, 0 to 1. Default 1. */
  share: z.number().min(0).max(1).optional(),
  /** Wait before answering, in milliseconds. */
  latencyMs: z.int().min(0).max(120_000).optional(),
  /** OpenText only: evaluate to no rows, to an unknown verdict, or to texts where numbers belong and the other way round. */
  rows: z.enum(["empty", "unknown", "wrong"]).optional(),
  /** Break off in the middle of the JSON: end the answer there, or the connection. */
  body: z.enum(["malformed", "reset"]).optional(),
  /** Answer 429 with `Retry-After` beyond this rate. */
  requestsPerSecond: z.number().positive().optional(),
  /** What the faults befall: on OpenText one kind of request, elsewhere what is to change something. Default: everything. */
  only: z.enum(["token", "execute", "list", "write"]).optional(),
});
export type Faults = z.infer<typeof FaultsSchema>;
export type Kind = Exclude<NonNullable<Faults["only"]>, "write">;

/** What a sandbox remembers of the requests it answered. */
export interface CallLog {
  record(request: FastifyRequest, reply: FastifyReply): void;
  snapshot(): unknown;
  reset(): void;
}

export interface SandboxOptions {
  /** One word, as the upstream is called everywhere: `spotify-ads`. */
  readonly name: string;
  /** Adds the upstream's routes. */
  readonly routes: (app: FastifyInstance) => void;
  /** The upstream's own spelling of an error that a fault causes. */
  readonly problem: (status: number) => unknown;
  /** The routes that faults can be kept to. Left out: they can be kept to writes. */
  readonly kinds?: Readonly<Record<Kind, readonly string[]>>;
  /** Which requests are to change something. Default: those that are no GET and buy no token. */
  readonly isWrite?: (request: FastifyRequest) => boolean;
  /** The route of requests for many things, each of which fails by itself; see `faultsOfOne`. */
  readonly many?: string | undefined;
  readonly calls?: CallLog;
  /** 0 to 1, decides which requests a fault befalls. */
  readonly random?: () => number;
  /** Milliseconds since the epoch, for the rate limit. */
  readonly now?: () => number;
}

export interface Sandbox {
  readonly name: string;
  readonly app: FastifyInstance;
  /** Starts listening on 127.0.0.1 and gives the origin; port 0 takes any free one. */
  listen(port?: number): Promise<string>;
  close(): Promise<void>;
}

/** The last requests a sandbox can tell of. */
const REMEMBERED = 500;

const befalling = new WeakMap<FastifyRequest, Faults>();
const befallingOne = new WeakMap<FastifyRequest, () => Faults>();

/** The faults that befall this request; none for most. */
export function faultsOf(request: FastifyRequest): Faults {
  return befalling.get(request) ?? {};
}

/** Those that befall the next of the many things that this request asks for. */
export function faultsOfOne(request: FastifyRequest): Faults {
  return befallingOne.get(request)?.() ?? {};
}

export function createSandbox(options: SandboxOptions): Sandbox {
  const {
    name,
    kinds,
    many,
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
  const spend = createRateLimit(now);
  let faults: Faults = {};

  app.addHook("onRequest", async (request, reply) => {
    const { only } = faults;
    if (isControl(request) || only === "write") return undefined;
    if (only !== undefined && !kinds?.[only].includes(request.routeOptions.url ?? "")) return undefined;
    return befall(request, reply);
  });
  // By now it has been read, and it is known whether it is a write; whoever may not ask has been sent away.
  app.addHook("preHandler", async (request, reply) => {
    if (isControl(request) || faults.only !== "write" || !isWrite(request)) return undefined;
    return befall(request, reply);
  });

  async function befall(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { url: route = "" } = request.routeOptions;
    if (faults.requestsPerSecond !== undefined) {
      const waitSeconds = spend(faults.requestsPerSecond);
      if (waitSeconds > 0) {
        return reply
          .code(429)
          .header("retry-after", String(Math.ceil(waitSeconds)))
          .send(options.problem(429));
      }
    }
    const current = faults;
    const { share = 1, latencyMs, status } = current;
    if (route === many) befallingOne.set(request, () => (random() < share ? current : {}));
    if (random() >= share) return undefined;
    befalling.set(request, current);
    if (latencyMs) await delay(latencyMs, undefined, { signal: closing.signal }).catch(() => {});
    if (status === undefined || (route === many && current.share !== undefined)) return undefined;
    return reply.code(status).send(options.problem(status));
  }

  app.addHook("onSend", async (request, reply, payload) => {
    const { body } = faultsOf(request);
    if (body === undefined || typeof payload !== "string") return payload;
    const half = payload.slice(0, Math.ceil(payload.length / 2));
    if (body === "malformed") return half;
    // An answer that never ends has no onResponse either.
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
    const { only } = parsed.data;
    if (only !== undefined && (only === "write") === (kinds !== undefined)) {
      const known = Object.keys(kinds ?? { write: [] }).map((kind) => `"${kind}"`);
      return reply.code(400).send({ message: `${name} does not know "${only}": "only" is ${known.join(", ")}` });
    }
    faults = parsed.data;
    return faults;
  });
  app.delete("/sandbox/faults", (_request, reply) => {
    faults = {};
    return reply.code(204).send();
  });
  options.routes(app);

  return {
    name,
    app,
    listen: (port = 0) => app.listen({ host: "127.0.0.1", port }),
    close: () => {
      closing.abort();
      return app.close();
    },
  };
}

/** `{requests, recent: [{method, path, body, status}]}`, the newest last. */
export function createCallLog(): CallLog {
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
  // Once it is on its way: a connection that ends before any answer is another fault.
  await turn();
  request.raw.socket.destroy();
}

function changes({ method, url }: FastifyRequest): boolean {
  return method !== "GET" && url !== "/api/token";
}

function isControl(request: FastifyRequest): boolean {
  return request.url.startsWith("/sandbox/");
}

/** A bucket of one second's worth of requests. Gives 0 where the request fits, else the seconds until one does. */
function createRateLimit(now: () => number): (perSecond: number) => number {
  let tokens = 0;
  let filledAt = Number.NEGATIVE_INFINITY;
  return (perSecond) => {
    const capacity = Math.max(1, perSecond);
    // A clock that is set back empties nothing.
    tokens = Math.min(capacity, tokens + (Math.max(0, now() - filledAt) / 1000) * perSecond);
    filledAt = now();
    if (tokens < 1) return (1 - tokens) / perSecond;
    tokens -= 1;
    return 0;
  };
}
