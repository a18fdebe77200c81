/**
 * Random tables against their meaning, and randomly damaged files. Over 200 lines, because it has a second evaluation
 * of tables that shares no code with the engine.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { readTable } from "../../../subgraphs/pipeline/table/otdt.ts";
import { TableError } from "../../../subgraphs/pipeline/table/problem.ts";
import type { Fact, Facts, VariableType } from "../../../subgraphs/pipeline/table/table.ts";
import { otdt, type Sketch } from "../../tables/sketch.ts";

// A cell with its meaning and its text, which the engine reads.
type Value = string | number | boolean;
interface Cell {
  readonly operator: string;
  readonly values: readonly Value[];
  readonly text: readonly [string, string];
}
interface Case {
  readonly sketch: Sketch;
  readonly policy: string;
  readonly types: readonly VariableType[];
  readonly rules: readonly { readonly cells: readonly Cell[]; readonly outputs: readonly string[] }[];
  readonly ranked: readonly string[];
  readonly facts: readonly Facts[];
}

// Few values, so that facts are often equal to a value of a cell, next to it, or in its list.
const VALUES: Readonly<Record<VariableType, readonly Value[]>> = {
  string: ["a", "b", "A", "a,b", "c d", "1", "true", "it's"],
  number: [-2.5, -1, 0, 1, 2, 10, 1e6],
  boolean: [true, false],
  date: ["2024-02-29", "2024-03-01", "2024-02-28", "0050-01-01"],
  collection: ["a", "b", "a,b", "1", "-0.5", "c d"],
};
const FACTS: Readonly<Record<VariableType, fc.Arbitrary<Fact>>> = {
  string: fc.oneof(
    fc.constantFrom("a", "b", "A", "c d", "1", "true", "", "z", "it's"),
    fc.string().filter((text) => !/,|^["']/.test(text)),
  ),
  number: fc.oneof(
    fc.constantFrom(-3, -2.5, -1, -0.5, 0, -0, 0.5, 1, 1.5, 2, 9, 10, 11, 1e6),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ),
  boolean: fc.boolean(),
  date: fc.constantFrom(
    "2024-02-28",
    "2024-02-29",
    "2024-03-01",
    "2024-03-02",
    "0050-01-01",
    "0049-12-31",
    "9999-12-31",
  ),
  collection: fc.array(fc.constantFrom("a", "b", "a,b", "1", "z", "-0.5", "c d"), { maxLength: 5 }),
};
const OPERATORS: Readonly<Record<VariableType, readonly string[]>> = {
  string: ["==", "!=", "IS IN", "IS NOT IN"],
  number: ["==", "!=", "<", "<=", ">", ">=", "IS IN", "IS NOT IN"],
  boolean: ["==", "!="],
  date: ["==", "!=", "<", "<=", ">", ">=", "IS IN", "IS NOT IN"],
  collection: ["ANY OF", "NONE OF", "ALL OF", "NOT ALL OF"],
};
/** What may be in a list of several, where texts stand in single quotes and only whole numbers are found. */
const LISTED: Readonly<Record<VariableType, (value: Value) => boolean>> = {
  string: (value) => !/[,']/.test(String(value)),
  number: (value) => Number.isInteger(value),
  boolean: () => false,
  date: () => true,
  collection: () => true,
};

function cell(type: VariableType): fc.Arbitrary<Cell> {
  const anything = fc
    .constantFrom<readonly [string, string]>(["-- NA --", "-"], ["", "-"], ["", type === "string" ? "-" : ""])
    .map((text) => ({ operator: "", values: [], text }));
  const condition = fc.constantFrom(...OPERATORS[type]).chain((operator) => {
    const isList = operator.includes(" ");
    const values = VALUES[type].filter((value) => !isList || LISTED[type](value));
    // A single date has no list.
    const minLength = isList && type === "date" ? 2 : 1;
    return fc
      .tuple(
        fc.array(fc.constantFrom(...values), { minLength, maxLength: isList ? 4 : 1 }),
        fc.constantFrom(",", ", ", " , "),
        fc.boolean(),
      )
      .map(([chosen, comma, quotesAll]): Cell => {
        const needsQuotes = type === "collection" ? /,|^-?\d/ : /,/;
        const isQuoted = (value: Value) =>
          typeof value === "string" &&
          (quotesAll || (chosen.length === 1 && type !== "date") || needsQuotes.test(value));
        const items = chosen.map((value) => (isList && isQuoted(value) ? `"${value}"` : String(value)));
        return { operator, values: chosen, text: [operator, items.join(comma)] };
      });
  });
  return fc.oneof({ weight: 1, arbitrary: anything }, { weight: 2, arbitrary: condition });
}

const AGGREGATES = ["COLLECT SUM", "COLLECT MIN", "COLLECT MAX", "COLLECT COUNT"];
const POLICIES = ["FIRST", "ANY", "UNIQUE", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT", ...AGGREGATES];
const ENTRIES = ["DENY", "REVIEW", "ALLOW"];

/** `COLLECT SUM` is COLLECT with the operator SUM. */
function hitPolicyOf(policy: string) {
  return AGGREGATES.includes(policy)
    ? { hitIndicator: "COLLECT", collectOperator: policy.slice("COLLECT ".length) }
    : { hitIndicator: policy };
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(
    fc.array(fc.constantFrom<VariableType>("string", "number", "boolean", "date", "collection"), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.constantFrom(...POLICIES),
    fc.shuffledSubarray(ENTRIES, { minLength: 3 }),
  )
  .chain(([types, policy, ranked]) => {
    const isAggregate = AGGREGATES.includes(policy);
    const outputs = isAggregate
      ? fc.tuple(fc.constantFrom("-1", "0", "2.5", "7", ""))
      : fc.tuple(fc.constantFrom(...ENTRIES), fc.constantFrom("because", "so", ""));
    return fc
      .record({
        rules: fc.array(fc.record({ cells: fc.tuple(...types.map(cell)), outputs }), { minLength: 1, maxLength: 8 }),
        facts: fc.array(fc.tuple(...types.map((type) => fc.option(FACTS[type], { freq: 6 }))), {
          minLength: 10,
          maxLength: 10,
        }),
      })
      .map(({ rules, facts }) => ({
        policy,
        types,
        rules,
        ranked,
        facts: facts.map((values) => Object.fromEntries(values.map((value, index) => [`x${index}`, value]))),
        sketch: {
          inputs: types.map((type, index) => [`x${index}`, type] as const),
          outputs: isAggregate
            ? [["score", "number"]]
            : [
                ["verdict", "string", ...ranked],
                ["reason", "string"],
              ],
          rules: rules.map((rule) => ({ when: rule.cells.map(({ text }) => text), gives: rule.outputs })),
          data: hitPolicyOf(policy),
        },
      }));
  });

describe("random tables", () => {
  it("give the rows that their cells mean, under every hit policy", () => {
    fc.assert(
      fc.property(cases, (made) => {
        const table = compile(readTable(otdt(made.sketch), "made.otdt"));
        for (const facts of made.facts) {
          const evaluation = table.evaluate(facts);
          expect("failed" in evaluation ? "failed" : evaluation).toEqual(answer(made, facts));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("give facts the same identity exactly where they match the same rules and the same facts are known", () => {
    let equal = 0;
    fc.assert(
      fc.property(cases, (made) => {
        const table = compile(readTable(otdt(made.sketch), "made.otdt"));
        const [first, ...others] = made.facts.map((facts) => ({
          identity: table.identity(facts),
          meaning: JSON.stringify(meaning(made, facts)),
          evaluation: table.evaluate(facts),
        }));
        for (const other of others) {
          expect(other.identity === first?.identity).toBe(other.meaning === first?.meaning);
          if (other.identity !== first?.identity) continue;
          expect(other.evaluation).toEqual(first.evaluation);
          equal++;
        }
      }),
      { numRuns: 2_000 },
    );
    expect(equal).toBeGreaterThan(1_000);
  });
});

describe("a randomly damaged file", () => {
  it("is read or rejected with a TableError, and never breaks evaluation", () => {
    const verdicts = { read: 0, refused: 0 };
    fc.assert(
      fc.property(cases, fc.array(damage, { minLength: 1, maxLength: 3 }), (made, damages) => {
        const content: unknown = JSON.parse(otdt(made.sketch));
        for (const one of damages) apply(content, one);
        verdicts[readOrRefuse(JSON.stringify(content))]++;
      }),
      { numRuns: 2_000 },
    );
    expect(verdicts.read).toBeGreaterThan(50);
    expect(verdicts.refused).toBeGreaterThan(500);
  });

  it("is rejected if its text is truncated or garbled", () => {
    let read = 0;
    fc.assert(
      fc.property(cases, fc.nat(), fc.string({ unit: "binary" }), (made, at, garbage) => {
        const text = otdt(made.sketch);
        const [start, end] = [text.slice(0, at % text.length), text.slice(at % text.length)];
        expect(readOrRefuse(start)).toBe("refused");
        if (readOrRefuse(start + garbage + end) === "read") read++;
      }),
      { numRuns: 1_000 },
    );
    expect(read).toBeLessThan(600);
  });
});

// The meaning of a table: without bits or classes, and without any code of the engine.
const NEGATIONS = new Map([
  ["!=", "=="],
  ["IS NOT IN", "IS IN"],
  ["NONE OF", "ANY OF"],
  ["NOT ALL OF", "ALL OF"],
]);

function holds({ operator, values }: Pick<Cell, "operator" | "values">, type: VariableType, fact: Fact): boolean {
  const negated = NEGATIONS.get(operator);
  if (operator === "") return true;
  if (negated !== undefined) return !holds({ operator: negated, values }, type, fact);
  if (fact === null) return false;
  const has = (value: Value) => typeof fact === "object" && fact.some((item) => item === value);
  if (operator === "ANY OF") return values.some(has);
  if (operator === "ALL OF") return values.every(has);
  if (typeof fact === "object") return false;
  const plain = (value: Value) => (type === "date" ? Date.parse(String(value)) : value);
  const [left, right] = [Number(plain(fact)), Number(plain(values[0] ?? 0))];
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  if (operator === ">") return left > right;
  if (operator === ">=") return left >= right;
  return values.map(plain).includes(plain(fact));
}

/** Which rules match, and of each input that a rule tests whether its fact is known. */
function meaning({ types, rules }: Case, facts: Facts) {
  const factOf = (column: number) => facts[`x${column}`] ?? null;
  const isTested = (column: number) => rules.some(({ cells }) => (cells[column]?.operator ?? "") !== "");
  return {
    matched: rules.map(({ cells }) =>
      cells.every((each, column) => holds(each, types[column] ?? "string", factOf(column))),
    ),
    known: types.map((_type, column) => isTested(column) && factOf(column) !== null),
  };
}

function answer({ types, rules, policy, ranked }: Case, facts: Facts) {
  const matched = rules
    .map(({ cells, outputs }, index) => ({ cells, outputs, number: index + 1 }))
    .filter(({ cells }) =>
      cells.every((each, column) => holds(each, types[column] ?? "string", facts[`x${column}`] ?? null)),
    );
  if (AGGREGATES.includes(policy)) {
    const giving = matched.filter(({ outputs: [text = ""] }) => text !== "");
    const scores = giving.map(({ outputs: [text] }) => Number(text));
    const aggregates: Readonly<Record<string, number>> = {
      "COLLECT SUM": scores.reduce((sum, score) => sum + score, 0),
      "COLLECT MIN": Math.min(...scores),
      "COLLECT MAX": Math.max(...scores),
      "COLLECT COUNT": scores.length,
    };
    const rows = scores.length === 0 ? [] : [{ score: aggregates[policy] }];
    return { rows, rules: giving.map(({ number }) => number) };
  }
  const texts = new Set(matched.map(({ outputs }) => outputs.join("|")));
  if (policy === "UNIQUE" && matched.length > 1) return "failed";
  if (policy === "ANY" && texts.size > 1) return "failed";
  if (policy === "PRIORITY" || policy === "OUTPUT ORDER") {
    matched.sort((left, right) => ranked.indexOf(left.outputs[0] ?? "") - ranked.indexOf(right.outputs[0] ?? ""));
  }
  const kept = ["FIRST", "ANY", "UNIQUE", "PRIORITY"].includes(policy) ? matched.slice(0, 1) : matched;
  const rows = kept.map(({ outputs: [verdict, reason] }) => (reason === "" ? { verdict } : { verdict, reason }));
  return { rows, rules: kept.map(({ number }) => number) };
}

// Damage: one value of the file is replaced, removed or renamed.
const STRANGE = [
  "",
  "-",
  "${x}",
  "a,,b",
  '"',
  "__proto__",
  "constructor",
  "2025-02-30",
  "1e999",
  "COLLECT SUM",
  "PRIORITY",
  "date",
];
const damage = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("replace", "replace", "remove", "rename"),
  value: fc.oneof(fc.constantFrom<unknown>(...STRANGE), fc.jsonValue({ maxDepth: 2 })),
});

function apply(
  content: unknown,
  { at, how, value }: { readonly at: number; readonly how: string; readonly value: unknown },
) {
  const places: { readonly parent: object; readonly key: string }[] = [];
  const walk = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      places.push({ parent: node, key });
      walk(child);
    }
  };
  walk(content);
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return;
  const { parent, key } = place;
  const old: unknown = Reflect.get(parent, key);
  if (how === "replace") Reflect.set(parent, key, value);
  else Reflect.deleteProperty(parent, key);
  if (how === "rename") {
    // Not String(value), which throws for {"toString": {}}.
    const name = typeof value === "string" ? value : (JSON.stringify(value) ?? "x");
    Object.defineProperty(parent, name, { value: old, enumerable: true, configurable: true, writable: true });
  }
}

function readOrRefuse(text: string): "read" | "refused" {
  try {
    const table = compile(readTable(text, "made.otdt"));
    table.evaluate({});
    table.identity({});
    return "read";
  } catch (error) {
    const isRefusal = error instanceof TableError && error.problems.length > 0;
    if (!isRefusal || !error.problems.every((problem) => problem.startsWith("Cannot read made.otdt: "))) throw error;
    return "refused";
  }
}
