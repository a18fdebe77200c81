/** Does what is said of a random pair of tables agree with every one of its cells? Each function gives what disagrees. */
import { isDeepStrictEqual } from "node:util";
import type { OutputWay, OutputWays } from "../../subgraphs/pipeline/table/output-way.ts";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import { check } from "../../subgraphs/pipeline/table/diagram/check.ts";
import { diff } from "../../subgraphs/pipeline/table/diagram/diff.ts";
import {
  VERDICTS,
  createValues,
  itemRegions,
  meaningOf,
  valueDiagram,
} from "../../subgraphs/pipeline/table/diagram/meaning.ts";
import { createSpace } from "../../subgraphs/pipeline/table/diagram/space.ts";
import { createExplainer } from "../../subgraphs/pipeline/table/diagram/explanation.ts";
import type { Fact, Facts, Table } from "../../subgraphs/pipeline/table/table.ts";
import { eachCell, isPossible, matchedBy, outputOf, representatives, rowsGiven, verdictOf } from "./brute-force.ts";
import type { Matched, Representative } from "./brute-force.ts";
import type { Random } from "./random.ts";
import { WAYS } from "./random-tables.ts";
import type { RandomPair, RandomTable } from "./random-tables.ts";

export function cellsOf(pair: RandomPair): number {
  return representatives(pair).reduce((product, { length }) => product * length, 1);
}

/** Of the difference of the two versions. */
export function wrongInDiff(pair: RandomPair): readonly string[] {
  const { before, after, constraints, nullable } = pair;
  const found = diff(before.table, after.table, { constraints, nullable, outputs: WAYS });
  const matched = matchedBy(representatives(pair));
  const wrong: string[] = [];
  const compare = (what: string, got: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(got, expected)) wrong.push(`${what}: expected ${text(expected)}, got ${text(got)}`);
  };
  const counted = (
    changesOf: (one: Sides) => readonly (readonly [unknown, unknown])[],
  ): ReadonlyMap<string, bigint> => {
    const counts = new Map<string, bigint>();
    for (const { cells, ...masks } of matched) {
      for (const change of changesOf(sidesOf(pair, masks))) {
        const key = JSON.stringify(change);
        counts.set(key, (counts.get(key) ?? 0n) + BigInt(cells));
      }
    }
    return counts;
  };
  const told = (changes: readonly { from: unknown; to: unknown; cells: bigint }[]): ReadonlyMap<string, bigint> =>
    new Map(changes.map(({ from, to, cells }) => [JSON.stringify([from, to]), cells]));

  compare(
    "cells",
    found.cells,
    matched.reduce((sum, { cells }) => sum + BigInt(cells), 0n),
  );
  const verdicts = counted(({ old, next }) => changedValue(verdictOf(old), verdictOf(next)));
  compare("verdicts", told(found.changes), verdicts);
  let equivalent = verdicts.size === 0;
  for (const output of [...Object.keys(WAYS), "notes"]) {
    const expected = counted(({ old, next }) =>
      changedOutput(outputOf(old, output, WAYS[output]), outputOf(next, output, WAYS[output])),
    );
    compare(output, told(found.outputs.filter((change) => change.output === output)), expected);
    equivalent &&= expected.size === 0;
  }
  compare("equivalent", found.equivalent, equivalent);

  for (const { from, to, witness } of found.changes) {
    compare("witness", [verdictBy(before, witness), verdictBy(after, witness)], [from, to]);
    if (!isPossible(pair, witness)) wrong.push(`${text(witness)} is not possible`);
  }
  return wrong;
}

