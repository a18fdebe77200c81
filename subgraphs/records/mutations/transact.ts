/**
 * How does work on the records happen whole, however many do theirs at the same time?
 *
 * In one transaction. Two that stand in each other's way cannot both go on: the database ends one, which is tried again.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { databaseError, sqlStateOf } from "../../platform/database-error.ts";
import type { Database, Tx } from "../database/database.ts";

/** `work` may be run again from the start: it changes nothing but what `tx` leads to. */
export type Transact = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

const ATTEMPTS = 3;
/** A serialization failure, and a deadlock. */
const RETRIED = new Set(["40001", "40P01"]);

export function createTransact(database: Pick<Database, "transaction">): Transact {
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await database.transaction(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !RETRIED.has(sqlStateOf(error) ?? "")) throw databaseError(error);
        await sleep(10 * attempt);
      }
    }
  };
}
