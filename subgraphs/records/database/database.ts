/**
 * Where is everything written down that no upstream remembers?
 *
 * In one PostgreSQL database, a schema for each subgraph: a server's where one is named, else one inside this process
 * that keeps its files in a folder. Either speaks the same SQL, and whoever opens it finds it migrated. A mutation that
 * touches several subgraphs' records is one transaction: that is what one database is for.
 */
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type { ConstructorOptions } from "pg-boss";
import type { Logger } from "pino";

/** What queries are made with, inside a transaction or outside of any. */
export type Tx = PgDatabase<Rows>;
/** What any driver answers a statement with. */
interface Rows extends PgQueryResultHKT {
  readonly type: Answered<this["row"]>;
}
interface Answered<Row> {
  readonly rows: Row[];
}

export interface Database {
  readonly db: Tx;
  /** Committed when `work` resolves, and as if it had never been where it rejects. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** How the outbox reaches the same database. */
  readonly boss: ConstructorOptions;
  /** Told of what others `pg_notify`, from the moment this resolves; what is said while the connection is lost is missed. */
  listen(channel: string, told: (payload: string) => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://…`; left out: inside this process. */
  readonly url?: string | undefined;
  /** The folder of the database inside this process; `memory`: nothing is kept. */
  readonly directory: string;
  readonly log: Logger;
}
