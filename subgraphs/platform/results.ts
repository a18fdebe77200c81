/**
 * How does each key of a batch get its own result?
 *
 * A failure is an Error at the key's index, so the other keys still have values. All results arrive at the same moment, so
 * that the callers' next loads are one batch again. The price: the fastest waits for the slowest.
 */

/** Aligned with the keys. */
export type Results<T> = readonly (T | Error)[];

export async function results<T>(work: readonly Promise<T>[]): Promise<Results<T>> {
  const outcomes = await Promise.allSettled(work);
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : asError(outcome.reason)));
}

/** The values of all keys. Throws the first Error. */
export function requireAll<T>(all: Results<T>): readonly T[] {
  return all.map((result) => {
    if (result instanceof Error) throw result;
    return result;
  });
}

/** The values of those that have one: for a caller who can do without the others. */
export function withoutErrors<T>(all: Results<T>): readonly T[] {
  return all.flatMap((result) => (result instanceof Error ? [] : [result]));
}

function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error("Cannot answer: the thrown value is not an Error", { cause: thrown });
}
