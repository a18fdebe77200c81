/**
 * What does a table say of every cell?
 *
 * Each rule's row is given in a region, by the hit policy. By the convention of verdict.ts the severest verdict of the rows
 * given wins, and the decision's own outputs come from the rows of that verdict. So the verdict is one diagram, and so is each
 * output of one value. A list would have too many values: each of its items has the region where it is in the list, and each
 * two have a diagram of which comes first.
 */
import { SEVEREST_FIRST, isVerdict } from "../../../../schema/verdict.ts";
import type { Verdict } from "../../../../schema/verdict.ts";
import type { OutputWay } from "../output-way.ts";
import { inPolicyOrder } from "../hit-policy.ts";
import type { HitPolicy, Literal, Rule, Table } from "../table.ts";
import { type Node, end } from "./diagram.ts";
import { NOWHERE, and, any, having, putting, without } from "./operations.ts";
import type { Space } from "./space.ts";

/** By the value of its end; null where no row is given. */
export const VERDICTS: readonly (Verdict | null)[] = [null, ...SEVEREST_FIRST.toReversed()];

export interface Meaning {
  readonly table: Table;
  /** Ends are indexes of VERDICTS. */
  readonly verdict: Node;
  /** In the order of the rows, as the hit policy gives them. */
  readonly rows: readonly GivenRow[];
}

export interface GivenRow {
  readonly rule: Rule;
  readonly verdict: Verdict;
  /** Where the rule's conditions hold. */
  readonly matched: Node;
  /** Where its row is one of those that the verdict and the outputs are made of. */
  readonly winning: Node;
}

/** Throws a RangeError for a table whose rows are not those of a decision, a TooLargeError for one that is too large. */
export function meaningOf(space: Space, table: Table): Meaning {
  const { diagrams } = space;
  if (table.aggregator !== undefined) {
    throw new RangeError(`Cannot analyse ${table.key}: COLLECT ${table.aggregator} gives no verdict`);
  }
  const rows = givenRows(space, table);
  const anyOf = new Map(
    SEVEREST_FIRST.map((verdict) => [
      verdict,
      any(
        diagrams,
        rows.filter((row) => row.verdict === verdict).map(({ given }) => given),
      ),
    ]),
  );
  const verdict = VERDICTS.reduce<Node>(
    (below, each, index) =>
      each === null ? below : diagrams.combine(anyOf.get(each) ?? NOWHERE, below, putting(index)),
    end(0),
  );
  const winning = new Map(
    SEVEREST_FIRST.map((each) => [each, diagrams.combine(verdict, NOWHERE, having(VERDICTS.indexOf(each)))]),
  );
  return {
    table,
    verdict,
    rows: rows.map(({ rule, verdict: own, matched, given }) => ({
      rule,
      verdict: own,
      matched,
      winning: diagrams.combine(given, winning.get(own) ?? NOWHERE, and),
    })),
  };
}

interface Given extends Omit<GivenRow, "winning"> {
  /** Where the hit policy gives its row. */
  readonly given: Node;
}

function givenRows(space: Space, table: Table): readonly Given[] {
  const { diagrams } = space;
  const rows = inPolicyOrder(table).map((rule) => ({
    rule,
    verdict: verdictOf(table, rule),
    matched: space.regionOf(table.inputs, rule.conditions),
  }));
  const regionsOf = (others: readonly { readonly matched: Node }[]): Node =>
    any(
      diagrams,
      others.map(({ matched }) => matched),
    );
  /** Of the row at an index: where the hit policy gives another answer than its row, although its rule matches. */
  const withheld: Readonly<Record<HitPolicy, (index: number) => Node>> = {
    "RULE ORDER": () => NOWHERE,
    "OUTPUT ORDER": () => NOWHERE,
    COLLECT: () => NOWHERE,
    FIRST: (index) => regionsOf(rows.slice(0, index)),
    PRIORITY: (index) => regionsOf(rows.slice(0, index)),
    UNIQUE: (index) => regionsOf(rows.toSpliced(index, 1)),
    ANY: (index) => {
      const text = (at: number): string => JSON.stringify(rows[at]?.rule.row);
      return regionsOf(rows.filter((_row, other) => other < index || text(other) !== text(index)));
    },
  };
  const withheldFrom = withheld[table.hitPolicy];
  return rows.map(({ rule, verdict, matched }, index) => ({
    rule,
    verdict,
    matched,
    given: diagrams.combine(matched, withheldFrom(index), without),
  }));
}

