/**
 * Which connection does a statement get?
 *
 * One of a pool, which is dropped where a statement shows that it is of no use: the server shuts down, or only reads since
 * another one took over. The idle ones go with it, because they lead to the same server. Where several hosts are given, the
 * one that writes is looked for. A connection does not live for ever, so that all of them reach the server that the address
 * has come to mean.
 */
import { drizzle } from "drizzle-orm/node-postgres";
import { Client, Pool } from "pg";
import type { ClientConfig, PoolClient, QueryConfig, QueryResult } from "pg";
import type { Logger } from "pino";
import { isConnectionError, sqlStateOf } from "../../platform/database-error.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { copyTo } from "./copy.ts";
import type { Tx } from "./database.ts";
import type { Loading } from "./load.ts";
import type { Server } from "./server.ts";
import { traced } from "./traced.ts";

const QUERY_MS = 20_000;
const LONGEST_LIFE_SECONDS = 15 * 60;

export interface Connections {
  readonly db: Tx;
  /** Parameters only for a single statement. */
  query(statement: string | QueryConfig, values?: readonly unknown[]): Promise<QueryResult>;
  /** Commits when `work` resolves, and rolls back when it rejects. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  load<T>(work: (loading: Loading) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openConnections(server: Server, max: number, log: Logger): Connections {
  const settings = server.settings();
  const { connectionTimeoutMillis } = server.config();
  const pool = new Pool({
    // To the server that is used when the connection is made.
    Client: class extends Client {
      constructor(given?: ClientConfig) {
        super({ ...given, ...server.config() });
      }
    },
    connectionTimeoutMillis,
    keepAlive: true,
    query_timeout: QUERY_MS,
    max,
    maxLifetimeSeconds: LONGEST_LIFE_SECONDS,
  });
  // An idle connection was lost; the pool replaces it on demand.
  pool.on("error", (error) => log.warn({ err: error }, "database connection lost"));
  // A connection in use was lost: its query rejects, but an error event without a listener would end the process.
  pool.on("connect", (client) => void client.on("error", () => {}));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- drizzle only calls `query` where it opens no transaction
  const db = drizzle({ client: { query } as unknown as Pool, casing: "snake_case" });
  return {
    db,
    query,
    transaction: (work) => inTransaction((tx) => work(tx)),
    load: (work) => inTransaction((_tx, client) => work(loadingOn(client))),
    close: () => pool.end(),
  };

  function query(statement: string | QueryConfig, values: readonly unknown[] = []): Promise<QueryResult> {
    return traced(statement, () => queryPool(statement, values));
  }

  async function queryPool(statement: string | QueryConfig, values: readonly unknown[]): Promise<QueryResult> {
    try {
      if (settings === undefined) return await pool.query(statement, [...values]);
      return await queryWithSettings(settings, statement, values);
    } catch (error) {
      // Without a code it is no answer of the database.
      if (sqlStateOf(error) === undefined || isConnectionError(error)) leaveServer();
      throw error;
    }
  }

  /** In a transaction of its own, unless the statement is one. */
  async function queryWithSettings(
    settings: string,
    statement: string | QueryConfig,
    values: readonly unknown[],
  ): Promise<QueryResult> {
    const client = await pool.connect();
    let failure: unknown;
    try {
      if (typeof statement === "string" && NOT_IN_TRANSACTION.test(statement)) {
        return await client.query(statement, [...values]);
      }
      if (typeof statement === "string" && TRANSACTION.test(statement)) {
        return await client.query(statement.replace(TRANSACTION, (begin) => `${begin} ${settings};`));
      }
      await client.query(`begin; ${settings}`);
      const result = await client.query(statement, [...values]);
      await client.query("commit");
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // After an error it would be in a failed transaction.
      client.release(failure !== undefined);
    }
  }

  /** On one connection, which is always released. */
  async function inTransaction<T>(work: (tx: Tx, client: PoolClient) => Promise<T>): Promise<T> {
    const client = await connect();
    let isLost = false;
    try {
      return await drizzle({ client: oneByOne(client), casing: "snake_case" }).transaction(async (tx) => {
        if (settings !== undefined) await tx.execute(settings);
        return work(tx, client);
      });
    } catch (error) {
      isLost = isConnectionError(error);
      throw error;
    } finally {
      client.release(isLost);
      if (isLost) leaveServer();
    }
  }

  async function connect(): Promise<PoolClient> {
    try {
      return await pool.connect();
    } catch (error) {
      leaveServer();
      const reason = error instanceof Error ? error.message : String(error);
      throw new UpstreamError("database", "UNREACHABLE", `it cannot be reached (${reason})`, { cause: error });
    }
  }

  function leaveServer(): void {
    dropIdle();
    // Those that were made meanwhile lead to where the others did.
    void server.search().then((isElsewhere) => isElsewhere && dropIdle());
  }

  function dropIdle(): void {
    for (let idle = pool.idleCount; idle > 0; idle -= 1) {
      pool.connect().then(
        (client) => client.release(true),
        () => {},
      );
    }
  }
}

/**
 * What a transaction sends at once waits here, because the driver will no longer queue it. Each statement has the trace of
 * whoever sends it. What is sent after the end is refused: outside of the transaction it would stay, or be of another one.
 */
function oneByOne(client: PoolClient): PoolClient {
  let last: Promise<unknown> = Promise.resolve();
  let isEnding = false;
  const query = async (statement: string | QueryConfig, values: readonly unknown[] = []): Promise<QueryResult> => {
    if (isEnding) throw new Error("the transaction of this statement has ended");
    isEnding = END.test(typeof statement === "string" ? statement : statement.text);
    const sent = last.then(() => traced(statement, () => client.query(statement, [...values])));
    last = sent.catch(() => {});
    return sent;
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- drizzle only calls `query`
  return { query } as unknown as PoolClient;
}

function loadingOn(client: PoolClient): Loading {
  return {
    execute: async (statement) => (await client.query<Readonly<Record<string, unknown>>>(statement)).rows,
    copy: (into, text) => copyTo(client, into, text),
  };
}

/** Of a transaction, not of a savepoint. */
const END = /^\s*(?:commit|rollback)\s*;?\s*$/i;
/** The start of several statements, the last of which commits. */
const TRANSACTION = /^\s*begin\s*;/i;
/** PostgreSQL refuses them in one. */
const NOT_IN_TRANSACTION = /\bconcurrently\b/i;
