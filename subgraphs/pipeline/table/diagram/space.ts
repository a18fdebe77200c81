/**
 * Which facts can a table be asked about, and which of them does it not tell apart?
 *
 * Each input has a level for its classes, or several if it is a collection. A cell is one class at each level: facts of one
 * cell meet the same conditions. Two tables that are compared share a space, whose cells are those of both. Facts that break
 * a constraint are outside of what is possible.
 */
import type { Condition, Facts, Literal, Table, Test, Variable } from "../table.ts";
import { columnOf } from "./column.ts";
import { type Constraint, isAboutNumber, isAboutText, isImplication } from "./constraint.ts";
import { type DiagramLimits, type Diagrams, type Node, TooLargeError, createDiagrams } from "./diagram.ts";
import type { NumberLine } from "./number-line.ts";
import { EVERYWHERE, NOWHERE, all, or, without } from "./operations.ts";

export interface Space {
  readonly diagrams: Diagrams;
  /** In the order of their levels. */
  readonly inputs: readonly Variable[];
  /** The index of the input that a level belongs to. */
  readonly inputAt: readonly number[];
  /** The cells that no constraint excludes. */
  readonly possible: Node;
  /** The region where a condition on each of a table's inputs holds. */
  regionOf(inputs: readonly Variable[], conditions: readonly (Condition | null)[]): Node;
  /** The part of what is possible where all inputs are known. */
  known(): Node;
  /** The region where of all inputs this one alone is unknown, and no constraint on the others is broken. */
  unknownAlone(input: string): Node;
  /** The class of facts at each level; undefined for facts of a wrong type, or unknown where they must not be. */
  cellOf(facts: Facts): readonly number[] | undefined;
  /** Facts of a cell, of which each input is the nearest to that of other facts, or the plainest. */
  factsOf(cell: readonly number[], near?: Facts): Facts;
  /** How far the classes of each level are from facts that have a cell: see Column. */
  distancesFrom(facts: Facts): readonly (readonly number[])[];
}

export interface SpaceOptions {
  /** Default: none. */
  readonly constraints?: readonly Constraint[] | undefined;
  /** The inputs that may be unknown. Default: none. */
  readonly nullable?: ReadonlySet<string> | undefined;
  readonly limits?: DiagramLimits | undefined;
}

