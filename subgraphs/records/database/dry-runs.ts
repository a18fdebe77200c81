/**
 * Which transaction do the statements of a dry run get?
 *
 * One that begins with its first change and is rolled back when the operation ends. What the operation reads from then on, it
 * reads there too: it sees its own changes, and nobody else does.
 *
 * Meanwhile others wait for the rows that it has changed, and for a connection: the embedded database has one. So few are open
 * at once, and each for less time than others wait for a lock: one that takes longer fails.
 */
import { dryRunHere } from "../../platform/dry-run.ts";
import type { DryRun } from "../../platform/dry-run.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { Database, Tx } from "./database.ts";

export interface DryRunLimits {
  /** In this process; others wait for their turn. */
  readonly atOnce: number;
  /** Milliseconds from the first change on. */
  readonly holdMs: number;
}

const LIMITS: DryRunLimits = { atOnce: 3, holdMs: 8000 };

interface Opened {
  readonly beginning: Promise<Tx>;
  /** Once it has begun. */
  tx: Tx | undefined;
  /** Changes that are being made: what they sent after the end would stay. */
  readonly changing: Set<Promise<unknown>>;
  /** Rolled back before the operation has its answer. */
  isOver: boolean;
}

export function withDryRuns(database: Database, { atOnce, holdMs }: DryRunLimits = LIMITS): Database {
  const { db } = database;
  const takeTurn = createTurns(atOnce);
  /** Those that have begun to change something. */
  const opened = new WeakMap<DryRun, Opened>();

  return {
    ...database,
    db: new Proxy(db, {
      get(_target, name) {
        const dryRun = dryRunHere();
        const current = (dryRun && requireOpen(opened.get(dryRun))?.tx) ?? db;
        const value: unknown = Reflect.get(current, name, current);
        return typeof value === "function" ? value.bind(current) : value;
      },
    }),
    async transaction(work) {
      const dryRun = dryRunHere();
      if (!dryRun) return database.transaction(work);
      const told = dryRun.effects.length;
      const one = opened.get(dryRun) ?? open(dryRun);
      const tx = await one.beginning;
      requireOpen(one);
      // A savepoint: what is refused is undone, and the rest of the operation can go on.
      const change = tx.transaction(work);
      one.changing.add(change);
      try {
        return await change;
      } catch (error) {
        dryRun.effects.splice(told);
        requireOpen(one);
        throw error;
      } finally {
        one.changing.delete(change);
      }
    },
  };

  function open(dryRun: DryRun): Opened {
    const begun = Promise.withResolvers<Tx>();
    const end = Promise.withResolvers<void>();
    const one: Opened = { beginning: begun.promise, tx: undefined, changing: new Set(), isOver: false };
    const ended = hold(async (tx) => {
      one.tx = tx;
      begun.resolve(tx);
      const timer = setTimeout(() => {
        one.isOver = true;
        end.resolve();
      }, holdMs).unref();
      await end.promise;
      clearTimeout(timer);
      await Promise.allSettled(one.changing);
    })
      // It did not begin, or its connection was lost: there is nothing to undo, and who uses it has the error.
      .catch((error: unknown) => begun.reject(error));
    opened.set(dryRun, one);
    dryRun.undo.push(async () => {
      opened.delete(dryRun);
      end.resolve();
      await ended;
    });
    return one;
  }

  async function hold(work: (tx: Tx) => Promise<void>): Promise<void> {
    const leave = await takeTurn();
    try {
      await database.transaction(async (tx) => {
        await work(tx);
        throw new RolledBack();
      });
    } finally {
      leave();
    }
  }

  function requireOpen(one: Opened | undefined): Opened | undefined {
    if (one?.isOver !== true) return one;
    throw new UpstreamError("database", "TIMEOUT", `a dry run held its transaction for ${holdMs} ms, and no longer`);
  }
}

/** Each resolves when one of so many is free, the first who asked first, with what gives it back. */
function createTurns(free: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let left = free;
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else left += 1;
  };
  return async () => {
    if (left > 0) left -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return leave;
  };
}

class RolledBack extends Error {
  override readonly name = "RolledBack";
}
