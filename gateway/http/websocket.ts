/**
 * How are operations answered over a WebSocket?
 *
 * By the protocol graphql-transport-ws, as the package graphql-ws speaks it: a client says who it is in `connection_init` or
 * in the headers of its handshake, and each operation is admitted and answered as over HTTP. A connection ends with the
 * credentials of its caller (4403), with this gateway (1001), and where its client reads too slowly (1013); clients come back
 * after each of them.
 */
import { STATUS_CODES } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { GraphQLError, GraphQLSchema, parse } from "graphql";
import { CloseCode, handleProtocols, makeServer } from "graphql-ws";
import type { Context } from "graphql-ws";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import { hasOneHost, isAllowedHost } from "../../subgraphs/platform/hosts.ts";
import { requestIdOf } from "../../subgraphs/platform/request-id.ts";
import { CREDENTIAL_HEADERS } from "../access/credentials.ts";
import { isForeignPage } from "./csrf.ts";
import type { AnswerGraphQL, GraphQLResponse } from "./graphql.ts";
import { JSON_TYPE } from "./media-types.ts";
import { readBody } from "./parameters.ts";
import { RequestError } from "./request-error.ts";

export interface WebSocketEndpoint {
  readonly path: string;
  readonly answer: AnswerGraphQL;
}

export interface WebSocketOptions {
  readonly endpoints: readonly WebSocketEndpoint[];
  /** As for a request with these headers, counted as one. Rejects with a RequestError. `rawHeaders`: names and values in turn. */
  readonly admit: (rawHeaders: readonly string[], address: string) => Promise<Caller>;
  /** The same, not counted. */
  readonly identify: (rawHeaders: readonly string[]) => Promise<Caller>;
  readonly isAllowedOrigin: (origin: string) => boolean;
  readonly allowedHosts: readonly string[];
  readonly limits: { readonly bodyBytes: number; readonly timeoutMs: number };
  readonly log: Logger;
}

export interface WebSockets {
  /** Closes every connection, and takes no more. */
  close(): void;
}

/** What is known of a connection. */
interface Connection {
  readonly endpoint: WebSocketEndpoint;
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly address: string;
  /** Aborted when it is closed. */
  readonly closed: AbortSignal;
  /** Its own headers, or what it says instead of them. */
  credentials: readonly string[];
}

const NOT_FOUND = 404;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const PING_MS = 12_000;
/** For the client's part of closing. */
const CLOSE_MS = 5000;