/** Of the checks of the first version. */
export function wrongInChecks(given: RandomPair): readonly string[] {
  const pair = { ...given, after: given.before };
  const { before, constraints, nullable } = pair;
  const found = check(before.table, { constraints, nullable });
  const matched = matchedBy(representatives(pair));
  const wrong: string[] = [];
  const compare = (what: string, got: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(got, expected)) wrong.push(`${what}: expected ${text(expected)}, got ${text(got)}`);
  };
  const rules = before.rules.map((rule, index) => ({ rule, index, number: index + 1 }));
  const matches = (index: number, { before: mask }: Matched): boolean => ((mask >> index) & 1) === 1;
  const isMatching = (index: number): boolean => matched.some((one) => matches(index, one));
  const decides = (index: number): boolean =>
    matched.some(({ before: mask }) => {
      const rows = rowsGiven(before, mask);
      const rule = before.rules[index];
      return rule !== undefined && rows.includes(rule) && verdictOf(rows) === rule.outputs["verdict"];
    });
  const isClosing = (index: number): boolean =>
    before.rules[index]?.cells.every(({ operator }) => operator === "") === true;
  const pairs = rules.flatMap((one) => rules.slice(one.number).map((other) => [one, other] as const));
  const saying = ({ outputs }: RandomTable["rules"][number]): string => JSON.stringify(outputs);

  compare(
    "cells",
    found.size.cells,
    matched.reduce((sum, { cells }) => sum + BigInt(cells), 0n),
  );
  const isGap = ({ before: mask }: Matched): boolean => verdictOf(rowsGiven(before, mask)) === null;
  compare("gaps", found.gaps.length > 0, matched.some(isGap));
  for (const { witness } of found.gaps) {
    compare("gap", verdictBy(before, witness), null);
    if (!isPossible(pair, witness)) wrong.push(`${text(witness)} is not possible`);
  }
  const numbers = (isOne: (index: number) => boolean) =>
    rules.filter(({ index }) => isOne(index)).map(({ number }) => number);
  compare(
    "never match",
    found.neverMatch,
    numbers((index) => !isMatching(index)),
  );
  compare(
    "never decide",
    found.neverDecide,
    numbers((index) => isMatching(index) && !decides(index)),
  );
  compare(
    "contradictions",
    found.contradictions.map((each) => each.rules),
    pairs
      .filter(
        ([one, other]) =>
          one.rule.outputs["verdict"] !== other.rule.outputs["verdict"] &&
          !isClosing(one.index) &&
          !isClosing(other.index) &&
          matched.some((each) => matches(one.index, each) && matches(other.index, each)),
      )
      .map(([one, other]) => [one.number, other.number]),
  );
  for (const { rules: numbered, witness } of found.contradictions) {
    const evaluated = compile({ ...before.table, hitPolicy: "RULE ORDER" }).evaluate(witness);
    const hit = "failed" in evaluated ? [] : evaluated.rules;
    compare(
      "contradiction",
      numbered.every((number) => hit.includes(number)),
      true,
    );
  }
  compare(
    "duplicates",
    found.duplicates.map((each) => each.rules),
    pairs
      .filter(
        ([one, other]) =>
          isMatching(one.index) &&
          saying(one.rule) === saying(other.rule) &&
          matched.every((each) => matches(one.index, each) === matches(other.index, each)),
      )
      .map(([one, other]) => [one.number, other.number]),
  );
  const verdictsBy = (
    of: readonly (readonly Representative[])[],
    column: number,
    isOne: (verdict: string | null) => boolean,
  ) => {
    const others = new Set<string>();
    eachCell(of, (mask, _after, indexes) => {
      if (isOne(verdictOf(rowsGiven(before, mask)))) others.add(indexes.toSpliced(column, 1).join(","));
    });
    return others;
  };
  const missing = before.inputs.filter(({ name }, column) => {
    const opened = verdictsBy(representatives(pair, { unknown: name }), column, (verdict) => verdict === "ALLOW");
    const closed = verdictsBy(representatives(pair, { known: true }), column, (verdict) => verdict !== "ALLOW");
    return !opened.isDisjointFrom(closed);
  });
  compare(
    "missing",
    found.missing.map(({ input }) => input),
    missing.map(({ name }) => name),
  );
  for (const { input, witness } of found.missing) {
    compare("missing", [verdictBy(before, witness), witness[input]], ["ALLOW", null]);
  }
  return wrong;
}

/** Of the explanations of some facts of the first version. */
export function wrongInExplanations(given: RandomPair, random: Random, facts: number): readonly string[] {
  const pair = { ...given, after: given.before };
  const { before, constraints, nullable, changeable } = pair;
  const inputs = representatives(pair);
  const cells: { readonly indexes: readonly number[]; readonly verdict: string | null }[] = [];
  eachCell(inputs, (mask, _after, indexes) => {
    cells.push({ indexes: [...indexes], verdict: verdictOf(rowsGiven(before, mask)) });
  });
  if (cells.length === 0) return [];
  const explainer = createExplainer(before.table, { constraints, nullable, changeable });
  const names = before.inputs.map(({ name }) => name);
  const wrong: string[] = [];
  for (let count = 0; count < facts; count++) {
    const from = random.pick(cells);
    const asked = factsAt(names, inputs, from.indexes);
    const changesTo = ({ indexes }: { readonly indexes: readonly number[] }): readonly string[] =>
      names.filter((_name, column) => indexes[column] !== from.indexes[column]);
    const ways = cells
      .filter(({ verdict }) => verdict === "ALLOW")
      .map(changesTo)
      .filter((changed) => changed.every((name) => changeable.includes(name)));
    const fewest = ways.length === 0 ? undefined : Math.min(...ways.map(({ length }) => length));
    const would = explainer.wouldAllow(asked);
    if (would?.possible !== (fewest !== undefined) || would.changes.length !== (fewest ?? 0)) {
      wrong.push(`${text(asked)}: expected ${fewest} changes, got ${text(would)}`);
    }
    const to = { ...asked, ...Object.fromEntries((would?.changes ?? []).map((change) => [change.input, change.to])) };
    if (would?.possible === true && (verdictBy(before, to) !== "ALLOW" || !isPossible(pair, to))) {
      wrong.push(`${text(asked)}: ${text(would)} is not allowed`);
    }

    const isEnough = (fixed: readonly string[]): boolean =>
      cells.every((cell) => cell.verdict === from.verdict || changesTo(cell).some((name) => fixed.includes(name)));
    const smallest = Math.min(
      ...subsetsOf(names)
        .filter(isEnough)
        .map(({ length }) => length),
    );
    const sufficient = explainer.sufficient(asked)?.map(({ input }) => input) ?? [];
    if (sufficient.length !== smallest || !isEnough(sufficient)) {
      wrong.push(`${text(asked)}: expected ${smallest} facts, got ${text(sufficient)}`);
    }
  }
  return wrong;
}

