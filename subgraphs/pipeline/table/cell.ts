/**
 * What does a cell mean? An input cell is a condition: a test, and whether it must hold or must not. An output cell is a
 * literal.
 *
 * A test is always positive: `!= x` and `== x` share one test, as do IS NOT IN and IS IN, NONE OF and ANY OF, NOT ALL OF
 * and ALL OF. No test holds for an unknown fact. So for null the positive operators are false and the negative ones true;
 * and `<=` is a test of its own, not the negation of `>`, because for null both are false.
 *
 * Operators are compared as OpenText does: exactly. Of collections it never finds two equal, so they have no `==`.
 */
import { readList, readLiteral, requireUnchanged } from "./literal.ts";
import { Refusal, show } from "./problem.ts";
import type { Condition, Literal, Test, VariableType } from "./table.ts";

/** Reads an input cell; null matches any fact. Throws a Refusal. */
export function readCondition(type: VariableType, name: string, expression: string): Condition | null {
  requireUnchanged(name);
  requireUnchanged(expression);
  const operator = OPERATORS[type].get(name);
  if (operator === undefined && name !== "" && name !== NOT_APPLICABLE) {
    throw new Refusal(`one of ${[NOT_APPLICABLE, ...OPERATORS[type].keys()].join(", ")}`, show(name));
  }
  if (isAnything(type, name, expression)) return null;
  // ` - ` would be compared with the fact, and nothing would be the empty text or an incomplete expression.
  if (/^\s*-?\s*$/.test(expression)) throw new Refusal('a value, or "-" for any fact', show(expression));
  if (name === "") throw new Refusal(`an operator before ${show(expression)}`, "nothing");
  if (operator === undefined) throw new Refusal(`"-" beside ${NOT_APPLICABLE}`, show(expression));
  const { kind, holds, isList } = operator;
  return { test: { kind, values: readValues(type, isList, expression) }, holds, isList };
}

/** Reads an output cell; null is no value. A date stays text. Throws a Refusal. */
export function readOutput(type: VariableType, cell: string): Literal | null {
  requireUnchanged(cell);
  if (cell === "") return null;
  // OpenText would answer the text "-", and fail on it as a number.
  if (/^\s*-?\s*$/.test(cell)) throw new Refusal("a value, or an empty cell for none", show(cell));
  if (type === "collection") throw new Refusal("an output of type string, number, boolean or date", "a collection");
  const value = readLiteral(type, cell);
  return type === "date" ? cell : value;
}

/** By name, of the cells of such a column. */
export function operatorsOf(type: VariableType): ReadonlyMap<string, Operator> {
  return OPERATORS[type];
}

/** The name of the operator of such a condition. */
export function operatorOf(type: VariableType, { test: { kind }, holds, isList }: Condition): string {
  for (const [name, operator] of OPERATORS[type])
    if (operator.kind === kind && operator.holds === holds && operator.isList === isList) return name;
  throw new Error(`a condition on a ${type} must have one of its operators`);
}

export interface Operator {
  readonly kind: Test["kind"];
  readonly holds: boolean;
  readonly isList: boolean;
}

const one = (kind: Test["kind"], holds = true): Operator => ({ kind, holds, isList: false });
const list = (kind: Test["kind"], holds = true): Operator => ({ kind, holds, isList: true });

const EQUALITY = { "==": one("in"), "!=": one("in", false) };
const ORDER = { "<": one("<"), ">": one(">"), "<=": one("<="), ">=": one(">=") };
const MEMBERSHIP = { "IS IN": list("in"), "IS NOT IN": list("in", false) };
const CONTENT = {
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

/** A cell without operator and value is any fact too, but for a text it is the empty one. */
function isAnything(type: VariableType, name: string, expression: string): boolean {
  return expression === "-" || (name === "" && expression === "" && type !== "string");
}

function readValues(type: VariableType, isList: boolean, expression: string): readonly Literal[] {
  const values = isList || type === "collection" ? readList(type, expression) : [readLiteral(type, expression)];
  return [...new Set(values)].toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}
