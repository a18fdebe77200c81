/**
 * How does a mutation happen once, and whole?
 *
 * It reads and decides first, outside of any transaction: an upstream may take its time. What it then changes (state, the
 * effects it asks for, its key) is one transaction. With an idempotency key, whoever comes second with the same input gets
 * the ids of what the first one made, however close behind they were; with another input, an error. The price: all that
 * race read and decide, and only one of them acts on it.
 */
import { hash } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { badUserInput } from "../../../schema/errors.ts";
import type { Context } from "../../platform/context.ts";
import type { Database, Tx } from "../database/database.ts";
import { mutationKeys } from "./tables.ts";
import type { Transact } from "./transact.ts";

/** Ids, by name: what they stand for is read anew. */
export type Made = Readonly<Record<string, string | null>>;
/** What it changes. May be run again from the start: it changes nothing but what `tx` leads to. */
export type Commit<Result extends Made> = (tx: Tx) => Promise<Result>;

export type Mutate = <Result extends Made>(
  context: Context,
  /** The field's name. */
  mutation: string,
  input: { readonly idempotencyKey?: string | null | undefined },
  prepare: () => Promise<Commit<Result>>,
) => Promise<Result>;

export function createMutate({ db }: Pick<Database, "db">, transact: Transact, now: () => number): Mutate {
  return async <Result extends Made>(
    { caller }: Context,
    mutation: string,
    input: { readonly idempotencyKey?: string | null | undefined },
    prepare: () => Promise<Commit<Result>>,
  ): Promise<Result> => {
    const { idempotencyKey: key } = input;
    if (key === undefined || key === null) return transact(await prepare());
    if (key.includes("\0")) throw badKey(mutation, "must not hold NUL");
    const keyed: Keyed = { caller, mutation, key, digest: digestOf(input) };
    // Something the same mutation made: the digest says so.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const known = (): Promise<Result | undefined> => find(keyed) as Promise<Result | undefined>;
    const before = await known();
    if (before) return before;
    let commit: Commit<Result>;
    try {
      commit = await prepare();
    } catch (error) {
      // What the first one did may be why the second one cannot: it is a repeat all the same.
      const meanwhile = await known();
      if (meanwhile) return meanwhile;
      throw error;
    }
    const made = await transact(async (tx) => {
      // Whoever has the same key waits here until this is committed, or as if it had never been.
      const [own] = await tx
        .insert(mutationKeys)
        .values({ ...keyed, result: null, madeAt: new Date(now()) })
        .onConflictDoNothing()
        .returning({ key: mutationKeys.key });
      if (!own) return undefined;
      const result = await commit(tx);
      await tx.update(mutationKeys).set({ result }).where(isKey(keyed));
      return result;
    });
    const result = made ?? (await known());
    if (!result) throw new Error(`Cannot repeat ${mutation}: what its key stands for is gone`);
    return result;
  };

  async function find(keyed: Keyed): Promise<unknown> {
    const [found] = await db.select().from(mutationKeys).where(isKey(keyed));
    if (!found) return undefined;
    if (found.digest === keyed.digest) return found.result;
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

/** Says nothing about the input, which may be personal. What is left out is the same as null. */
function digestOf(input: object): string {
  return hash("sha256", JSON.stringify(canonical(input)), "base64url");
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, own]) => own !== undefined && own !== null)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, own]) => [name, canonical(own)]);
}
