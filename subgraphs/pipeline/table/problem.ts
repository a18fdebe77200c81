/**
 * What is wrong with a file, and where? A reader of a cell throws a Refusal without a location; its caller adds the
 * location and continues, so that one read reports all problems of a file.
 */

/** All problems of the files that were read. Each names file and location, and what was expected and found there. */
export class TableError extends Error {
  override readonly name = "TableError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

export class Refusal extends Error {
  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
  }
}

/** Collects a problem. An empty location is the file as a whole. */
export type Report = (location: string, problem: string) => void;

/** What `read` returns, or undefined after a report of its Refusal. Other errors are bugs, and are rethrown. */
export function attempt<T>(report: Report, location: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report(location, error.message);
    return undefined;
  }
}

/** Quotes a value of a file in a message: enough to find it, and cut where it is long. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" && value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(text);
}