/** Of what the engine that decides answers to facts of a table, and what its diagrams say of them. */
export function wrongOnFacts(table: Table, ways: OutputWays, facts: readonly Facts[]): readonly string[] {
  const space = createSpace([table], { nullable: new Set(table.inputs.map(({ name }) => name)) });
  const meaning = meaningOf(space, table);
  const values = createValues();
  const readers = Object.entries(ways).map(([output, way]) => {
    if (way === "list") {
      const regions = itemRegions(space, meaning, { output, way });
      const at = (cell: readonly number[]): unknown =>
        [...regions].flatMap(([item, region]) => (space.diagrams.valueAt(region, cell) === 1 ? [item] : [])).toSorted();
      return { output, way, at };
    }
    const node = valueDiagram(space, meaning, { output, way }, values);
    return { output, way, at: (cell: readonly number[]): unknown => values.all[space.diagrams.valueAt(node, cell)] };
  });
  const compiled = compile(table);
  const wrong: string[] = [];
  for (const asked of facts) {
    const cell = space.cellOf(asked) ?? [];
    const evaluated = compiled.evaluate(asked);
    const rows = "failed" in evaluated ? [] : evaluated.rows;
    const outputs = rows.map((row) => ({
      cells: [],
      outputs: Object.fromEntries(table.outputs.map(({ name }) => [name, String(row[name] ?? "")])),
    }));
    const compare = (what: string, got: unknown, expected: unknown): void => {
      if (!isDeepStrictEqual(got, expected))
        wrong.push(`${table.key} ${text(asked)}: ${what} ${text([got, expected])}`);
    };
    compare("verdict", VERDICTS[space.diagrams.valueAt(meaning.verdict, cell)], verdictOf(outputs));
    for (const { output, way, at } of readers) {
      const expected = outputOf(outputs, output, way);
      compare(
        output,
        at(cell),
        Array.isArray(expected) ? expected.map(String).toSorted() : textOrNumber(way, expected),
      );
    }
  }
  return wrong;
}

function textOrNumber(way: OutputWay, value: unknown): unknown {
  return way === "lowest" || way === "highest" ? Number(value) : value;
}

interface Sides {
  readonly old: RandomTable["rules"];
  readonly next: RandomTable["rules"];
}

function sidesOf({ before, after }: RandomPair, masks: Omit<Matched, "cells">): Sides {
  return { old: rowsGiven(before, masks.before), next: rowsGiven(after, masks.after) };
}

function changedValue(from: unknown, to: unknown): readonly (readonly [unknown, unknown])[] {
  return from === to ? [] : [[from, to]];
}

/** Of lists, each item that is added or removed, and each two that change their order. */
function changedOutput(from: unknown, to: unknown): readonly (readonly [unknown, unknown])[] {
  if (!Array.isArray(from) || !Array.isArray(to)) return changedValue(from, to);
  const [old, next] = [from.map(String), to.map(String)];
  const kept = old.filter((item) => next.includes(item));
  return [
    ...old.filter((item) => !next.includes(item)).map((item) => [item, null] as const),
    ...next.filter((item) => !old.includes(item)).map((item) => [null, item] as const),
    ...kept.flatMap((one, index) =>
      kept
        .slice(index + 1)
        .filter((other) => next.indexOf(other) < next.indexOf(one))
        .map((other) => [`${one}, ${other}`, `${other}, ${one}`] as const),
    ),
  ];
}

/** By the engine that decides. */
function verdictBy({ table }: RandomTable, facts: Facts): string | null {
  const evaluated = compile(table).evaluate(facts);
  const verdicts = "failed" in evaluated ? [] : evaluated.rows.map((row) => row["verdict"]);
  return ["DENY", "REVIEW", "ALLOW"].find((verdict) => verdicts.includes(verdict)) ?? null;
}

function factsAt(
  names: readonly string[],
  inputs: readonly (readonly Representative[])[],
  indexes: readonly number[],
): Facts {
  const factOf = (column: number): Fact => inputs[column]?.[indexes[column] ?? 0]?.fact ?? null;
  return Object.fromEntries(names.map((name, column) => [name, factOf(column)]));
}

function subsetsOf(names: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: 1 << names.length }, (_, mask) =>
    names.filter((_name, bit) => ((mask >> bit) & 1) === 1),
  );
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === "bigint" ? String(each) : each instanceof Map ? Object.fromEntries(each) : each,
  );
}
