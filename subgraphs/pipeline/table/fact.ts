/** Which input got a fact of a wrong type, and what was expected? Without the value, which may be personal data. */
import { show } from "./problem.ts";
import type { Variable, VariableType } from "./table.ts";

export class FactError extends TypeError {
  override readonly name = "FactError";
  readonly input: string;

  constructor(key: string, { name, type }: Variable, fact: unknown) {
    super(
      `Cannot evaluate ${key}: input ${show(name)} (${type}): expected ${EXPECTED[type]}, got ${kindOf(fact, type)}`,
    );
    this.input = name;
  }
}

const EXPECTED: Readonly<Record<VariableType, string>> = {
  string: "a string",
  number: "a finite number",
  boolean: "a boolean",
  date: "a date (YYYY-MM-DD or RFC 3339)",
  collection: "a collection of strings and finite numbers",
};

function kindOf(fact: unknown, type: VariableType): string {
  if (Array.isArray(fact)) return type === "collection" ? "a collection of something else" : "a collection";
  if (typeof fact === "number" && !Number.isFinite(fact)) return "a number that is not finite";
  if (typeof fact === "string" && type === "date") return "a string that is no date";
  return typeof fact === "object" ? "an object" : `a ${typeof fact}`;
}
