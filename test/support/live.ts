/** How does a test subscribe? By the clients that applications have, one for each transport, and sees all that they are told. */
import { setTimeout as delay } from "node:timers/promises";
import { createClient as createSseClient } from "graphql-sse";
import { MessageType, createClient as createWsClient } from "graphql-ws";
import { WebSocket } from "ws";

export interface Subscribed {
  /** What was told so far. */
  readonly told: readonly Told[];
  /** When, by `performance.now`. */
  readonly toldAt: readonly number[];
  /** How often it has connected. */
  readonly connections: () => number;
  /** Resolves once it has ended by itself; `complete`, or what the error says. */
  readonly end: Promise<string>;
  /** Ends it. */
  leave(): void;
}

export interface Told {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

export interface SubscribeOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly variables?: Record<string, unknown>;
  /** After the connection is lost. Default 0. */
  readonly retries?: number;
}

export type SubscribeTo = (url: string, query: string, options?: SubscribeOptions) => Promise<Subscribed>;

/** By graphql-sse. Resolves once the gateway has begun to answer. */
export const overSse: SubscribeTo = async (url, query, { headers = {}, variables = {}, retries = 0 } = {}) => {
  const watched = watch();
  const client = createSseClient({ url, headers: { ...headers }, retryAttempts: retries, retry: soon });
  client.subscribe({ query, variables }, watched.sink, { connected: () => watched.connected() });
  await watched.begun;
  return { ...watched, leave: () => client.dispose() };
};

/**
 * By graphql-ws. Resolves once the gateway has acknowledged the connection, and has answered a ping after the subscription: it
 * may still be reading what it needs.
 */
export const overWebSocket: SubscribeTo = async (url, query, { headers = {}, variables = {}, retries = 0 } = {}) => {
  const watched = watch();
  const client = createWsClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { ...headers },
    retryAttempts: retries,
    retryWait: soon,
    on: {
      closed: (event) => watched.closed(event),
      message: ({ type }) => type === MessageType.Pong && watched.connected(),
      connected(socket) {
        // Behind the subscription.
        setTimeout(() => (socket as WebSocket).send(JSON.stringify({ type: "ping" })), 0);
      },
    },
  });
  client.subscribe({ query, variables }, watched.sink);
  await watched.begun;
  return { ...watched, leave: () => void client.dispose() };
};

/** A gateway that ends is not there at once. */
const soon = (): Promise<void> => delay(20);

function watch() {
  const told: Told[] = [];
  const toldAt: number[] = [];
  let connections = 0;
  let code: number | undefined;
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<string>();
  const end = (how: string): void => {
    over.resolve(how);
    begun.resolve();
  };
  return {
    told,
    toldAt,
    connections: () => connections,
    begun: begun.promise,
    end: over.promise,
    connected() {
      connections += 1;
      begun.resolve();
    },
    closed(event: unknown) {
      const closed = typeof event === "object" && event !== null && "code" in event ? event.code : undefined;
      code = typeof closed === "number" ? closed : undefined;
    },
    sink: {
      next(value: unknown) {
        told.push(value as Told);
        toldAt.push(performance.now());
      },
      complete: () => end("complete"),
      error: (error: unknown) => end(code === undefined ? textOf(error) : `closed ${code}`),
    },
  };
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return JSON.stringify(error);
}

/** What was told so far: data, unless there are errors. */
export function toldTo({ told }: Pick<Subscribed, "told">): readonly unknown[] {
  return told.map((each) => (each.errors ? each : each.data));
}
