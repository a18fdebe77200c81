/**
 * How does a process get the notifications of a server?
 *
 * On a connection of its own, which reconnects when it is lost. It is asked now and then whether it still leads to a server
 * that writes: what is written elsewhere is not notified there, and a host may vanish without a word. A pooler that gives
 * connections out by the transaction delivers none: whether it does is tried, not read from its settings.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { Logger } from "pino";
import type { Connections } from "./connections.ts";
import { ANSWER_MS } from "./reason.ts";
import { requireWriting } from "./server.ts";
import type { Server } from "./server.ts";

const RECONNECT_MS = 1000;
const CHECK_MS = 15_000;
const DELIVERY_MS = 1000;

export interface Listening {
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  readonly onLost?: (() => void) | undefined;
  /** Those sent since the connection was lost were not delivered. */
  readonly onReconnect?: (() => void) | undefined;
}

export async function listen(
  server: Server,
  { channel, onNotification, onLost, onReconnect }: Listening,
  log: Logger,
  checkMs: number = CHECK_MS,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let client: Client | undefined = await connect();
  return {
    close: async () => {
      closing.abort();
      await client?.end();
    },
  };

  async function connect(): Promise<Client> {
    const listener = new Client({ ...server.config(), keepAlive: true, query_timeout: ANSWER_MS });
    let isListening = false;
    let checking: NodeJS.Timeout | undefined;
    const lost = (error?: unknown): void => {
      clearInterval(checking);
      if (!isListening || closing.signal.aborted) return;
      isListening = false;
      onLost?.();
      log.warn({ err: error, channel }, "database listener lost its connection and reconnects");
      void reconnect();
    };
    listener.on("notification", ({ payload = "" }) => onNotification(payload));
    listener.on("error", lost);
    listener.on("end", () => lost());
    try {
      await listener.connect();
      await requireWriting(listener);
      await listener.query(`listen ${listener.escapeIdentifier(channel)}`);
    } catch (error) {
      await listener.end().catch(() => {});
      void server.search();
      throw error;
    }
    isListening = true;
    checking = setInterval(() => {
      requireWriting(listener).catch((error: unknown) => {
        lost(error);
        void listener.end().catch(() => {});
      });
    }, checkMs).unref();
    return listener;
  }

  /** Runs once at a time: only a connection that was listening counts as lost. */
  async function reconnect(): Promise<void> {
    client = undefined;
    while (!closing.signal.aborted) {
      try {
        await sleep(RECONNECT_MS, undefined, { signal: closing.signal });
        const listener = await connect();
        if (closing.signal.aborted) return await listener.end();
        client = listener;
        log.info({ channel }, "database listener reconnected");
        return onReconnect?.();
      } catch (error) {
        if (!closing.signal.aborted) log.debug({ err: error, channel }, "database listener cannot reconnect yet");
      }
    }
  }
}

/** Whether a notification from another connection arrives. */
export async function deliversNotifications(server: Server, connections: Connections, log: Logger): Promise<boolean> {
  if (!server.isPooled) return true;
  const channel = `decibel_${randomUUID()}`;
  const delivered = Promise.withResolvers<boolean>();
  const listener = await listen(server, { channel, onNotification: () => delivered.resolve(true) }, log);
  const timer = setTimeout(() => delivered.resolve(false), DELIVERY_MS);
  try {
    await connections.query("select pg_notify($1, '')", [channel]);
    return await delivered.promise;
  } finally {
    clearTimeout(timer);
    await listener.close();
  }
}
