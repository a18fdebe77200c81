/**
 * What is a decision table, once it has been read? Plain data: every cell is a condition or a literal of its column's
 * type, so nothing is left to interpret.
 */

export const VARIABLE_TYPES = ["string", "number", "boolean", "date", "collection"] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** The value of a cell. A date is the midnight (UTC, in milliseconds since 1970) of its day in a test, and text in a row. */
export type Literal = string | number | boolean;

/** The value of one input for a subject. A date is text, `YYYY-MM-DD`. null means unknown, as a missing fact does. */
export type Fact = string | number | boolean | readonly (string | number)[] | null;
export type Facts = Readonly<Record<string, Fact>>;

/** The outputs of one rule, by name. An empty output cell has no entry. */
export type Row = Readonly<Record<string, Literal>>;

export const HIT_POLICIES = ["FIRST", "ANY", "UNIQUE", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"] as const;
export type HitPolicy = (typeof HIT_POLICIES)[number];

export const AGGREGATORS = ["SUM", "MIN", "MAX", "COUNT"] as const;
export type Aggregator = (typeof AGGREGATORS)[number];

export interface Variable {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly type: VariableType;
  /** The values its author listed, as text. Only PRIORITY and OUTPUT ORDER use them: they rank outputs by them. */
  readonly entries: readonly string[];
}

/**
 * A yes-or-no question about one fact. `in`: is it one of the values (`==` has one)? The comparisons have one number; the
 * last two are about a collection.
 */
export interface Test {
  readonly kind: "in" | "<" | "<=" | ">" | ">=" | "any of" | "all of";
  /** Distinct and sorted, so that cells of the same meaning are the same test, however they are written. */
  readonly values: readonly Literal[];
}

/** What a rule requires of one input: that the test holds, or that it does not. */
export interface Condition {
  readonly test: Test;
  readonly holds: boolean;
  /** Whether the cell has a list operator. OpenText then reads a text fact as a list too, where it looks like one. */
  readonly isList: boolean;
}

export interface Rule {
  /** From 1, as a reader of the table counts. */
  readonly number: number;
  /** One for each input, in their order; null matches any fact. */
  readonly conditions: readonly (Condition | null)[];
  readonly row: Row;
}

export interface Table {
  readonly file: string;
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly namespace: string;
  readonly version: number;
  readonly hitPolicy: HitPolicy;
  /** Only with COLLECT. */
  readonly aggregator?: Aggregator;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  readonly rules: readonly Rule[];
}
