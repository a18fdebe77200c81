/**
 * How are operations answered over a WebSocket?
 *
 * By the protocol graphql-transport-ws, as the package graphql-ws speaks it: a client says who it is in `connection_init` or
 * in the headers of its handshake, and each operation is admitted and answered as over HTTP. A connection ends with the
 * credentials of its caller (4403), with this gateway (1001), and where its client reads too slowly (1013); clients come back
 * after each of them. What goes on on a connection is in connection.ts.
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
import type { ExecutionResponse } from "../engine/execute.ts";
import { LEAVING } from "../live/subscriptions.ts";
import { createConnection } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { isForeignPage } from "./csrf.ts";
import type { AnswerGraphQL, GraphQLResponse } from "./graphql.ts";
import { JSON_TYPE } from "./media-types.ts";
import { readBody } from "./parameters.ts";
import { pathOf } from "./path.ts";
import { RequestError } from "./request-error.ts";
import { timedOut } from "./timed-out.ts";

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
  /** Closes every connection when it has answered what it was asked, and takes no more. */
  close(): void;
}

/** What is known of a client. */
interface Client {
  readonly endpoint: WebSocketEndpoint;
  readonly connection: Connection;
  readonly request: IncomingMessage;
  readonly address: string;
  /** Its own headers, or what it says instead of them. */
  credentials: readonly string[];
}

const NOT_FOUND = 404;
const TRY_AGAIN_LATER = 1013;

/** Call it before the server listens. */
export function serveWebSockets(server: Server, options: WebSocketOptions): WebSockets {
  const { endpoints, admit, identify, isAllowedOrigin, allowedHosts, limits, log } = options;
  const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols,
    maxPayload: limits.bodyBytes,
  });
  const graphql = createProtocol();
  const connections = new Set<Connection>();
  let isClosing = false;

  // Any other protocol is not changed to: the request is answered as it is.
  Object.assign(server, { shouldUpgradeCallback: isWebSocket });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => {});
    const endpoint = byPath.get(pathOf(request.url ?? ""));
    const refused = endpoint && problemOf(request);
    if (!endpoint || refused !== undefined) return refuse(stream, refused ?? NOT_FOUND);
    sockets.handleUpgrade(request, stream, head, (socket) => connect(socket, stream, request, endpoint));
  });

  return {
    close() {
      isClosing = true;
      for (const connection of connections) connection.leave();
    },
  };

  function problemOf({ headers, rawHeaders }: IncomingMessage): number | undefined {
    if (isClosing) return 503;
    if (!hasOneHost(rawHeaders)) return 400;
    if (!isAllowedHost(headers, allowedHosts)) return 421;
    return isForeignPage(headers, isAllowedOrigin) ? 403 : undefined;
  }

  function connect(socket: WebSocket, stream: Duplex, request: IncomingMessage, endpoint: WebSocketEndpoint): void {
    const connection = createConnection(socket, stream);
    connections.add(connection);
    const address = request.socket.remoteAddress ?? "";
    const ended = graphql.opened(
      {
        protocol: socket.protocol,
        send: (data) => connection.send(data),
        close: (code = CloseCode.InternalServerError, reason = "") => connection.close(code, reason),
        onMessage: (receive) =>
          socket.on("message", (data: Buffer) => {
            connection.receive(() =>
              receive(data.toString()).catch((error: unknown) => {
                if (connection.closed.aborted) return;
                log.error({ err: error }, "unexpected error on a WebSocket");
                connection.close(CloseCode.InternalServerError, "Internal error");
              }),
            );
          }),
      },
      { endpoint, connection, request, address, credentials: request.rawHeaders },
    );
    socket.on("error", () => connection.close(CloseCode.BadRequest, "Invalid message received"));
    socket.once("close", (code, reason) => {
      connections.delete(connection);
      void ended(code, reason.toString());
    });
  }

  function createProtocol() {
    return makeServer<Record<string, unknown>, Client>({
      async onConnect({ connectionParams, extra }) {
        const { request, address, connection } = extra;
        extra.credentials = [...request.rawHeaders, ...credentialsIn(connectionParams)];
        try {
          await admit(extra.credentials, address);
          return true;
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          connection.close(CLOSE_CODES[error.status] ?? CloseCode.Forbidden, error.message);
          return false;
        }
      },
      async onSubscribe(client, _id, payload) {
        const { connection } = client.extra;
        try {
          const response = await answer(client, payload);
          const { body, stream } = response;
          if (!stream && body.data === undefined) return [...(body.errors ?? [])];
          const answered = stream ? connection.subscribed(stream) : body;
          return { schema: NO_SCHEMA, document: ANY_OPERATION, rootValue: null, contextValue: answered };
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          if (error.code === LEAVING) {
            connection.leave();
            await connection.untilClosed();
          }
          if (error.status === 401) connection.close(CloseCode.Forbidden, error.message);
          return [new GraphQLError(error.message, { extensions: { code: error.code } })];
        }
      },
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made by onSubscribe
      execute: ({ contextValue }) => contextValue as Answered,
    });
  }

  async function answer(
    { extra }: Context<Record<string, unknown>, Client>,
    payload: object,
  ): Promise<GraphQLResponse> {
    const { endpoint, connection, request, address, credentials } = extra;
    // Anew for each operation: credentials expire, and requests are counted.
    const caller = await admit(credentials, address);
    const { timeoutMs } = limits;
    const { closed } = connection;
    // Not AbortSignal.any: a connection would keep something of each operation that it ever had.
    const waiting = new AbortController();
    const gone = (): void => waiting.abort(closed.reason);
    closed.addEventListener("abort", gone, { once: true });
    const late = setTimeout(() => waiting.abort(timedOut(timeoutMs)), timeoutMs);
    try {
      closed.throwIfAborted();
      return await endpoint.answer({
        parameters: readBody(payload),
        responseType: JSON_TYPE,
        isDeferring: false,
        isReadOnly: false,
        requestId: requestIdOf(request.headers),
        caller,
        endsAt: monotonic() + timeoutMs,
        signal: waiting.signal,
        subscriber: {
          address,
          identify: () => identify(credentials),
          onEnd(end) {
            // Without a word on its subscriptions: they are not over.
            if (end === "leaving") connection.leave();
            if (end === "expired") connection.close(CloseCode.Forbidden, "The credentials have expired");
            if (end === "slow") connection.close(TRY_AGAIN_LATER, "Events come faster than they are read");
          },
        },
      });
    } finally {
      clearTimeout(late);
      closed.removeEventListener("abort", gone);
    }
  }
}

/** What the protocol sends: the events of a subscription, or one response. */
type Answered = AsyncGenerator<ExecutionResponse> | ExecutionResponse;

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

function refuse(stream: Duplex, status: number): void {
  const response = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  // Whether the client ends its half or not.
  stream.end(response, () => stream.destroy());
}
