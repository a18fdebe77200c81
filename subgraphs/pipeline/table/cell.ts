/**
 * What does a cell mean? An input cell is a condition: a test, and whether it must hold or must not. An output cell is a
 * literal.
 *
 * A test is always positive: `!= x` and `== x` share one test, as do IS NOT IN and IS IN, NONE OF and ANY OF, NOT ALL OF
 * and ALL OF. No test holds for an unknown fact. So for null the positive operators are false and the negative ones true;
 * and `<=` is a test of its own, not the negation of `>`, because for null both are false.
 *
 * A collection is `==` a list if both hold the same values, whatever the order and the repetitions.
 */
import { type Item, readList, readLiteral, textOrNumber } from "./literal.ts";
import { Refusal, show } from "./problem.ts";
import type { Condition, Literal, Test, VariableType } from "./table.ts";

/** Reads an input cell; null matches any fact. Throws a Refusal. */
export function readCondition(type: VariableType, operatorText: string, expression: string): Condition | null {
  refuseExpression(operatorText);
  refuseExpression(expression);
  const isEmpty = expression.trim() === "";
  const isAnything = isEmpty || expression.trim() === "-";
  const name = operatorText.trim().replace(/\s+/g, " ").toUpperCase();
  if ((name === "" || name === NOT_APPLICABLE) && isAnything) return null;
  if (name === "") throw new Refusal(`an operator before ${show(expression)}`, "nothing");
  if (name === NOT_APPLICABLE) throw new Refusal(`no expression beside ${NOT_APPLICABLE}`, show(expression));

  const operator = OPERATORS[type].get(name);
  if (operator === undefined) throw new Refusal(`one of ${[...OPERATORS[type].keys()].join(", ")}`, show(operatorText));
  // `==` and nothing means any fact to some engines, and the empty text to others.
  if (isEmpty) throw new Refusal(`an expression after ${name}, or "-" for any fact`, "nothing");
  if (isAnything) return null;
  return { test: { kind: operator.kind, values: readValues(type, operator, expression) }, holds: operator.holds };
}

/** Reads an output cell; null is no value. A date stays text, as in the answers of the service. Throws a Refusal. */
export function readOutput(type: VariableType, cell: string): Literal | null {
  refuseExpression(cell);
  const text = cell.trim();
  if (text === "" || text === "-") return null;
  if (type === "collection") throw new Refusal("an output of type string, number, boolean or date", "a collection");
  const value = readLiteral(type, cell);
  return type === "date" ? text : value;
}

interface Operator {
  readonly kind: Test["kind"];
  readonly holds: boolean;
  readonly takesList: boolean;
}

const one = (kind: Test["kind"], holds = true): Operator => ({ kind, holds, takesList: false });
const list = (kind: Test["kind"], holds = true): Operator => ({ kind, holds, takesList: true });

const EQUALITY = { "==": one("in"), "!=": one("in", false) };
const ORDER = { "<": one("<"), ">": one(">"), "<=": one("<="), ">=": one(">=") };
const MEMBERSHIP = { "IS IN": list("in"), "IS NOT IN": list("in", false) };
const CONTENT = {
  "==": list("exactly"),
  "!=": list("exactly", false),
  "ANY OF": list("any of"),
  "NONE OF": list("any of", false),
  "ALL OF": list("all of"),
  "NOT ALL OF": list("all of", false),
};

const OPERATORS: Readonly<Record<VariableType, ReadonlyMap<string, Operator>>> = {
  string: new Map(Object.entries({ ...EQUALITY, ...MEMBERSHIP })),
  number: new Map(Object.entries({ ...EQUALITY, ...ORDER, ...MEMBERSHIP })),
  date: new Map(Object.entries({ ...EQUALITY, ...ORDER, ...MEMBERSHIP })),
  boolean: new Map(Object.entries(EQUALITY)),
  collection: new Map(Object.entries(CONTENT)),
};

const NOT_APPLICABLE = "-- NA --";

/** OpenText would compute `${…}` from facts, so equivalent facts could get different outputs. */
function refuseExpression(cell: string): void {
  if (/[$#]\{/.test(cell)) throw new Refusal("a literal", `the expression ${show(cell)}`);
}

function readValues(type: VariableType, operator: Operator, expression: string): readonly Literal[] {
  const values =
    operator.takesList || type === "collection"
      ? readList(expression).map((item) => readItem(type, item))
      : [readLiteral(type, expression)];
  return [...new Set(values)].toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

function readItem(type: VariableType, item: Item): Literal {
  if (type === "string") return item.text;
  return type === "collection" ? textOrNumber(item) : readLiteral(type, item.text);
}
