/**
 * What is wrong with a file, and where? Readers throw a Refusal and know no place; whoever calls them knows the place and
 * goes on, so that one reading names all problems of a file.
 */

/** All that is wrong with the files read, one line each: file, place, what was expected, what stands there. */
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

/** Takes down a problem. An empty place is the file as a whole. */
export type Report = (place: string, problem: string) => void;

/** What `read` reads, or undefined and a report. Errors other than a Refusal are ours and go on up. */
export function attempt<T>(report: Report, place: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report(place, error.message);
    return undefined;
  }
}

/** A piece of a file as a message quotes it: enough to find it, never a screenful. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" && value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(text);
}
