/**
 * Which HTTP requests does the gateway answer?
 *
 * GraphQL over HTTP at its endpoints, a page with GraphiQL at some of them for browsers, the console, `/health` and `/ready`.
 * Everything else is 404: a browser gets the console's page that says so. Every failure of a request to an endpoint is a
 * GraphQL error.
 */
import { Readable } from "node:stream";
import cors from "@fastify/cors";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { ANYBODY } from "../../subgraphs/platform/caller.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import { createGraphQLServer } from "../../subgraphs/platform/http-errors.ts";
import { REQUEST_ID } from "../../subgraphs/platform/request-id.ts";
import type { RequestLimits } from "../../subgraphs/platform/request-limits.ts";
import { acceptsEvents, incrementalBody, incrementalType } from "./incremental.ts";
import { createNotFound, serveConsole } from "./console.ts";
import type { SignInPage } from "./console.ts";
import type { ConsoleFiles } from "./console-files.ts";
import type { SignIn } from "../access/sign-in.ts";
import { assertNotForged } from "./csrf.ts";
import type { AnswerGraphQL } from "./graphql.ts";
import { HTML_TYPE, JSON_TYPE, RESPONSE_TYPE, preferredType } from "./media-types.ts";
import type { ResponseType } from "./media-types.ts";
import { isRequest, readBody, readUrl } from "./parameters.ts";
import type { GraphQLParameters } from "./parameters.ts";
import { pathOf, searchOf } from "./path.ts";
import { RequestError } from "./request-error.ts";
import { timedOut } from "./timed-out.ts";
import { serveWebSockets } from "./websocket.ts";
import { EVENT_HEADERS, EVENT_STREAM, eventsOf } from "./sse.ts";
import type { Access } from "../access/access.ts";
import { CREDENTIAL_HEADERS } from "../access/credentials.ts";
import type { RateLimit } from "../limits/rate.ts";
import type { LiveStream, Subscriber } from "../live/stream.ts";
import type { Readiness } from "../../subgraphs/platform/readiness.ts";
import { createRequests } from "../telemetry/requests.ts";
import type { Observed, Requests } from "../telemetry/requests.ts";

export interface Endpoint {
  readonly path: string;
  readonly answer: AnswerGraphQL;
  /** The HTML of GraphiQL. Default: none for browsers. */
  readonly page?: string;
}

export interface ServerOptions {
  readonly endpoints: readonly Endpoint[];
  /** Default: there is none. */
  readonly console?: (ConsoleFiles & { readonly signIn?: (SignInPage & SignIn) | undefined }) | undefined;
  readonly identify: Access["identify"];
  /** Other origins whose pages may send requests: `https://portal.example`. */
  readonly corsOrigins: readonly string[];
  /** Names that clients may call the gateway by, besides `localhost` and addresses; `*` for any. */
  readonly allowedHosts: readonly string[];
  /** What `/ready` answers. */
  readonly readiness: Readiness;
  readonly limits: Pick<RequestLimits, "bodyBytes" | "timeoutMs">;
  readonly rateLimit: RateLimit;
  /** Called when it closes. */
  readonly endStreams: () => void;
  readonly log: Logger;
  /** Who is told of each request to an endpoint. Default: nobody. */
  readonly requests?: Requests | undefined;
}

const ENDPOINT_METHODS = ["GET", "POST"];
/** By path, of what is no endpoint. */
const METHODS: readonly (readonly [path: string, methods: readonly string[]])[] = [
  ["/health", ["GET", "HEAD"]],
  ["/ready", ["GET", "HEAD"]],
];
const RESPONSE_TYPES: readonly ResponseType[] = [JSON_TYPE, RESPONSE_TYPE];
/** How long a browser may remember that an origin is allowed, in seconds. */
const PREFLIGHT_SECONDS = 600;

