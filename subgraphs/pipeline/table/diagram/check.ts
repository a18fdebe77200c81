/**
 * What is wrong with a table, or at least remarkable?
 *
 * Proven of all possible facts: gaps, where no rule gives a row; rules that never match, or that match and never decide,
 * because a severer verdict wins wherever they do; rules that contradict each other; rules that say the same of the same facts;
 * and inputs of which an unknown fact could open what a known one closes. A witness is a complete set of facts.
 */
import type { Facts, Literal, Table } from "../table.ts";
import { type Node, TooLargeError } from "./diagram.ts";
import { type GivenRow, VERDICTS, meaningOf, ownOutputs } from "./meaning.ts";
import { EVERYWHERE, NOWHERE, all, and, having, inside, or, without } from "./operations.ts";
import { type Space, type SpaceOptions, createSpace } from "./space.ts";
import { cellWith } from "./walk.ts";

/** Rules are numbered from 1. */
export interface Checks {
  readonly key: string;
  /** One for each way through the diagram to no verdict, at most MAX_GAPS. */
  readonly gaps: readonly { readonly witness: Facts }[];
  readonly neverMatch: readonly number[];
  readonly neverDecide: readonly number[];
  /** Of different verdicts, neither of a rule that always matches. The severer one wins. */
  readonly contradictions: readonly { readonly rules: readonly [number, number]; readonly witness: Facts }[];
  /** Of equal verdict and outputs, that match the same facts; their reasons may differ. */
  readonly duplicates: readonly { readonly rules: readonly [number, number] }[];
  /** The inputs that, where they alone are unknown, lead to ALLOW for facts that some value of theirs would not allow. */
  readonly missing: readonly { readonly input: string; readonly witness: Facts }[];
  readonly size: Size;
}

export interface Size {
  readonly cells: bigint;
  /** Of the diagram of the verdict. */
  readonly nodes: number;
  /** Of all diagrams that were made. */
  readonly made: number;
}

/** Each two of them are compared: a second and 200 MB for more. */
const MAX_CHECKED = 300;

/** Throws a RangeError for a table that is none of a decision, a TooLargeError for one that is too large. */
export function check(table: Table, options: SpaceOptions = {}): Checks {
  const { key, rules: given } = table;
  if (given.length > MAX_CHECKED)
    throw new TooLargeError(`Cannot check ${key}: it has ${given.length} rules, expected at most ${MAX_CHECKED}`);
  const space = createSpace([table], options);
  const { diagrams, possible } = space;
  const { verdict, rows } = meaningOf(space, table);
  const inPossible = (region: Node): Node => diagrams.combine(region, possible, and);
  const byNumber = rows
    .map(({ rule, verdict: own, matched, winning }) => ({
      rule,
      verdict: own,
      matched: inPossible(matched),
      winning: inPossible(winning),
    }))
    .toSorted((left, right) => left.rule.number - right.rule.number);
  const matching = byNumber.filter(({ matched }) => matched !== NOWHERE);
  const witnessOf = (region: Node): Facts | undefined => witness(space, region, 1);

  const pairs = matching.flatMap((one, index) => matching.slice(index + 1).map((other) => [one, other] as const));
  const judged = diagrams.combine(possible, verdict, inside);
  return {
    key: table.key,
    gaps: gapsIn(space, judged),
    neverMatch: numbersOf(byNumber.filter(({ matched }) => matched === NOWHERE)),
    neverDecide: numbersOf(matching.filter(({ winning }) => winning === NOWHERE)),
    contradictions: pairs.flatMap(([one, other]) => {
      if (one.verdict === other.verdict || isClosing(one) || isClosing(other)) return [];
      const found = witnessOf(diagrams.combine(one.matched, other.matched, and));
      return found ? [{ rules: [one.rule.number, other.rule.number] as const, witness: found }] : [];
    }),
    duplicates: pairs
      .filter(([one, other]) => one.matched === other.matched && saysOf(table, one) === saysOf(table, other))
      .map(([one, other]) => ({ rules: [one.rule.number, other.rule.number] as const })),
    missing: missingIn(table, options),
    size: {
      cells: diagrams.count(possible, 1),
      nodes: diagrams.size(judged),
      made: diagrams.made.nodes,
    },
  };
}

/** More say no more. */
const MAX_GAPS = 10;

function witness(space: Space, node: Node, value: number): Facts | undefined {
  const cell = cellWith(space, node, value);
  return cell && space.factsOf(cell);
}

/** Each next one is outside of the rules' boxes around those before. */
function gapsIn(space: Space, judged: Node): readonly { readonly witness: Facts }[] {
  const { diagrams } = space;
  const gaps: { readonly witness: Facts }[] = [];
  let left = diagrams.combine(judged, EVERYWHERE, having(0));
  while (left !== NOWHERE && gaps.length < MAX_GAPS) {
    const cell = cellWith(space, left, 1) ?? [];
    gaps.push({ witness: space.factsOf(cell) });
    left = diagrams.combine(left, pathOf(space, left, cell), without);
  }
  return gaps;
}

/** All cells that take the same way through a diagram. */
function pathOf(space: Space, node: Node, cell: readonly number[]): Node {
  const { diagrams } = space;
  const level = diagrams.levelOf(node);
  const taken = cell[level];
  if (taken === undefined) return node;
  const below = pathOf(space, diagrams.child(node, taken), cell);
  return diagrams.choice(
    level,
    Array.from({ length: diagrams.arities[level] ?? 0 }, (_, index) => (index === taken ? below : NOWHERE)),
  );
}

function isClosing({ rule }: Pick<GivenRow, "rule">): boolean {
  return rule.conditions.every((condition) => condition === null);
}

function saysOf(table: Table, { rule }: Pick<GivenRow, "rule">): string {
  const outputs: readonly (Literal | undefined)[] = ["verdict", ...ownOutputs(table)].map((name) => rule.row[name]);
  return JSON.stringify(outputs.map((value) => value ?? ""));
}

/** Constraints that are about an input say nothing of where it is unknown. */
function missingIn(table: Table, { constraints, limits }: SpaceOptions): Checks["missing"] {
  const nullable = new Set(table.inputs.map(({ name }) => name));
  const space = createSpace([table], { constraints, nullable, limits });
  const { diagrams, inputs, inputAt } = space;
  const allowed = diagrams.combine(meaningOf(space, table).verdict, EVERYWHERE, having(VERDICTS.indexOf("ALLOW")));
  const refused = diagrams.combine(space.known(), allowed, without);
  return table.inputs.flatMap(({ name }) => {
    const isOwn = (level: number): boolean => inputs[inputAt[level] ?? 0]?.name === name;
    const refusedForSome = diagrams.merge(refused, isOwn, or);
    const opened = all(diagrams, [space.unknownAlone(name), allowed, refusedForSome]);
    const found = witness(space, opened, 1);
    return found ? [{ input: name, witness: found }] : [];
  });
}

function numbersOf(rows: readonly Pick<GivenRow, "rule">[]): readonly number[] {
  return rows.map(({ rule }) => rule.number);
}
