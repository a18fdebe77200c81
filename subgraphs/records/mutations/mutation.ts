/**
 * How is a mutation atomic and idempotent?
 *
 * It first reads and decides outside a transaction, because an upstream may be slow. Its changes (state, effects, key) are
 * then one transaction. A repetition with the same idempotency key and input gets the ids that the first one made, even if
 * both run concurrently; with another input it is an error.
 *
 * Repetitions that are concurrent in one process are one call: the first one reads, decides and commits, and the others
 * get its result or its error. The price: in different processes each of them reads and decides, and only one commits, so
 * the ledger may hold an evaluation whose subject does not exist.
 */
import { hash } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { badUserInput } from "../../../schema/errors.ts";
import type { Context } from "../../platform/context.ts";
import { dryRunHere } from "../../platform/dry-run.ts";
import type { Database, Tx } from "../database/database.ts";
import { mutationKeys } from "./tables.ts";
import type { Transact } from "./transact.ts";

/** Ids by name. A repetition reads the current state of what they identify. */
export type Created = Readonly<Record<string, string | null>>;
/** The changes. It may be retried from the start, so it has no side effects except through `tx`. */
export type Commit<Result extends Created> = (tx: Tx) => Promise<Result>;

export interface RepeatableInput {
  readonly idempotencyKey?: string | null | undefined;
  readonly dryRun?: boolean | null | undefined;
}

export type Mutate = <Result extends Created>(
  context: Context,
  /** The field's name in the schema. */
  mutation: string,
  input: RepeatableInput,
  prepare: () => Promise<Commit<Result>>,
) => Promise<Result>;

export function createMutate({ db }: Pick<Database, "db">, transact: Transact, now: () => number): Mutate {
  /** What is in flight, by all that makes it a repetition. */
  const running = new Map<string, Promise<Created>>();

  return async <Result extends Created>(
    { caller: { id: caller } }: Context,
    mutation: string,
    input: RepeatableInput,
    prepare: () => Promise<Commit<Result>>,
  ): Promise<Result> => {
    const { idempotencyKey: key } = input;
    if (key === undefined || key === null) return transact(await prepare());
    if (key.includes("\0")) throw badKey(mutation, "must not hold NUL");
    const keyed: Keyed = { caller, mutation, key, digest: digestOf(input) };
    // What a dry run makes is there for its own operation alone.
    if (dryRunHere()) return once(keyed, prepare);
    const identity = JSON.stringify([caller, mutation, key, keyed.digest]);
    const joined = running.get(identity);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key contains the mutation, hence this type
    if (joined) return joined as Promise<Result>;
    const started = once(keyed, prepare).finally(() => running.delete(identity));
    running.set(identity, started);
    return started;
  };

  async function once<Result extends Created>(keyed: Keyed, prepare: () => Promise<Commit<Result>>): Promise<Result> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key contains the mutation, hence this type
    const findResult = (): Promise<Result | undefined> => find(keyed) as Promise<Result | undefined>;
    const earlier = await findResult();
    if (earlier) return earlier;
    let commit: Commit<Result>;
    try {
      commit = await prepare();
    } catch (error) {
      // The reason may be what a concurrent repetition has just committed.
      const concurrent = await findResult();
      if (concurrent) return concurrent;
      throw error;
    }
    const committed = await transact(async (tx) => {
      // A concurrent insert of the same key blocks here until the other transaction has ended.
      const [inserted] = await tx
        .insert(mutationKeys)
        .values({ ...keyed, result: null, madeAt: new Date(now()) })
        .onConflictDoNothing()
        .returning({ key: mutationKeys.key });
      if (!inserted) return undefined;
      const result = await commit(tx);
      await tx.update(mutationKeys).set({ result }).where(isKey(keyed));
      return result;
    });
    const result = committed ?? (await findResult());
    if (!result) throw new Error(`Cannot repeat ${keyed.mutation}: the result of its idempotency key is missing`);
    return result;
  }

  async function find(keyed: Keyed): Promise<unknown> {
    const [row] = await db.select().from(mutationKeys).where(isKey(keyed));
    if (!row) return undefined;
    if (row.digest === keyed.digest) return row.result;
    throw badKey(keyed.mutation, "was used for another input");
  }
}

interface Keyed {
  readonly caller: string;
  readonly mutation: string;
  readonly key: string;
  readonly digest: string;
}

function isKey({ caller, mutation, key }: Keyed) {
  return and(eq(mutationKeys.caller, caller), eq(mutationKeys.mutation, mutation), eq(mutationKeys.key, key));
}

function badKey(mutation: string, problem: string): Error {
  return badUserInput(`Cannot ${mutation}: idempotencyKey ${problem}`, "input", { idempotencyKey: [problem] });
}

/** Does not reveal the input, which may be personal. An absent field equals null. What is tried is the same input. */
function digestOf({ dryRun: _isTried, ...input }: RepeatableInput): string {
  return hash("sha256", JSON.stringify(canonical(input)), "base64url");
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, field]) => [name, canonical(field)]);
}