/** Does not listen. */
export async function createServer({
  endpoints,
  console,
  identify,
  corsOrigins,
  allowedHosts,
  readiness,
  limits,
  rateLimit,
  endStreams,
  log,
  requests = createRequests({ log }),
}: ServerOptions): Promise<FastifyInstance> {
  const app = createGraphQLServer(log, {
    exposeHeadRoutes: false,
    allowedHosts,
    bodyLimit: { bytes: limits.bodyBytes, setting: "LIMIT_BODY_BYTES" },
    namesOf: requests.namesOf,
    refused: (request, code) => requests.of(request)?.refused(code),
    notFound: console && createNotFound(console),
  });
  const { timeoutMs } = limits;
  const isAllowedOrigin = (origin: string): boolean => corsOrigins.includes(origin);
  if (corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...corsOrigins],
      credentials: true,
      methods: ["GET", "POST"],
      exposedHeaders: [REQUEST_ID],
      maxAge: PREFLIGHT_SECONDS,
    });
  }
  const callers = new WeakMap<FastifyRequest, Caller>();
  const methods = new Map([...METHODS, ...endpoints.map(({ path }) => [path, ENDPOINT_METHODS] as const)]);
  app.addHook("onRequest", async ({ id, method, url }, reply) => {
    reply.headers({ [REQUEST_ID]: id, "x-content-type-options": "nosniff" });
    const allowed = methods.get(pathOf(url));
    if (allowed && !allowed.includes(method)) return refuse(reply, JSON_TYPE, notAllowed(allowed));
    return undefined;
  });
  app.route({ method: ["GET", "HEAD"], url: "/health", handler: () => ({ status: "ok" }) });
  app.route({
    method: ["GET", "HEAD"],
    url: "/ready",
    handler: async (_request, reply) => {
      const reason = await readiness();
      return reason === undefined ? { status: "ready" } : reply.code(503).send({ status: "not ready", reason });
    },
  });
  for (const { path, answer, page } of endpoints) {
    const isAnsweredByPage = (request: FastifyRequest): boolean => page !== undefined && isForPage(request);
    /** Before the body is read. The page has nothing that is not in its source, and asks for a token by itself. */
    const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> =>
      isAnsweredByPage(request) ? undefined : admit(request, reply);
    app.get(path, { onRequest }, async (request, reply) => {
      const search = new URLSearchParams(searchOf(request.url));
      if (isAnsweredByPage(request))
        return reply.type(`${HTML_TYPE}; charset=utf-8`).header("x-frame-options", "DENY").send(page);
      return respond(request, reply, answer, () => {
        assertNotForged(request.headers, isAllowedOrigin);
        return readUrl(search);
      });
    });
    app.post(path, { onRequest }, (request, reply) => respond(request, reply, answer, () => readBody(request.body)));
  }
  if (console) {
    const { signIn, ...files } = console;
    serveConsole(app, { ...files, signIn: signIn && { ...signIn, exchange: counting(signIn) } });
  }
  const webSockets = serveWebSockets(app.server, {
    endpoints,
    admit: admitCaller,
    identify,
    isAllowedOrigin,
    allowedHosts,
    limits,
    log,
  });
  app.addHook("preClose", async () => {
    // First: a WebSocket must not tell its clients that their subscriptions are over.
    webSockets.close();
    endStreams();
  });
  return app;

  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const observed = requests.begin(request, reply);
    try {
      const caller = await admitCaller(request.raw.rawHeaders, request.ip, observed);
      callers.set(request, caller);
      return undefined;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      observed.refused(error.code);
      log.info({ ...requests.namesOf(request), status: error.status }, error.message);
      return refuse(reply, preferredType(request.headers.accept, RESPONSE_TYPES) ?? JSON_TYPE, error);
    }
  }

  /** Counts the request. */
  async function admitCaller(
    rawHeaders: readonly string[],
    address: string,
    observed?: Pick<Observed, "calledBy">,
  ): Promise<Caller> {
    const caller = await identifyOrCount(rawHeaders, address);
    observed?.calledBy(caller.id);
    await rateLimit.admit(caller, address);
    return caller;
  }

  async function identifyOrCount(rawHeaders: readonly string[], address: string): Promise<Caller> {
    try {
      return await identify(rawHeaders);
    } catch (error) {
      if (error instanceof RequestError && error.status === 401) await rateLimit.refused(address);
      throw error;
    }
  }

  /** Codes that are guessed are refused like credentials. */
  function counting(signIn: Pick<SignIn, "exchange">) {
    return async (body: unknown, address: string): Promise<string> => {
      try {
        return await signIn.exchange(body);
      } catch (error) {
        if (error instanceof RequestError && error.status === 401) await rateLimit.refused(address);
        throw error;
      }
    };
  }

  async function respond(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: AnswerGraphQL,
    read: () => GraphQLParameters,
  ): Promise<FastifyReply> {
    const caller = callers.get(request);
    if (!caller) throw new Error("a request whose caller is not known must not be answered");
    const observed = requests.of(request);
    const { accept } = request.headers;
    const inParts = incrementalType(accept);
    const acceptable = preferredType(accept, RESPONSE_TYPES);
    if (acceptable === undefined && inParts === undefined) {
      observed?.refused(NOT_ACCEPTABLE.code);
      return refuse(reply, JSON_TYPE, NOT_ACCEPTABLE);
    }
    // A client of events takes another status for a failure of the network.
    const responseType = acceptable ?? (inParts === EVENT_STREAM ? JSON_TYPE : RESPONSE_TYPE);
    const startedAt = monotonic();
    const { signal, end } = whileWaiting(reply, timeoutMs);
    let isStreaming = false;
    try {
      const { status, body, deferred, maxAge, stream } = await answer({
        parameters: read(),
        responseType,
        isDeferring: inParts !== undefined,
        isReadOnly: request.method === "GET",
        requestId: request.id,
        caller,
        observed,
        endsAt: startedAt + timeoutMs,
        signal,
        subscriber: acceptsEvents(accept) ? subscriberOf(request, reply) : undefined,
      });
      if (stream) return await tellEvents(stream, request, reply, signal);
      if (inParts === undefined || (!deferred && acceptable !== undefined))
        return send(reply, responseType, status, body, { maxAge, isPrivate: caller !== ANYBODY });
      const { contentType, chunks } = incrementalBody(inParts, body, deferred);
      isStreaming = true;
      reply.raw.once("close", end);
      return await reply
        .code(status)
        .headers({ "content-type": contentType, "cache-control": "no-store" })
        .send(Readable.from(logged(chunks, request, signal)));
    } catch (error) {
      if (error instanceof RequestError) {
        observed?.refused(error.code);
        return refuse(reply, responseType, error);
      }
      // Nobody reads the response.
      if (signal.aborted) return reply.hijack();
      throw error;
    } finally {
      if (!isStreaming) end();
    }
  }

  function subscriberOf({ ip: address, raw: { rawHeaders } }: FastifyRequest, reply: FastifyReply): Subscriber {
    return {
      address,
      identify: () => identify(rawHeaders),
      onEnd(end) {
        // It may read no more.
        if (end === "slow") setTimeout(() => reply.raw.destroy(), LET_GO_MS).unref();
      },
    };
  }

  /** Until one of both ends it. */
  function tellEvents(
    stream: LiveStream,
    request: FastifyRequest,
    reply: FastifyReply,
    signal: AbortSignal,
  ): FastifyReply {
    reply.raw.once("close", () => stream.end("left"));
    return reply.headers(EVENT_HEADERS).send(Readable.from(logged(eventsOf(stream), request, signal)));
  }

  /** After an error the client sees that the answer ends too early. */
  async function* logged(
    chunks: AsyncIterable<string>,
    request: FastifyRequest,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    try {
      yield* chunks;
    } catch (error) {
      if (!signal.aborted)
        log.error({ err: error, ...requests.namesOf(request) }, "unexpected error in a part of an answer");
      throw error;
    }
  }
}

