/** Could this file decide in the place of the table here? It is read, and checked against the decision as at a start. */
import { badUserInput } from "../../schema/errors.ts";
import { disagreements } from "./models.ts";
import type { Model } from "./models.ts";
import { digestOfTable } from "./table-digest.ts";
import { compile } from "./table/compile.ts";
import { readTable } from "./table/otdt.ts";
import { TableError } from "./table/problem.ts";

/** Throws BAD_USER_INPUT that names `argument` and lists everything that is wrong with the text. */
export function readCandidate({ decision }: Model, text: string, argument: string): Model {
  const { key } = decision;
  const problems: string[] = [];
  try {
    const compiled = compile(readTable(text, `${key}.otdt`));
    if (compiled.table.key === key) problems.push(...disagreements(decision, compiled));
    else problems.push(`its key is ${compiled.table.key}, expected ${key}`);
    if (problems.length === 0) return { decision, compiled, digest: digestOfTable(compiled.table) };
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    problems.push(...error.problems);
  }
  const [first = ""] = problems;
  throw badUserInput(`Cannot use this table for ${key}: ${first}`, argument, { [argument]: problems });
}
