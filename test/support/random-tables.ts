/** Random tables and versions of them, with the meaning of every cell beside its text, which the engine reads. */
import type { OutputWays } from "../../subgraphs/pipeline/table/output-way.ts";
import type { Constraint, Given } from "../../subgraphs/pipeline/table/diagram/constraint.ts";
import { readTable } from "../../subgraphs/pipeline/table/otdt.ts";
import type { Literal, Table, VariableType } from "../../subgraphs/pipeline/table/table.ts";
import { otdt } from "../tables/sketch.ts";
import type { Random } from "./random.ts";

export interface RandomCell {
  /** Empty for any fact. */
  readonly operator: string;
  readonly values: readonly Literal[];
}

export interface RandomRule {
  readonly cells: readonly RandomCell[];
  /** By output; empty for none. */
  readonly outputs: Readonly<Record<string, string>>;
}

export interface RandomTable {
  readonly inputs: readonly RandomInput[];
  readonly rules: readonly RandomRule[];
  readonly policy: string;
  readonly table: Table;
}

export interface RandomInput {
  readonly name: string;
  readonly type: VariableType;
}

/** Two versions, and what a decision declares of both. */
export interface RandomPair {
  readonly before: RandomTable;
  readonly after: RandomTable;
  readonly constraints: readonly Constraint[];
  readonly nullable: ReadonlySet<string>;
  readonly changeable: readonly string[];
}

/** `notes` is in no decision: all its values count. */
export const WAYS: OutputWays = {
  queue: "first",
  tags: "list",
  score: "lowest",
  route: "first",
  desk: { beside: "route" },
};

const VALUES: Readonly<Record<VariableType, readonly Literal[]>> = {
  string: ["a", "b", "c", "d", "e f"],
  number: [-2.5, -1, 0, 1, 2, 3, 10],
  boolean: [true, false],
  date: ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-05"],
  collection: ["u", "v", "w", "x", "y"],
};
const OPERATORS: Readonly<Record<VariableType, readonly string[]>> = {
  string: ["==", "!=", "IS IN", "IS NOT IN"],
  number: ["==", "!=", "<", "<=", ">", ">=", "IS IN", "IS NOT IN"],
  boolean: ["==", "!="],
  date: ["==", "!=", "<", "<=", ">", ">=", "IS IN"],
  collection: ["ANY OF", "NONE OF", "ALL OF", "NOT ALL OF"],
};
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  verdict: ["ALLOW", "ALLOW", "REVIEW", "DENY"],
  queue: ["", "", "legal", "desk"],
  tags: ["", "fans", "fans, bots", "bots, fans", "new"],
  score: ["", "1", "2", "2.5"],
  route: ["", "SALES", "NURTURE"],
  desk: ["", "north", "south"],
  notes: ["", "one", "two", "one, two"],
};
const OWN = Object.keys(OUTPUTS).slice(1);
const POLICIES = ["FIRST", "ANY", "UNIQUE", "PRIORITY", "OUTPUT ORDER", "COLLECT"];
const RANKED = ["REVIEW", "DENY", "ALLOW"];
const ANYTHING: RandomCell = { operator: "", values: [] };

export function randomPair(random: Random, inputs: { readonly most: number }): RandomPair {
  const columns = Array.from({ length: random.integer(1, inputs.most) }, (_, index) => ({
    name: `x${index}`,
    type: random.pick<VariableType>(["string", "number", "boolean", "date", "collection", "number", "collection"]),
  }));
  const policy = random.isLucky(0.6) ? "RULE ORDER" : random.pick(POLICIES);
  const rules = Array.from({ length: random.integer(1, 8) }, () => randomRule(random, columns));
  const closed = random.isLucky(0.5)
    ? [...rules, { ...randomRule(random, columns), cells: columns.map(() => ANYTHING) }]
    : rules;
  let next: readonly RandomRule[] = closed;
  for (let change = random.integer(1, 3); change > 0; change--) next = changed(random, columns, next);
  return {
    before: made(columns, closed, policy),
    after: made(columns, next, policy),
    constraints: random.isLucky(0.5) ? randomConstraints(random, columns) : [],
    nullable: new Set(columns.filter(() => random.isLucky(0.15)).map(({ name }) => name)),
    changeable: columns.filter(() => random.isLucky(0.6)).map(({ name }) => name),
  };
}

