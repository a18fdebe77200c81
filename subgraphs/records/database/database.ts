/**
 * Where are the records that no upstream keeps?
 *
 * In one PostgreSQL database with a schema for each subgraph, on a server or embedded in this process. Both take the same
 * SQL and are migrated when they are opened. It is one database so that a mutation which changes the records of several
 * subgraphs is one transaction.
 */
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type { ConstructorOptions } from "pg-boss";
import type { Logger } from "pino";
import type { Loading } from "./load.ts";

/** Runs queries, inside or outside a transaction. */
export type Tx = PgDatabase<QueryResult>;
/** The common part of the drivers' results. */
interface QueryResult extends PgQueryResultHKT {
  readonly type: RowsOf<this["row"]>;
}
interface RowsOf<Row> {
  readonly rows: Row[];
}

export interface Database {
  readonly db: Tx;
  /** Commits when `work` resolves, and rolls back when it rejects. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same, for many rows at once. */
  load<T>(work: (loading: Loading) => Promise<T>): Promise<T>;
  /** The outbox's connection to the same database. */
  readonly boss: ConstructorOptions;
  /** Whether other processes can use it. */
  readonly isShared: boolean;
  /** False behind a pooler that delivers none. */
  readonly deliversNotifications: boolean;
  /** Receives notifications once it resolves. Those sent while its connection is lost are not delivered. */
  listen(
    channel: string,
    onNotification: (payload: string) => void,
    connection?: ListenerConnection,
  ): Promise<{ close(): Promise<void> }>;
  /** Rejects where nothing can be written now: the server is gone, or only reads. */
  assertWritable(): Promise<void>;
  close(): Promise<void>;
}

/** Told of each change. */
export interface ListenerConnection {
  readonly lost?: () => void;
  /** Notifications of the time in between were not delivered. */
  readonly restored?: () => void;
}

export interface DatabaseOptions {
  /** `postgres://…`; embedded in this process if absent. */
  readonly url?: string | undefined;
  /** The folder of the embedded database; `memory` keeps nothing. */
  readonly directory: string;
  readonly log: Logger;
}
