/**
 * How is a Redis or Valkey connected to, by itself or as a cluster?
 *
 * A cluster gives itself away by its first answer; then each key is asked of the node that has it. Which node that is, and
 * which server is the primary, changes in a failover: the answers that tell of it are named here, and a new connection
 * finds out.
 */
import KeyvRedis, { createClient, createCluster } from "@keyv/redis";
import { Keyv } from "keyv";

export interface RedisConnection {
  readonly keyv: Keyv<unknown>;
  /**
   * Adds to a counter that lives for so long from its last change, and gives it and another one. Both are on one node of a
   * cluster if they have the same part in braces.
   */
  count(counter: Counter): Promise<readonly [own: number, other: number]>;
  /** Sets fields of maps, each of which lives for so long from its last change. */
  setFields(fields: readonly MapField[]): Promise<void>;
  /** The fields of each of these maps, aligned. */
  fields(keys: readonly string[]): Promise<readonly Readonly<Record<string, string>>[]>;
  isConnected(): boolean;
  /** Why it cannot connect now, in the client's words. */
  lastError(): Error | undefined;
  /** URLs of the nodes that it knows. */
  addresses(): readonly string[];
  destroy(): void;
}

export interface Counter {
  readonly key: string;
  readonly other: string;
  readonly by: number;
  readonly ttlMs: number;
}

export interface MapField {
  readonly key: string;
  readonly field: string;
  readonly value: string;
  readonly ttlMs: number;
}

export interface RedisConnectionOptions {
  readonly url: string;
  /** Before each key: `decibel:decision`. */
  readonly namespace: string;
  /** URLs of nodes; undefined for a server by itself. */
  readonly cluster: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly onError: (error: Error) => void;
}

/** Connects on first use. */
export function connectRedis({ url, namespace, cluster, timeoutMs, onError }: RedisConnectionOptions): RedisConnection {
  let lastError: Error | undefined;
  const node = {
    // A command that cannot be sent now is useless later.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeoutMs,
      reconnectStrategy: (attempts: number) => Math.min(timeoutMs, 50 * attempts),
    },
  };
  const client =
    cluster === undefined
      ? createClient({ url, ...node })
      : createCluster({ rootNodes: cluster.map((each) => ({ url: each })), defaults: defaultsOf() });
  const redis = new KeyvRedis<unknown>(client, {
    throwOnErrors: true,
    throwOnConnectError: true,
    connectionTimeout: timeoutMs,
  });
  const keyv = new Keyv<unknown>({ store: redis, namespace, throwOnErrors: true });
  // The operation that failed logs it; an "error" event without a listener would end the process.
  keyv.on("error", () => {});
  redis.on("error", () => {});
  client.on("error", (error: unknown) => {
    if (!(error instanceof Error)) return;
    lastError = error;
    onError(error);
  });
  client.on("ready", () => (lastError = undefined));
  return {
    keyv,
    async count({ key, other, by, ttlMs }) {
      await redis.getClient();
      const commands = client.multi().incrBy(name(key), by).pExpire(name(key), ttlMs).get(name(other));
      const [own, , before] = await commands.exec();
      return [Number(own), Number(before ?? 0)];
    },
    async setFields(fields) {
      await redis.getClient();
      await Promise.all(
        fields.map(({ key, field, value, ttlMs }) =>
          client.multi().hSet(name(key), field, value).pExpire(name(key), ttlMs).exec(),
        ),
      );
    },
    async fields(keys) {
      await redis.getClient();
      return Promise.all(keys.map((key) => client.hGetAll(name(key))));
    },
    isConnected: () => ("masters" in client ? client.isOpen && client.masters.length > 0 : client.isReady),
    lastError: () => lastError,
    addresses: () => ("masters" in client ? client.masters.map(({ host, port }) => addressOf(host, port)) : []),
    destroy: () => void (client.isOpen && client.destroy()),
  };

  function name(key: string): string {
    return `${namespace}:${key}`;
  }

  /** Of all nodes: they have the credentials of the URL. */
  function defaultsOf() {
    const { protocol, username, password } = new URL(url);
    const { socket, ...others } = node;
    return {
      ...others,
      ...(username !== "" && { username: decodeURIComponent(username) }),
      ...(password !== "" && { password: decodeURIComponent(password) }),
      socket: protocol === "rediss:" ? { ...socket, tls: true as const } : socket,
    };
  }

  function addressOf(host: string, port: number): string {
    const address = new URL(url);
    address.hostname = host.includes(":") ? `[${host}]` : host;
    address.port = String(port);
    return address.href;
  }
}

/** Whether a server that was asked by itself is part of a cluster. */
export function isOfCluster(error: unknown): boolean {
  return startsWith(error, /^(?:MOVED|ASK|CROSSSLOT) /);
}

/** Whether another server may give what this one refuses: it is a replica, loads, has lost its primary, or wants a login. */
export function isOfOtherServer(error: unknown): boolean {
  return startsWith(
    error,
    /^(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|NOREPLICAS|MISCONF|EXECABORT|NOAUTH|NOPERM|WRONGPASS) /,
  );
}

function startsWith(error: unknown, pattern: RegExp): boolean {
  if (!(error instanceof Error)) return false;
  // A transaction's error has those of its commands.
  const inner: unknown = "replies" in error ? error.replies : undefined;
  return pattern.test(error.message) || (Array.isArray(inner) && inner.some((each) => startsWith(each, pattern)));
}