/** Throws a RangeError where the tables give one input two types, a TooLargeError where the space is too large. */
export function createSpace(tables: readonly Table[], options: SpaceOptions = {}): Space {
  const { constraints = [], nullable = new Set<string>(), limits } = options;
  const rules = Math.max(...tables.map((table) => table.rules.length));
  if (rules > MAX_RULES) {
    throw new TooLargeError(`Cannot analyse ${nameOf(tables)}: expected at most ${MAX_RULES} rules`);
  }
  const named = inputsOf(tables);
  // Collections last: measured, diagrams of our tables are half as large then.
  const inputs = named.toSorted((left, right) => Number(isCollection(left)) - Number(isCollection(right)));
  const names = new Set(named.map(({ name }) => name));
  // A version of a table may not have an input that its decision says something of.
  const implications = constraints
    .filter(isImplication)
    .filter(({ where, means }) => Object.keys({ ...where, ...means }).every((name) => names.has(name)));
  const givens = implications.flatMap(({ where, means }) => [where, means]);
  const columns = inputs.map((input) => {
    const conditions = tables.flatMap((table) => conditionsOn(table, input.name));
    const tests = conditions.map(({ test }) => test);
    const given = givens.flatMap((values) => conditionOf(values[input.name], tests)?.test ?? []);
    return columnOf(input, {
      tests: distinct([...tests, ...given]),
      hasList: conditions.some(({ isList }) => isList),
      line: lineOf(input, constraints),
      oneOf: constraints.filter(isAboutText).find(({ text }) => text === input.name)?.oneOf,
      nullable: nullable.has(input.name),
    });
  });
  const arities = columns.map((column) => column.arities);
  const firsts = arities.map((_arities, index) => arities.slice(0, index).flat().length);
  const diagrams = createDiagrams(arities.flat(), nameOf(tables), limits);
  const placed = new Map(
    columns.map((column, index) => [column.input.name, { column, first: firsts[index] ?? 0 }] as const),
  );

  function regionOf(of: readonly Variable[], conditions: readonly (Condition | null)[]): Node {
    const regions = of.flatMap(({ name }, index) => {
      const condition = conditions[index] ?? null;
      const place = placed.get(name);
      if (condition === null || !place) return [];
      return [{ first: place.first, region: place.column.regionOf(condition, diagrams, place.first) }];
    });
    // The last levels first, so that each step adds nodes above what is there.
    return all(
      diagrams,
      regions.toSorted((left, right) => right.first - left.first).map(({ region }) => region),
    );
  }

  function regionGiven(values: Readonly<Record<string, unknown>>): Node {
    const conditions = inputs.map(({ name }) =>
      conditionOf(
        values[name],
        tables.flatMap((table) => conditionsOn(table, name).map(({ test }) => test)),
      ),
    );
    return regionOf(inputs, conditions);
  }

  const holding = implications.map(({ where, means }) => {
    const isFree = diagrams.combine(EVERYWHERE, regionGiven(where), without);
    return { about: { ...where, ...means }, region: diagrams.combine(isFree, regionGiven(means), or) };
  });
  const consistent = columns.map((column, index) => column.consistent(diagrams, firsts[index] ?? 0));
  const possible = all(diagrams, [...consistent, ...holding.map(({ region }) => region)]);
  const unknownAt = (index: number): Node => columns[index]?.unknown(diagrams, firsts[index] ?? 0) ?? NOWHERE;
  const knownAt = (index: number): Node => diagrams.combine(EVERYWHERE, unknownAt(index), without);
  return {
    diagrams,
    inputs,
    inputAt: arities.flatMap((each, index) => each.map(() => index)),
    possible,
    regionOf,
    known: () => all(diagrams, [possible, ...columns.map((_column, index) => knownAt(index))]),
    unknownAlone(name) {
      const region = columns.map(({ input }, index) => (input.name === name ? unknownAt(index) : knownAt(index)));
      const others = holding.flatMap(({ about, region: holds }) => (name in about ? [] : holds));
      return all(diagrams, [...consistent, ...region, ...others]);
    },
    cellOf(facts) {
      const classes = columns.map((column) => column.classesOf(facts[column.input.name] ?? null));
      return classes.every((each) => each !== undefined) ? classes.flat() : undefined;
    },
    factsOf(cell, near) {
      const facts = named.map(({ name }) => {
        const place = placed.get(name);
        const classes = place && cell.slice(place.first, place.first + place.column.arities.length);
        return [name, place && classes ? place.column.factOf(classes, near?.[name]) : null] as const;
      });
      return Object.fromEntries(facts);
    },
    distancesFrom: (facts) => columns.flatMap((column) => column.distancesFrom(facts[column.input.name] ?? null)),
  };
}

/** Each two of them are compared. */
const MAX_RULES = 500;

function nameOf(tables: readonly Table[]): string {
  return [
    ...new Set(tables.map(({ key, rules, inputs }) => `${key} (${rules.length} rules, ${inputs.length} inputs)`)),
  ].join(" and ");
}

function inputsOf(tables: readonly Table[]): readonly Variable[] {
  const inputs = new Map<string, Variable>();
  for (const input of tables.flatMap((table) => table.inputs)) {
    const { type } = inputs.get(input.name) ?? input;
    if (type !== input.type) {
      throw new RangeError(
        `Cannot compare the tables: input ${input.name} is a ${type} in one, a ${input.type} in the other`,
      );
    }
    if (!inputs.has(input.name)) inputs.set(input.name, input);
  }
  return [...inputs.values()];
}

function isCollection({ type }: Variable): boolean {
  return type === "collection";
}

function conditionsOn({ inputs, rules }: Table, name: string): readonly Condition[] {
  const column = inputs.findIndex((input) => input.name === name);
  return rules.flatMap(({ conditions }) => conditions[column] ?? []);
}

/** What a constraint says of an input. `tests` are those of its cells. */
function conditionOf(value: unknown, tests: readonly Test[]): Condition | null {
  if (Array.isArray(value)) {
    const values = [...new Set(tests.flatMap((test) => test.values))];
    return values.length === 0 ? null : { test: { kind: "any of", values }, holds: false, isList: true };
  }
  return isLiteral(value) ? { test: { kind: "in", values: [value] }, holds: true, isList: false } : null;
}

function isLiteral(value: unknown): value is Literal {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function lineOf({ name }: Variable, constraints: readonly Constraint[]): NumberLine | undefined {
  const about = constraints.filter(isAboutNumber).filter(({ number }) => number === name);
  if (about.length === 0) return undefined;
  return {
    whole: about.some(({ whole }) => whole === true),
    from: Math.max(...about.map(({ from = -Infinity }) => from)),
    to: Math.min(...about.map(({ to = Infinity }) => to)),
  };
}

function distinct(tests: readonly Test[]): readonly Test[] {
  return [...new Map(tests.map((test) => [JSON.stringify(test), test])).values()];
}
