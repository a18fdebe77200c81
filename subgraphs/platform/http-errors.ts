/**
 * How does a GraphQL server answer an HTTP request that it cannot read?
 *
 * Always with `errors`, as GraphQL clients expect, and with nothing of the request in them. Only JSON in UTF-8 is read.
 */
import { STATUS_CODES, maxHeaderSize } from "node:http";
import type { Socket } from "node:net";
import fastify from "fastify";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import type { Logger } from "pino";
import { hasOneHost, isAllowedHost } from "./hosts.ts";
import { requestIdOf } from "./request-id.ts";

/** For a client to send a request. */
const ARRIVAL_MS = 30_000;
/** A request that is late is noticed at the next of so many checks within that time. */
const CHECKS = 30;
/** For what still comes on a connection after its answer. */
const LINGER_MS = 1000;
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface GraphQLServerOptions extends Pick<FastifyServerOptions, "exposeHeadRoutes"> {
  /** Names that clients may call it by, besides `localhost` and addresses; `*` for any. */
  readonly allowedHosts: readonly string[];
  /** What is wrong with a body that is not the one it has to be. Default: any may be read. */
  readonly problemOfBody?: (request: FastifyRequest, body: Uint8Array) => string | undefined;
  /** Default: 8 MB. */
  readonly bodyLimit?: BodyLimit;
  /** What is known of a request besides its id, for the log. */
  readonly namesOf?: (request: FastifyRequest) => object;
  /** Told of a request that cannot be read. */
  readonly refused?: (request: FastifyRequest, code: string) => void;
  /** Answers a request for nothing that is there, or for a path that cannot be decoded, unless it gives undefined. */
  readonly notFound?: ((request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined) | undefined;
  /** Milliseconds for a client to send a request. Default: 30,000. */
  readonly arrivalMs?: number;
}

export interface BodyLimit {
  readonly bytes: number;
  /** The variable that sets it. */
  readonly setting: string;
}

/** A server without routes, with its own parsers of bodies and handlers of errors and of unknown paths. */
export function createGraphQLServer(
  log: Pick<Logger, "error">,
  {
    allowedHosts,
    problemOfBody,
    bodyLimit,
    namesOf,
    refused,
    notFound,
    arrivalMs = ARRIVAL_MS,
    ...options
  }: GraphQLServerOptions,
): FastifyInstance {
  const app = fastify({
    ...options,
    bodyLimit: bodyLimit?.bytes ?? MAX_BODY_BYTES,
    requestTimeout: arrivalMs,
    // Node takes the longer of the two times for the whole of a request, whichever it was given as.
    http: { headersTimeout: arrivalMs, connectionsCheckingInterval: Math.ceil(arrivalMs / CHECKS) },
    frameworkErrors: (_error, request, reply) => void (notFound?.(request, reply) ?? unreadablePath(reply)),
    clientErrorHandler: answerUnreadable,
    // What still comes on a connection while the server stops is answered, not refused.
    return503OnClosing: false,
    genReqId: ({ headers }) => requestIdOf(headers),
  });
  app.addHook("onRequest", async ({ headers, raw }, reply) => {
    if (!hasOneHost(raw.rawHeaders)) return reply.code(400).send(errorsOf("BAD_REQUEST", TWO_HOSTS));
    if (isAllowedHost(headers, allowedHosts)) return undefined;
    return reply.code(421).send(errorsOf("MISDIRECTED_REQUEST", OTHER_HOST));
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") return done(new ReadError(415, UNKNOWN_ENCODING));
    const charset = /charset="?([^";\s]+)/i.exec(request.headers["content-type"] ?? "")?.[1] ?? "utf-8";
    if (!/^utf-?8$/i.test(charset)) return done(new ReadError(415, NOT_UTF8));
    const bytes = Buffer.from(body);
    const problem = problemOfBody?.(request, bytes);
    if (problem !== undefined) return done(new ReadError(401, problem));
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return done(new ReadError(400, BROKEN_UTF8));
    }
    try {
      done(null, JSON.parse(text));
    } catch {
      done(new ReadError(400, NOT_JSON));
    }
  });
  app.setNotFoundHandler(
    (request, reply) =>
      notFound?.(request, reply) ??
      reply.code(404).send(errorsOf("NOT_FOUND", "Cannot answer: there is nothing at this path")),
  );
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      const { id: requestId } = request;
      log.error({ err: error, requestId, ...namesOf?.(request), path: request.routeOptions.url }, "unexpected error");
      return reply.code(500).send(errorsOf("INTERNAL_SERVER_ERROR", "Internal error", { requestId }));
    }
    const [code, message] = MESSAGES[status] ?? ["BAD_REQUEST", "the request is invalid"];
    const state = error instanceof ReadError ? error.message : status === 413 ? tooLarge(bodyLimit) : message;
    refused?.(request, code);
    return reply.code(status).send(errorsOf(code, `Cannot read the request: ${state}`));
  });
  return app;
}

/** For a path that cannot be decoded, which no handler gets. */
function unreadablePath(reply: FastifyReply): FastifyReply {
  return reply.code(400).send(errorsOf("BAD_REQUEST", "Cannot read the request: its path is invalid"));
}

/** For what is no HTTP request: fastify has none to answer. */
function answerUnreadable({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code !== "ECONNRESET" && socket.writable) {
    const status = STATUSES[code ?? ""] ?? 400;
    const [name, message] = MESSAGES[status] ?? ["BAD_REQUEST", "it is invalid"];
    const body = JSON.stringify(errorsOf(name, `Cannot read the request: ${message}`));
    // The client may still be sending: a connection that ends with bytes nobody reads is reset, and the answer is lost with it.
    socket.removeAllListeners("data").on("data", () => undefined);
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        "connection: close",
        "content-type: application/json; charset=utf-8",
        `content-length: ${Buffer.byteLength(body)}`,
        "",
        body,
      ].join("\r\n"),
    );
  } else socket.destroy();
}

/** By the code of Node's HTTP parser. */
const STATUSES: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

const TWO_HOSTS = "Cannot read the request: it has several Host headers";
const OTHER_HOST = "Cannot answer: the request is for another host; ALLOWED_HOSTS lists the names of this one";
const BROKEN_UTF8 = "the body is not UTF-8";
const NOT_JSON = "the body is not JSON";
const NOT_UTF8 = "only UTF-8 is read";
const UNKNOWN_ENCODING = "compressed bodies are not read";

function tooLarge(limit: BodyLimit | undefined): string {
  return limit
    ? `the body has more than ${limit.bytes} bytes, which ${limit.setting} allows`
    : `the body has more than ${MAX_BODY_BYTES} bytes`;
}

/** By HTTP status. */
const MESSAGES: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ["BAD_REQUEST", "it is invalid"],
  401: ["UNAUTHENTICATED", "it is not signed"],
  408: ["REQUEST_TIMEOUT", `it took longer than ${ARRIVAL_MS / 1000} s to arrive`],
  413: ["PAYLOAD_TOO_LARGE", tooLarge(undefined)],
  415: ["UNSUPPORTED_MEDIA_TYPE", "send the body as application/json"],
  431: ["HEADERS_TOO_LARGE", `its headers and its path have more than ${maxHeaderSize} bytes`],
};

class ReadError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

export function errorsOf(
  code: string,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): { readonly errors: readonly object[] } {
  return { errors: [{ message, extensions: { code, ...more } }] };
}