function made(inputs: readonly RandomInput[], rules: readonly RandomRule[], policy: string): RandomTable {
  const sketch = {
    inputs: inputs.map(({ name, type }) => [name, type] as const),
    outputs: [
      ["verdict", "string", ...RANKED] as const,
      ["reason_code", "string"] as const,
      ["reason", "string"] as const,
      ...OWN.map((name) => [name, name === "score" ? "number" : "string"] as const),
    ],
    rules: rules.map(({ cells, outputs }, index) => ({
      when: cells.map(textOf),
      gives: [outputs["verdict"] ?? "", `R${index}`, "because", ...OWN.map((name) => outputs[name] ?? "")],
    })),
    data: { hitIndicator: policy },
  };
  return { inputs, rules, policy, table: readTable(otdt(sketch), "random.otdt") };
}

/** In the order in which the policies that rank put them. */
export function rankOf({ outputs }: RandomRule): number {
  return RANKED.indexOf(outputs["verdict"] ?? "");
}

function randomRule(random: Random, columns: readonly RandomInput[]): RandomRule {
  return {
    cells: columns.map(({ type }) => (random.isLucky(0.4) ? ANYTHING : randomCell(random, type))),
    outputs: Object.fromEntries(Object.entries(OUTPUTS).map(([name, values]) => [name, random.pick(values)])),
  };
}

function randomCell(random: Random, type: VariableType): RandomCell {
  const operator = random.pick(OPERATORS[type]);
  const isList = operator.includes(" ");
  const allowed = VALUES[type].filter((value) => !isList || type !== "number" || Number.isInteger(value));
  const length = isList ? random.integer(type === "date" ? 2 : 1, 3) : 1;
  const values = new Set<Literal>();
  while (values.size < length) values.add(random.pick(allowed));
  return { operator, values: [...values] };
}

function textOf({ operator, values }: RandomCell): readonly [string, string] {
  if (operator === "") return ["-- NA --", "-"];
  const isQuoted = operator.includes(" ") && values.length === 1 && typeof values[0] === "string";
  return [operator, isQuoted ? `"${String(values[0])}"` : values.join(", ")];
}

function changed(random: Random, columns: readonly RandomInput[], rules: readonly RandomRule[]): readonly RandomRule[] {
  const at = random.integer(0, rules.length - 1);
  const rule = rules[at] ?? randomRule(random, columns);
  const column = random.integer(0, columns.length - 1);
  const other = random.integer(0, rules.length - 1);
  const changes: readonly (() => readonly RandomRule[])[] = [
    () =>
      rules.with(at, {
        ...rule,
        cells: rule.cells.with(column, randomCell(random, columns[column]?.type ?? "string")),
      }),
    () => rules.with(at, { ...rule, cells: rule.cells.with(column, ANYTHING) }),
    () => (rules.length > 1 ? rules.toSpliced(at, 1) : rules),
    () => rules.with(at, rules[other] ?? rule).with(other, rule),
    () => rules.with(at, { ...rule, outputs: randomRule(random, columns).outputs }),
    () => rules.toSpliced(at, 0, randomRule(random, columns)),
    () => rules,
  ];
  return random.pick(changes)();
}

function randomConstraints(random: Random, columns: readonly RandomInput[]): readonly Constraint[] {
  const own = columns.flatMap(({ name, type }): readonly Constraint[] => {
    if (type === "number" && random.isLucky(0.5)) {
      return [
        { number: name, whole: random.isLucky(0.5), from: random.pick([-3, -1.5, 0]), to: random.pick([3, 10, 12.5]) },
      ];
    }
    if (type === "string" && random.isLucky(0.4)) return [{ text: name, oneOf: ["a", "b", "d", "z"] }];
    return [];
  });
  const [one, other] = [random.pick(columns), random.pick(columns)];
  if (one.name === other.name || random.isLucky(0.4)) return own;
  const [where, means] = [one, other].map((input) => givenOf(random, input));
  return where && means && Object.keys(where).length > 0 ? [...own, { where, means }] : own;
}

function givenOf(random: Random, { name, type }: RandomInput): Given {
  if (type === "date") return {};
  return { [name]: type === "collection" ? [] : random.pick(VALUES[type]) };
}
