/**
 * How is a Redis or Valkey used that may be slow, down, or failing over?
 *
 * A batch is one round trip, or one to each node of a cluster. A server that is slow or down costs a bounded few
 * milliseconds and a log line, never an answer: after a few failures the circuit opens, and a later operation probes whether the server has recovered.
 */
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import type { Logger } from "pino";
import { recoveryAfter } from "../recovery.ts";
import { connectRedis, isOfCluster, isOfOtherServer } from "./redis-connection.ts";
import type { RedisConnection } from "./redis-connection.ts";

export interface RedisOptions {
  /** `redis://127.0.0.1:6379/0` */
  readonly url: string;
  /** In logs: `decision cache`. */
  readonly name: string;
  /** Before each key: `decibel:decision`. */
  readonly namespace: string;
  readonly log: Logger;
  /** How long an operation may hold up its caller, in milliseconds. Default 50. */
  readonly timeoutMs?: number | undefined;
  /** Told of each operation that failed. */
  readonly failed?: ((operation: RedisOperation) => void) | undefined;
}

export type RedisOperation = keyof typeof DONE;

export interface RedisSession {
  /** undefined where it failed, or would take too long for so many keys. */
  attempt<T>(
    operation: RedisOperation,
    keys: number,
    work: (connection: RedisConnection) => Promise<T>,
  ): Promise<T | undefined>;
  close(): Promise<void>;
}

/** How long an operation may hold up a batch, in milliseconds, and what each of its keys adds. */
const TIMEOUT_MS = 50;
const TIMEOUT_PER_KEY_MS = 0.2;
const MAX_FAILURES = 3;
const RECOVERY_MS = 2000;
const RECONNECT_MS = 500;
const DONE = { read: "read", write: "written" } as const;

export function openRedis(options: RedisOptions): RedisSession {
  const { url, name, namespace, log, failed, timeoutMs = TIMEOUT_MS } = options;
  /** Root addresses, once the server has turned out to be a cluster. */
  let cluster: readonly string[] | undefined;
  let connection = connect();
  let connectedAt = performance.now();
  /** What was logged since the cache last worked: each once. */
  const said = new Set<string>();
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: recoveryAfter(RECOVERY_MS),
    breaker: new ConsecutiveBreaker(MAX_FAILURES),
  });
  breaker.onBreak(() => {
    say("opened", () => log.warn({ recoveryMs: RECOVERY_MS }, `${name} keeps failing: circuit opened`));
    // A connection that is up but never answers would collect the operations of every probe. One that is still being
    // made is kept: over a long distance that may take longer than any operation waits.
    if (connection.isConnected()) reconnect();
  });
  breaker.onReset(() => {
    said.clear();
    log.info(`${name} recovered: circuit closed`);
  });

  return { attempt, close };

  async function close(): Promise<void> {
    try {
      await withTimeout(TIMEOUT_MS, connection.keyv.disconnect());
    } catch {
      // A server that does not answer would not answer a QUIT either.
      connection.destroy();
    }
  }

  async function attempt<T>(
    operation: RedisOperation,
    keys: number,
    work: (connection: RedisConnection) => Promise<T>,
  ): Promise<T | undefined> {
    if (keys === 0) return undefined;
    try {
      const done = await breaker.execute(() => withTimeout(timeoutMs + TIMEOUT_PER_KEY_MS * keys, work(connection)));
      said.clear();
      return done;
    } catch (error) {
      failed?.(operation);
      // While the circuit is open nothing is attempted, and a failed probe is logged only where it says more.
      if (breaker.state === CircuitState.Closed) {
        const err = isReply(error) ? error : (connection.lastError() ?? error);
        say(`${operation} ${messageOf(err)}`, () => log.warn({ err }, `${name} not ${DONE[operation]}`));
      } else if (error instanceof Error && isReply(error)) onError(error);
      leaveServer(error);
      return undefined;
    }
  }

  /** Where the answer says that another server, or another kind of client, has to be asked. */
  function leaveServer(error: unknown): void {
    if (cluster === undefined && isOfCluster(error)) {
      cluster = [url];
      log.info(`${name} is a cluster`);
      return reconnect();
    }
    // Not more often: the address may lead to the same server for as long as it likes.
    if (isOfOtherServer(error) && performance.now() - connectedAt > RECONNECT_MS) reconnect();
    return undefined;
  }

  function reconnect(): void {
    if (cluster !== undefined) cluster = [url, ...connection.addresses()];
    connection.destroy();
    connection = connect();
    connectedAt = performance.now();
  }

  function connect(): RedisConnection {
    return connectRedis({ url, namespace, cluster, timeoutMs: RECOVERY_MS, onError });
  }

  /** An operation logs its own; but the reason may come later than the circuit opens. */
  function onError(err: Error): void {
    if (breaker.state === CircuitState.Closed) return;
    if ([...said].some((each) => each.endsWith(messageOf(err)))) return;
    say(messageOf(err), () => log.warn({ err }, `${name} cannot be reached`));
  }

  function say(what: string, write: () => void): void {
    if (said.has(what)) return;
    said.add(what);
    write();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The server's own answer, which says more than the connection could. */
function isReply(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]+ /.test(error.message);
}

/** A process that was itself busy may find the answer waiting for it: it looks once more before it gives up. */
function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => setImmediate(() => late.reject(new Error(`no answer within ${ms} ms`))), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
