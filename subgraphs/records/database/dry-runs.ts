/**
 * Which transaction do the statements of a dry run get?
 *
 * One that begins with its first change and is rolled back when the operation ends. What the operation reads from then on, it
 * reads there too: it sees its own changes, and nobody else does. The embedded database has one connection, which a dry run
 * holds until then.
 */
import { dryRunHere } from "../../platform/dry-run.ts";
import type { DryRun } from "../../platform/dry-run.ts";
import type { Database, Tx } from "./database.ts";

export function withDryRuns(database: Database): Database {
  const { db } = database;
  /** Those that have begun to change something. */
  const opened = new WeakMap<DryRun, { readonly beginning: Promise<Tx>; tx: Tx | undefined }>();

  return {
    ...database,
    db: new Proxy(db, {
      get(_target, name) {
        const dryRun = dryRunHere();
        const current = (dryRun && opened.get(dryRun)?.tx) ?? db;
        const value: unknown = Reflect.get(current, name, current);
        return typeof value === "function" ? value.bind(current) : value;
      },
    }),
    async transaction(work) {
      const dryRun = dryRunHere();
      if (!dryRun) return database.transaction(work);
      // A savepoint: what is refused is undone, and the rest of the operation can go on.
      return (await transactionOf(dryRun)).transaction(work);
    },
  };

  function transactionOf(dryRun: DryRun): Promise<Tx> {
    const existing = opened.get(dryRun);
    if (existing) return existing.beginning;
    const begun = Promise.withResolvers<Tx>();
    const end = Promise.withResolvers<void>();
    const ended = database
      .transaction(async (tx) => {
        const state = opened.get(dryRun);
        if (state) state.tx = tx;
        begun.resolve(tx);
        await end.promise;
        throw new RolledBack();
      })
      // It did not begin, or its connection was lost: there is nothing to undo, and who uses it has the error.
      .catch((error: unknown) => begun.reject(error));
    opened.set(dryRun, { beginning: begun.promise, tx: undefined });
    dryRun.undo.push(async () => {
      opened.delete(dryRun);
      end.resolve();
      await ended;
    });
    return begun.promise;
  }
}

class RolledBack extends Error {
  override readonly name = "RolledBack";
}
