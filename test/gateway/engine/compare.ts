/** Do two answers to an operation agree? */

export interface Answer {
  readonly data: unknown;
  /** Paths, joined and sorted. */
  readonly paths: readonly string[];
  readonly errors: readonly string[];
}

/** What the test shows of a gateway that rejects: no answer agrees with it. */
export function asAnswer(error: unknown): Answer {
  return { data: String(error), paths: [], errors: [] };
}

/** undefined for answers that agree. */
export function differenceOf(actual: Answer, expected: Answer): string | undefined {
  // Where nothing is left, which of several errors is found first depends on the order of execution.
  const [left, right] = [actual, expected].map(({ data, paths }) =>
    JSON.stringify(data === null ? [null, paths.length > 0] : [data, paths]),
  );
  return left === right ? undefined : [left, right, actual.errors.join("\n"), expected.errors.join("\n")].join("\n");
}

/** The paths of an answer's errors end at the nulls that they made: of several errors of one null, any is right. */
export function atNulls(answer: Answer): Answer {
  const paths = answer.paths.map((path) => {
    let at = answer.data;
    const keys: string[] = [];
    for (const key of path.split(".")) {
      if (at === null || at === undefined) break;
      at = Object.hasOwn(Object(at), key) ? (Reflect.get(Object(at), key) as unknown) : undefined;
      keys.push(key);
    }
    return keys.join(".");
  });
  return { ...answer, paths: [...new Set(paths)].toSorted() };
}