function verdictOf({ key }: Table, { number, row }: Rule): Verdict {
  const verdict = row["verdict"];
  if (isVerdict(verdict)) return verdict;
  const got = verdict === undefined ? "none" : JSON.stringify(verdict);
  throw new RangeError(`Cannot analyse ${key}: rule ${number}: expected a verdict ALLOW, REVIEW or DENY, got ${got}`);
}

/** What an output is made of where no decision says it: the distinct values of its rows, in their order. */
export type Way = OutputWay | "values";

/** Numbers values in the order in which they come up: tables that are compared share it. */
export interface Values {
  codeOf(value: Literal | null): number;
  readonly all: readonly (Literal | null)[];
}

export function createValues(): Values {
  const all: (Literal | null)[] = [null];
  const codes = new Map<Literal | null, number>([[null, 0]]);
  return {
    all,
    codeOf(value) {
      const code = codes.get(value) ?? all.length;
      if (code === all.length) all.push(value);
      codes.set(value, code);
      return code;
    },
  };
}

/** An output, and what is made of it. */
export interface Output<Made extends Way> {
  readonly output: string;
  readonly way: Made;
}

/** An output of one value. */
export function valueDiagram(
  space: Space,
  { rows }: Meaning,
  { output, way }: Output<Exclude<Way, "list" | "values">>,
  values: Values,
): Node {
  const leading = typeof way === "object" ? way.beside : output;
  const saying = rows.filter(({ rule }) => !isEmpty(rule.row[leading]));
  const numberOf = ({ rule }: GivenRow): number => Number(rule.row[output]);
  const upwards =
    way === "lowest" || way === "highest" ? saying.toSorted((one, other) => numberOf(one) - numberOf(other)) : saying;
  const ordered = way === "highest" ? upwards.toReversed() : upwards;
  return firstOf(
    space,
    ordered.map(({ rule, winning }) => ({ region: winning, code: values.codeOf(valueIn(rule.row[output])) })),
  );
}

/** Where each item is in a list. */
export function itemRegions(
  space: Space,
  { rows }: Meaning,
  { output, way }: Output<"list" | "values">,
): ReadonlyMap<string, Node> {
  const saying = rows.flatMap(({ rule, winning }) => itemsIn(rule.row[output], way).map((item) => ({ item, winning })));
  const regions = Map.groupBy(saying, ({ item }) => item);
  return new Map(
    Array.from(regions, ([item, found]) => [
      item,
      any(
        space.diagrams,
        found.map(({ winning }) => winning),
      ),
    ]),
  );
}

/** 1 where the first of two items comes first in a list, 2 where the second does, 0 where neither is in it. */
export function orderOf(
  space: Space,
  { rows }: Meaning,
  { output, way }: Output<"list" | "values">,
  [one, other]: readonly [string, string],
): Node {
  return firstOf(
    space,
    rows.flatMap(({ rule, winning }) => {
      const first = itemsIn(rule.row[output], way).find((item) => item === one || item === other);
      return first === undefined ? [] : [{ region: winning, code: first === one ? 1 : 2 }];
    }),
  );
}

/** The code of the first region that a cell is in; 0 where it is in none. */
function firstOf({ diagrams }: Space, regions: readonly { readonly region: Node; readonly code: number }[]): Node {
  return regions.reduceRight((below, { region, code }) => diagrams.combine(region, below, putting(code)), end(0));
}

function itemsIn(value: Literal | undefined, way: "list" | "values"): readonly string[] {
  if (isEmpty(value)) return [];
  const items = way === "list" ? String(value).split(",") : [String(value)];
  return items.flatMap((item) => (way === "list" ? item.trim() : item) || []);
}

function valueIn(value: Literal | undefined): Literal | null {
  return isEmpty(value) ? null : value;
}

function isEmpty(value: Literal | undefined): value is undefined {
  return value === undefined || value === "";
}

export function ownOutputs({ outputs }: Table): readonly string[] {
  return outputs.map(({ name }) => name).filter((name) => !["verdict", "reason_code", "reason"].includes(name));
}
