/** What changes for whom between two tables of a model? Found when somebody asks, and kept: tables do not change. */
import { setImmediate } from "node:timers/promises";
import { createLru } from "../platform/lru.ts";
import type { Model } from "./models.ts";
import { digestOfTable } from "./table-digest.ts";
import { diff } from "./table/diagram/diff.ts";
import type { Difference } from "./table/diagram/diff.ts";
import type { Table } from "./table/table.ts";

/** Why it is not known: the diagrams would be too large, or the tables have inputs of different types. */
export class NoDifference {
  readonly problem: string;

  constructor(problem: string) {
    this.problem = problem;
  }
}

/** Takes up to half a second, and other work goes on between two of them. */
export async function differenceOf(
  { decision }: Pick<Model, "decision">,
  before: Table,
  after: Table,
): Promise<Difference | NoDifference> {
  const name = `${decision.key} ${digestOfTable(before)} ${digestOfTable(after)}`;
  const known = differences.get(name);
  if (known) return known;
  await setImmediate();
  const made = found(decision, before, after);
  differences.set(name, made);
  return made;
}

const differences = createLru<string, Difference | NoDifference>(50);

function found({ constraints, outputs }: Model["decision"], before: Table, after: Table): Difference | NoDifference {
  try {
    return diff(before, after, { constraints, outputs });
  } catch (error) {
    // A TooLargeError is one too.
    if (error instanceof RangeError) return new NoDifference(error.message);
    throw error;
  }
}
