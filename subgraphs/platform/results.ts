/**
 * How does each key of a batch get an answer of its own?
 *
 * What goes wrong with one is an Error at its index, so its neighbours are answered. All are answered at the same
 * moment, so whoever waits for them goes on together: the price is that the fastest waits for the slowest.
 */

/** Aligned with what was asked for. */
export type Results<T> = readonly (T | Error)[];

export async function results<T>(work: readonly Promise<T>[]): Promise<Results<T>> {
  const outcomes = await Promise.allSettled(work);
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : asError(outcome.reason)));
}

/** For whoever can do nothing with a part. Throws the first Error. */
export function requireAll<T>(settled: Results<T>): readonly T[] {
  return settled.map((one) => {
    if (one instanceof Error) throw one;
    return one;
  });
}

function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error("Cannot answer: something was thrown that is no error", { cause: thrown });
}