/** Call it before the server listens. */
export function serveWebSockets(server: Server, options: WebSocketOptions): WebSockets {
  const { endpoints, admit, identify, isAllowedOrigin, allowedHosts, limits, log } = options;
  const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    handleProtocols,
    maxPayload: limits.bodyBytes,
  });
  const graphql = createProtocol();
  let isClosing = false;

  // Any other protocol is not changed to: the request is answered as it is.
  Object.assign(server, { shouldUpgradeCallback: isWebSocket });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => {});
    const endpoint = byPath.get((request.url ?? "").replace(/\?.*$/s, ""));
    const refused = endpoint && problemOf(request);
    if (!endpoint || refused !== undefined) return refuse(stream, refused ?? NOT_FOUND);
    sockets.handleUpgrade(request, stream, head, (socket) => connect(socket, request, endpoint));
  });

  return {
    close() {
      isClosing = true;
      for (const socket of sockets.clients) closeBy(socket, GOING_AWAY, "Going away");
    },
  };

  function problemOf({ headers, rawHeaders }: IncomingMessage): number | undefined {
    if (isClosing) return 503;
    if (!hasOneHost(rawHeaders)) return 400;
    if (!isAllowedHost(headers, allowedHosts)) return 421;
    return isForeignPage(headers, isAllowedOrigin) ? 403 : undefined;
  }

  function connect(socket: WebSocket, request: IncomingMessage, endpoint: WebSocketEndpoint): void {
    const closing = new AbortController();
    const address = request.socket.remoteAddress ?? "";
    const connection: Connection = {
      endpoint,
      socket,
      request,
      address,
      closed: closing.signal,
      credentials: request.rawHeaders,
    };
    const stopPinging = keepAlive(socket);
    const ended = graphql.opened(
      {
        protocol: socket.protocol,
        send: (data) => sent(socket, data),
        close: (code = CloseCode.InternalServerError, reason = "") => closeBy(socket, code, reason),
        onMessage: (receive) =>
          socket.on("message", (data: Buffer) => {
            receive(data.toString()).catch((error: unknown) => {
              if (closing.signal.aborted) return;
              log.error({ err: error }, "unexpected error on a WebSocket");
              closeBy(socket, CloseCode.InternalServerError, "Internal error");
            });
          }),
      },
      connection,
    );
    socket.on("error", () => closeBy(socket, CloseCode.BadRequest, "Invalid message received"));
    socket.once("close", (code, reason) => {
      stopPinging();
      closing.abort(new Error("the client has gone away"));
      void ended(code, reason.toString());
    });
  }

  function createProtocol() {
    return makeServer<Record<string, unknown>, Connection>({
      async onConnect({ connectionParams, extra }) {
        const { request, address, socket } = extra;
        extra.credentials = [...request.rawHeaders, ...credentialsIn(connectionParams)];
        try {
          await admit(extra.credentials, address);
          return true;
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          closeBy(socket, CLOSE_CODES[error.status] ?? CloseCode.Forbidden, error.message);
          return false;
        }
      },
      async onSubscribe(context, _id, payload) {
        try {
          const response = await answer(context, payload);
          const { body, stream } = response;
          if (!stream && body.data === undefined) return [...(body.errors ?? [])];
          return { schema: NO_SCHEMA, document: ANY_OPERATION, rootValue: null, contextValue: response };
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          if (error.status === 401) closeBy(context.extra.socket, CloseCode.Forbidden, error.message);
          return [new GraphQLError(error.message, { extensions: { code: error.code } })];
        }
      },
      execute: ({ contextValue }) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by onSubscribe
        const { body, stream } = contextValue as GraphQLResponse;
        return stream ?? body;
      },
    });
  }

  async function answer(
    { extra }: Context<Record<string, unknown>, Connection>,
    payload: object,
  ): Promise<GraphQLResponse> {
    const { endpoint, socket, request, address, closed, credentials } = extra;
    // Anew for each operation: credentials expire, and requests are counted.
    const caller = await admit(credentials, address);
    const timeout = AbortSignal.timeout(limits.timeoutMs);
    return endpoint.answer({
      parameters: readBody(payload),
      responseType: JSON_TYPE,
      isDeferring: false,
      isReadOnly: false,
      requestId: requestIdOf(request.headers),
      caller,
      endsAt: monotonic() + limits.timeoutMs,
      signal: AbortSignal.any([closed, timeout]),
      subscriber: {
        address,
        identify: () => identify(credentials),
        onEnd(end) {
          // Without a word on its subscriptions: they are not over.
          if (end === "leaving") closeBy(socket, GOING_AWAY, "Going away");
          if (end === "expired") closeBy(socket, CloseCode.Forbidden, "The credentials have expired");
          if (end === "slow") closeBy(socket, TRY_AGAIN_LATER, "Events come faster than they are read");
        },
      },
    });
  }
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

const NO_SCHEMA = new GraphQLSchema({});
/** Of which the protocol only reads that it is one. */
const ANY_OPERATION = parse("{ __typename }");

/** By the status of an HTTP response. */
const CLOSE_CODES: Readonly<Record<number, number>> = {
  400: CloseCode.BadRequest,
  429: TRY_AGAIN_LATER,
  503: TRY_AGAIN_LATER,
};

/** Names and values in turn. */
function credentialsIn(parameters: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return Object.entries(parameters ?? {}).flatMap(([name, value]) =>
    CREDENTIAL_HEADERS.includes(name.toLowerCase()) && typeof value === "string" ? [name, value] : [],
  );
}

/** Resolves when the message is on its way: what comes next waits until then. */
function sent(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    // After an error it is closed.
    socket.send(data, () => resolve());
  });
}

/** A reason has 123 bytes at most. */
function closeBy(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== socket.OPEN) return;
  socket.close(
    code,
    Buffer.from(reason)
      .subarray(0, MAX_REASON)
      .toString()
      .replace(/\uFFFD$/, ""),
  );
  setTimeout(() => socket.terminate(), CLOSE_MS).unref();
}

const MAX_REASON = 120;

/** A connection without an answer to a ping is lost. Gives a function that ends it. */
function keepAlive(socket: WebSocket): () => void {
  let isAlive = true;
  socket.on("pong", () => void (isAlive = true));
  const pinging = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS).unref();
  return () => clearInterval(pinging);
}

function refuse(stream: Duplex, status: number): void {
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