const NOT_ACCEPTABLE = new RequestError(
  406,
  "NOT_ACCEPTABLE",
  `Cannot answer: only ${RESPONSE_TYPES.join(" and ")} can be sent, in UTF-8`,
);

/** Milliseconds in which a client that was too slow can read why it is let go. */
const LET_GO_MS = 5000;

interface Waiting {
  /** Aborted when the client has gone away, or the deadline is over. */
  readonly signal: AbortSignal;
  readonly end: () => void;
}

function whileWaiting({ raw }: FastifyReply, timeoutMs: number): Waiting {
  const controller = new AbortController();
  const gone = (): void => {
    if (!raw.writableFinished) controller.abort(new Error("the client has gone away"));
  };
  raw.once("close", gone);
  const late = setTimeout(() => controller.abort(timedOut(timeoutMs)), timeoutMs);
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(late);
      raw.off("close", gone);
    },
  };
}

/** Whether it is a browser's, for GraphiQL. */
function isForPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== "GET" || isRequest(new URLSearchParams(searchOf(url)))) return false;
  return preferredType(headers.accept, [...RESPONSE_TYPES, HTML_TYPE]) === HTML_TYPE;
}

function notAllowed(methods: readonly string[]): RequestError {
  const allow = methods.join(", ");
  return new RequestError(405, "METHOD_NOT_ALLOWED", `Cannot answer: send one of ${allow}`, { allow });
}

function refuse(reply: FastifyReply, type: ResponseType, error: RequestError): FastifyReply {
  return send(reply.headers(error.headers), type, error.status, error.toResponse());
}

interface Freshness {
  readonly maxAge?: number | undefined;
  /** Of a caller who is known: nobody else may get it. */
  readonly isPrivate?: boolean;
}

function send(
  reply: FastifyReply,
  type: ResponseType,
  status: number,
  body: object,
  { maxAge, isPrivate = false }: Freshness = {},
): FastifyReply {
  // An answer is of its moment, and may be personal, unless it is known to hold only what is fresh for a while.
  const cacheControl = maxAge === undefined ? "no-store" : `${isPrivate ? "private, " : ""}max-age=${maxAge}`;
  const headers = { "content-type": `${type}; charset=utf-8`, "cache-control": cacheControl };
  const varies = isPrivate ? ["accept", ...CREDENTIAL_HEADERS] : ["accept"];
  if (maxAge !== undefined) reply.header("vary", [...varies, reply.getHeader("vary") ?? []].flat().join(", "));
  return reply.code(status).headers(headers).send(JSON.stringify(body));
}
