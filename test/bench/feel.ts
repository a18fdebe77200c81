/**
 * A table for `feelin` (FEEL in JavaScript): the fastest way, and the documented one.
 *
 * The documented `unaryTest(text, context)` parses the text at every call. But a FEEL expression may be a function, which is
 * parsed once: the cell `> 10` is `function(fact) fact > 10`. feelin has no tables, so both ways evaluate the cells of a
 * rule up to the first that does not hold (one expression for a whole table reaches two thirds of that speed).
 */
import { evaluate, isFunction, unaryTest } from "feelin";
import type { Condition, Fact, Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Engine } from "./matches.ts";

export function feelFunctions(table: Table): Engine {
  return engineOf(table, (condition) => {
    const text = `function(fact) ${toExpression("fact", condition)}`;
    const { value } = evaluate(text);
    if (!isFunction(value)) throw new Error(`Cannot read ${text}: expected a function`);
    return (fact) => value.invoke([fact]) === true;
  });
}

export function feelUnaryTests(table: Table): Engine {
  return engineOf(table, (condition) => {
    const text = toUnaryTest(condition);
    return (fact) => unaryTest(text, { "?": fact }).value === true;
  });
}

type Holds = (fact: Fact) => boolean;

function engineOf({ inputs, rules }: Table, holdsOf: (condition: Condition) => Holds): Engine {
  const ready = rules.map(({ number, conditions }) => ({
    number,
    cells: inputs.flatMap(({ name }, column) => {
      const condition = conditions[column] ?? null;
      return condition === null ? [] : [{ name, holds: holdsOf(condition) }];
    }),
  }));
  return (facts) =>
    facts.map((one) => {
      const matched: number[] = [];
      for (const { number, cells } of ready) {
        if (cells.every(({ name, holds }) => holds(one[name] ?? null))) matched.push(number);
      }
      return matched;
    });
}

function toUnaryTest(condition: Condition): string {
  const { kind, values } = condition.test;
  if (kind === "any of" || kind === "all of") return toExpression("?", condition);
  const list = values.map((value) => JSON.stringify(value)).join(", ");
  if (kind !== "in") return `${kind} ${list}`;
  return condition.holds ? list : `not(${list})`;
}

/** For `any of`, `list contains` for each value would reach half the speed. */
function toExpression(fact: string, { test: { kind, values }, holds }: Condition): string {
  const texts = values.map((value) => JSON.stringify(value));
  const list = texts.join(", ");
  if (kind === "in" && texts.length === 1) return `${fact} ${holds ? "=" : "!="} ${list}`;
  const expression = {
    in: `${fact} in (${list})`,
    "any of": `some item in ${fact} satisfies item in (${list})`,
    "all of": texts.map((text) => `list contains(${fact}, ${text})`).join(" and "),
  };
  if (kind === "in" || kind === "any of" || kind === "all of")
    return holds ? expression[kind] : `not(${expression[kind]})`;
  return `${fact} ${kind} ${list}`;
}
