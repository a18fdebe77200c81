/**
 * Which rows are the answer where several rules match, and in which order?
 *
 * A violated policy (two matches under UNIQUE, two answers under ANY) is a failure, never a choice. Without a match there
 * are no rows under any policy, even COLLECT COUNT: a row with 0 would look like an answer of the rules.
 */
import { readOutput } from "./cell.ts";
import { Refusal, show } from "./problem.ts";
import { AGGREGATORS, HIT_POLICIES } from "./table.ts";
import type { Aggregator, HitPolicy, Literal, Row, Rule, Table, Variable } from "./table.ts";

/**
 * The rows in order, and aligned with them the number of each row's rule; an aggregate is one row of all these rules.
 * `failed` names the rules that violate the hit policy, and repeats no facts.
 */
export type Evaluation =
  | { readonly rows: readonly Row[]; readonly rules: readonly number[] }
  | { readonly failed: string };

export type Policy = Pick<Table, "hitPolicy" | "aggregator">;

/**
 * Reads `hitIndicator` and `collectOperator`, which OpenText compares exactly; FIRST where the former is missing. Only
 * COLLECT uses the latter: editors keep it when another policy is chosen. Throws a Refusal.
 */
export function readPolicy(hitIndicator: unknown = "FIRST", collectOperator: unknown = ""): Policy {
  const hitPolicy = HIT_POLICIES.find((name) => name === hitIndicator);
  if (hitPolicy === undefined) throw new Refusal(`one of ${HIT_POLICIES.join(", ")}`, show(hitIndicator));
  if (hitPolicy !== "COLLECT" || collectOperator === "" || collectOperator === null) return { hitPolicy };
  const aggregator = AGGREGATORS.find((name) => name === collectOperator);
  if (aggregator === undefined) {
    throw new Refusal(`one of ${AGGREGATORS.join(", ")} as collectOperator`, show(collectOperator));
  }
  return { hitPolicy, aggregator };
}

/** Throws a Refusal where the policy cannot work with these outputs, or with so many rules. */
export function checkPolicy({ hitPolicy, aggregator }: Policy, outputs: readonly Variable[], rules: number): void {
  if (aggregator !== undefined && (outputs.length !== 1 || outputs[0]?.type !== "number")) {
    const got = outputs.map(({ name, type }) => `${show(name)} (${type})`).join(", ");
    throw new Refusal(`one output, a number, for COLLECT ${aggregator}`, got);
  }
  // OpenText collects the matching rules by a hash of their number: of equal rank, the first is then another one.
  if (hitPolicy === "PRIORITY" && rules > MAX_PRIORITY_RULES) {
    throw new Refusal(`at most ${MAX_PRIORITY_RULES} rules for PRIORITY`, String(rules));
  }
  if (RANKING.has(hitPolicy) && outputs.every(({ entries }) => entries.length === 0)) {
    throw new Refusal(`an output with entries for ${hitPolicy}`, "none");
  }
}

/**
 * The values that rank rules by this output, best first; undefined where the output does not rank. Outputs without entries
 * do not (a reason's free text cannot); the others are compared in the order of the columns. Throws a Refusal.
 */
export function readRanking({ hitPolicy }: Policy, output: Variable): readonly Literal[] | undefined {
  if (!RANKING.has(hitPolicy) || output.entries.length === 0) return undefined;
  return output.entries.map((entry) => {
    const value = readOutput(output.type, entry);
    if (value === null) throw new Refusal("entries that are values", show(entry));
    // OpenText keeps the entries as one text, separated by commas.
    if (entry.includes(",")) throw new Refusal("entries without a comma", show(entry));
    return value;
  });
}

/** Makes the answer from the matched rules, which must come in rule order. */
export function applyHitPolicy(table: Table): (matched: readonly Rule[]) => Evaluation {
  const best = byRank(table);
  const first = (matched: readonly Rule[]) => answer(matched.slice(0, 1));
  const policies: Readonly<Record<HitPolicy, (matched: readonly Rule[]) => Evaluation>> = {
    FIRST: first,
    ANY: (matched) => (agree(matched) ? first(matched) : violated(table, "matching rules to agree", matched)),
    UNIQUE: (matched) => (matched.length > 1 ? violated(table, "at most one rule to match", matched) : answer(matched)),
    PRIORITY: (matched) => first(matched.toSorted(best)),
    "RULE ORDER": answer,
    "OUTPUT ORDER": (matched) => answer(matched.toSorted(best)),
    COLLECT: table.aggregator === undefined ? answer : aggregate(table, table.aggregator),
  };
  return policies[table.hitPolicy];
}

/** All rules of a table, in the order in which its policy gives them where they match. */
export function inPolicyOrder(table: Table): readonly Rule[] {
  return RANKING.has(table.hitPolicy) ? table.rules.toSorted(byRank(table)) : table.rules;
}

const RANKING: ReadonlySet<string> = new Set(["PRIORITY", "OUTPUT ORDER"]);
const MAX_PRIORITY_RULES = 15;

/** Array.sort is stable, so rules of equal rank stay in rule order. */
function byRank(table: Table): (left: Rule, right: Rule) => number {
  const rankings = table.outputs.map((output) => ({ name: output.name, values: readRanking(table, output) ?? [] }));
  return (left, right) => {
    for (const { name, values } of rankings) {
      const rank = (rule: Rule) => values.findIndex((value) => value === rule.row[name]);
      const difference = rank(left) - rank(right);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function answer(matched: readonly Rule[]): Evaluation {
  const rows: Row[] = [];
  const rules: number[] = [];
  for (const { row, number } of matched) {
    rows.push(row);
    rules.push(number);
  }
  return { rows, rules };
}

function violated({ key, hitPolicy }: Table, expected: string, matched: readonly Rule[]): Evaluation {
  const numbers = matched.map(({ number }) => number).join(", ");
  return { failed: `Cannot evaluate ${key}: hit policy ${hitPolicy}: expected ${expected}, got rules ${numbers}` };
}

/** Rows list their outputs in one order, so equal rows are equal JSON. */
function agree([first, ...others]: readonly Rule[]): boolean {
  const text = JSON.stringify(first?.row);
  return others.every(({ row }) => JSON.stringify(row) === text);
}

function aggregate({ outputs }: Table, aggregator: Aggregator): (matched: readonly Rule[]) => Evaluation {
  const name = outputs[0]?.name ?? "";
  return (matched) => {
    const withValue = matched.filter(({ row }) => row[name] !== undefined);
    if (withValue.length === 0) return answer([]);
    const values = withValue.map(({ row }) => Number(row[name]));
    return { rows: [{ [name]: AGGREGATE[aggregator](values) }], rules: withValue.map(({ number }) => number) };
  };
}

/** Of all matched rules: equal values are not deduplicated. */
const AGGREGATE: Readonly<Record<Aggregator, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  COUNT: (values) => values.length,
};
