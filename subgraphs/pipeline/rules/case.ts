/** What is an example beside a table? Facts, and what the table should say of them. */
import type { CaseOutcome } from "../table/outcome.ts";
import type { Facts } from "../table/table.ts";

export interface Case {
  readonly facts: Facts;
  readonly expected: CaseOutcome;
}
