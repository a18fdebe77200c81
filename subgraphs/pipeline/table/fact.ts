/** Which input got a fact that is not of its type, and what was expected? Without the value, which may be personal data. */
import { show } from "./problem.ts";
import type { Variable, VariableType } from "./table.ts";

export class FactError extends TypeError {
  override readonly name = "FactError";
  readonly input: string;

  constructor(key: string, { name, type }: Variable, fact: unknown) {
    const expected = isUnknown(fact) ? "a value" : EXPECTED[type];
    super(`Cannot evaluate ${key}: input ${show(name)} (${type}): expected ${expected}, got ${kindOf(fact, type)}`);
    this.input = name;
  }
}

/** Undefined for facts that a table refuses. */
export function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FactError) return undefined;
    throw error;
  }
}

/**
 * OpenText reads a text as a list where it meets a list operator and has a comma or quotes around it. Single quotes would
 * stay, but say as clearly that a list was meant.
 */
export function looksLikeList(text: string): boolean {
  return text.includes(",") || QUOTES.some((quote) => text.startsWith(quote) && text.endsWith(quote));
}

const QUOTES = ['"', "'"];
const EXPECTED: Readonly<Record<VariableType, string>> = {
  string: "a string",
  number: "a finite number",
  boolean: "a boolean",
  date: "a date (YYYY-MM-DD)",
  collection: "a collection of strings",
};

function isUnknown(fact: unknown): boolean {
  return fact === null || fact === undefined;
}

function kindOf(fact: unknown, type: VariableType): string {
  if (isUnknown(fact)) return "none";
  if (Array.isArray(fact)) return type === "collection" ? "a collection of something else" : "a collection";
  if (typeof fact === "number" && !Number.isFinite(fact)) return "a number that is not finite";
  if (typeof fact === "string" && type === "date") return "a string that is no date";
  if (typeof fact === "string" && type === "string") {
    return "a string with a comma or in quotes, which the list of a rule would be compared with as a list";
  }
  return typeof fact === "object" ? "an object" : `a ${typeof fact}`;
}
