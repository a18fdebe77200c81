/**
 * How is a condition written for somebody who does not read `.otdt`?
 *
 * By its operator and its values, as a table shows them; the same is read back, so that a browser has the same table.
 */
import { operatorOf, operatorsOf } from "./cell.ts";
import { readLiteral } from "./literal.ts";
import { Refusal, show } from "./problem.ts";
import type { Condition, Literal, VariableType } from "./table.ts";

export interface WrittenCondition {
  /** As OpenText names it: `>=`, `IS IN`. */
  readonly operator: string;
  /** A date as `YYYY-MM-DD`. */
  readonly values: readonly Literal[];
}

export function writeCondition(type: VariableType, condition: Condition): WrittenCondition {
  const values = condition.test.values.map((value) => (type === "date" ? dayOf(value) : value));
  return { operator: operatorOf(type, condition), values };
}

/** Throws a Refusal for what `writeCondition` does not write. */
export function conditionOf(type: VariableType, { operator: name, values }: WrittenCondition): Condition {
  const operator = operatorsOf(type).get(name);
  if (!operator) throw new Refusal("an operator of the column", show(name));
  const read = values.map((value) => (type === "date" ? readLiteral("date", String(value)) : value));
  return { test: { kind: operator.kind, values: read }, holds: operator.holds, isList: operator.isList };
}

function dayOf(instant: Literal): string {
  return new Date(Number(instant)).toISOString().slice(0, "YYYY-MM-DD".length);
}
