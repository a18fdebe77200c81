/** How do concurrent transactions succeed? The database aborts one of two that conflict, and that one is retried. */
import { setTimeout as sleep } from "node:timers/promises";
import { READ_ONLY, databaseError, sqlStateOf } from "../../platform/database-error.ts";
import type { Database, Tx } from "../database/database.ts";

/** `work` may be retried from the start, so it has no side effects except through `tx`. */
export type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

const ATTEMPTS = 3;
/** Serialization failure, deadlock, and a connection to a server that only reads: another one may lead to its successor. */
const RETRYABLE = new Set(["40001", "40P01", READ_ONLY]);

export function createTransact(database: Pick<Database, "transaction">): Transact {
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await database.transaction(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !RETRYABLE.has(sqlStateOf(error) ?? "")) throw databaseError(error);
        await sleep(10 * attempt);
      }
    }
  };
}
