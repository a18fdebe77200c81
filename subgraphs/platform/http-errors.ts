/**
 * How does a GraphQL server answer an HTTP request that it cannot read?
 *
 * Always with `errors`, as GraphQL clients expect, and with nothing of the request in them. Only JSON in UTF-8 is read.
 */
import fastify from "fastify";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import type { Logger } from "pino";
import { requestIdOf } from "./request-id.ts";

/** For a client to send a request. */
const REQUEST_MS = 30_000;
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** A server without routes, with its own parsers of bodies and handlers of errors and of unknown paths. */
export function createGraphQLServer(
  log: Pick<Logger, "error">,
  options: Pick<FastifyServerOptions, "exposeHeadRoutes"> = {},
): FastifyInstance {
  const app = fastify({
    ...options,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    frameworkErrors: unreadablePath,
    // What still comes on a connection while the server stops is answered, not refused.
    return503OnClosing: false,
    genReqId: ({ headers }) => requestIdOf(headers),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") return done(new ReadError(415, UNKNOWN_ENCODING));
    const charset = /charset="?([^";\s]+)/i.exec(request.headers["content-type"] ?? "")?.[1] ?? "utf-8";
    if (!/^utf-?8$/i.test(charset)) return done(new ReadError(415, NOT_UTF8));
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(new ReadError(400, NOT_JSON));
    }
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorsOf("NOT_FOUND", "Cannot answer: there is nothing at this path")),
  );
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) {
      log.error({ err: error, path: request.routeOptions.url }, "unexpected error");
      return reply.code(500).send(errorsOf("INTERNAL_SERVER_ERROR", "Internal error"));
    }
    const [code, message] = MESSAGES[status] ?? ["BAD_REQUEST", "the request is invalid"];
    return reply
      .code(status)
      .send(errorsOf(code, `Cannot read the request: ${error instanceof ReadError ? error.message : message}`));
  });
  return app;
}

/** For a path that cannot be decoded, which no handler gets. */
function unreadablePath(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.code(400).send(errorsOf("BAD_REQUEST", "Cannot read the request: its path is invalid"));
}

const NOT_JSON = "the body is not JSON";
const NOT_UTF8 = "only UTF-8 is read";
const UNKNOWN_ENCODING = "compressed bodies are not read";

/** By HTTP status. */
const MESSAGES: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ["BAD_REQUEST", "it is invalid"],
  413: ["PAYLOAD_TOO_LARGE", "the body is too large"],
  415: ["UNSUPPORTED_MEDIA_TYPE", "send the body as application/json"],
};

class ReadError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

export function errorsOf(code: string, message: string): { readonly errors: readonly object[] } {
  return { errors: [{ message, extensions: { code } }] };
}
