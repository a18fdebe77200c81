/**
 * What does the service answer to an evaluation of a table?
 *
 * Like Flowable DMN, and not like the engine here, which is what the sandbox is for. Rules are evaluated in their order,
 * and the conditions of a rule up to the first that is false. A condition fails, and with it the evaluation, where its
 * input was not sent, where a list operator meets null, and where a date is compared with a time. A text with a comma or
 * in quotes is a list to a list operator. Rows come in the order of a Java hash map.
 *
 * A cell is known by what it means: `IS IN` with a single item is a comparison here, which to the service is a list.
 */
import { applyHitPolicy } from "../../pipeline/table/hit-policy.ts";
import { readInstant } from "../../pipeline/table/literal.ts";
import type { Condition, Fact, Literal, Row, Rule, Table, Test, Variable } from "../../pipeline/table/table.ts";
import type { Behaviour } from "./behaviour.ts";
import { INCOMPARABLE } from "./variables.ts";
import type { Inputs } from "./variables.ts";

/** One list of outputs for each rule that matched; none where the evaluation failed. */
export function evaluateTable(
  table: Table,
  inputs: Inputs,
  { order, emptyTexts }: Pick<Behaviour, "order" | "emptyTexts">,
  random: () => number,
): readonly Row[] {
  const matched = matchedRules(table, inputs);
  if (matched === undefined) return [];
  const answering = matched.filter(({ row }) => outputsOf(row, table, emptyTexts).length > 0);
  // These have one row, which does not depend on an order.
  const isOne = table.hitPolicy === "FIRST" || table.hitPolicy === "UNIQUE" || table.hitPolicy === "ANY";
  const evaluation = applyHitPolicy(table)(isOne ? answering : ORDERS[order](answering, random));
  return "failed" in evaluation ? [] : evaluation.rows;
}

/** An empty text is one that the service answers, as `emptyTexts` says; other empty outputs are left out. */
export function outputsOf(row: Row, { outputs }: Table, emptyTexts: Behaviour["emptyTexts"]): readonly object[] {
  return outputs.flatMap(({ name, type }): object[] => {
    const value = row[name];
    if (value !== undefined)
      return [{ name, type: RESULT_TYPES[type], value: type === "date" ? asInstant(value) : value }];
    if (type !== "string" || emptyTexts === "left out") return [];
    return [{ name, type: "string", value: emptyTexts === "text" ? "" : null }];
  });
}

/** A number is a `double` as in Flowable. There are no outputs that are collections. */
const RESULT_TYPES: Readonly<Record<Variable["type"], string>> = {
  string: "string",
  number: "double",
  boolean: "boolean",
  date: "date",
  collection: "string",
};

const ORDERS: Readonly<Record<Behaviour["order"], (rules: readonly Rule[], random: () => number) => readonly Rule[]>> =
  {
    hash: hashOrder,
    table: (rules) => rules,
    reversed: (rules) => rules.toReversed(),
    shuffled: (rules, random) =>
      rules
        .map((rule) => ({ rule, at: random() }))
        .toSorted((left, right) => left.at - right.at)
        .map(({ rule }) => rule),
  };

/** A map keyed by the numbers of rules: by bucket, and within one as inserted. It doubles when it is three quarters full. */
function hashOrder(rules: readonly Rule[]): readonly Rule[] {
  let buckets = 16;
  while (rules.length > 0.75 * buckets) buckets *= 2;
  return rules.toSorted((left, right) => (left.number % buckets) - (right.number % buckets));
}

class EvaluationFailure extends Error {}

/** Undefined where the evaluation failed. */
function matchedRules({ inputs: columns, rules, hitPolicy }: Table, inputs: Inputs): readonly Rule[] | undefined {
  const matches = ({ conditions }: Rule): boolean =>
    columns.every((column, index) => isMet(conditions[index] ?? null, column, inputs));
  try {
    if (hitPolicy !== "FIRST") return rules.filter(matches);
    const first = rules.find(matches);
    return first ? [first] : [];
  } catch (error) {
    if (error instanceof EvaluationFailure) return undefined;
    throw error;
  }
}

function isMet(condition: Condition | null, { name, type }: Variable, inputs: Inputs): boolean {
  if (condition === null) return true;
  const { test, holds } = condition;
  const fact = inputs.has(name) ? inputs.get(name) : type === "boolean" ? false : undefined;
  if (fact === undefined || fact === INCOMPARABLE) throw new EvaluationFailure();
  const isList = LISTS.has(test.kind) || test.values.length > 1;
  if (fact === null) {
    if (isList) throw new EvaluationFailure();
    return !holds;
  }
  const items = isList && typeof fact === "string" ? itemsOf(fact) : undefined;
  // `IS IN` is about all of its items, and `IS NOT IN` too.
  if (items) return items.every((item) => test.values.includes(item) === holds);
  return (
    TESTS[test.kind](type === "date" && typeof fact === "string" ? (readInstant(fact) ?? NaN) : fact, test.values) ===
    holds
  );
}

const LISTS: ReadonlySet<Test["kind"]> = new Set<Test["kind"]>(["any of", "all of"]);

type Known = NonNullable<Fact>;

const TESTS: Readonly<Record<Test["kind"], (fact: Known, values: readonly Literal[]) => boolean>> = {
  in: (fact, values) => values.some((value) => value === fact),
  "<": (fact, [value]) => Number(fact) < Number(value),
  "<=": (fact, [value]) => Number(fact) <= Number(value),
  ">": (fact, [value]) => Number(fact) > Number(value),
  ">=": (fact, [value]) => Number(fact) >= Number(value),
  "any of": (fact, values) => values.some((value) => holdsItem(fact, value)),
  "all of": (fact, values) => values.every((value) => holdsItem(fact, value)),
};

function holdsItem(fact: Known, value: Literal): boolean {
  return Array.isArray(fact) && fact.some((item) => item === value);
}

/** Undefined for a text that is no list. */
function itemsOf(text: string): readonly string[] | undefined {
  if (!text.includes(",") && !/^(["']).*\1$/s.test(text)) return undefined;
  return text.split(",").map((item) => item.trim().replace(/^(["'])(.*)\1$/s, "$2"));
}

function asInstant(date: Literal): Literal {
  const instant = typeof date === "string" ? readInstant(date) : undefined;
  return instant === undefined ? date : new Date(instant).toISOString().replace(".000Z", "Z");
}
