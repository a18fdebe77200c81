/**
 * Which rules match these facts, and which cells hold?
 *
 * By the same compiled engine that decides in the graph, over the table as the graph gives it. The cells of a column are
 * asked by a table of that column alone: then a rule matches where its cell holds.
 */
import { SEVEREST_FIRST } from "../../../schema/verdict.ts";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { FactError } from "../../../subgraphs/pipeline/table/fact.ts";
import { HIT_POLICIES, VARIABLE_TYPES } from "../../../subgraphs/pipeline/table/table.ts";
import type { Fact, Facts, Literal, Row, Table, Variable } from "../../../subgraphs/pipeline/table/table.ts";
import type { OutputWay, OutputWays } from "../../../subgraphs/pipeline/table/output-way.ts";
import { conditionOf } from "../../../subgraphs/pipeline/table/written.ts";
import type { ModelQuery, Verdict } from "../generated/operations.ts";

export type Model = NonNullable<ModelQuery["decisionModel"]>;

export interface Lit {
  /** The numbers of the rules that match; undefined where a fact is refused. */
  readonly matched: ReadonlySet<number> | undefined;
  /** By the number of a rule and the name of an input: whether the cell holds; none for one that matches anything. */
  readonly holds: (rule: number, input: string) => boolean | undefined;
  /** By the name of an input: what is wrong with its fact. */
  readonly refused: ReadonlyMap<string, string>;
}

export type Light = (facts: Facts) => Lit;

export function tableOf({ key, name, copy, hitPolicy, inputs, outputs, table }: Model): Table {
  const variables = (side: Model["inputs"]): readonly Variable[] =>
    side.map(({ name, type, label, entries }) => ({
      name,
      entries,
      id: name,
      label: label ?? name,
      type: VARIABLE_TYPES.find((known) => known === type) ?? "string",
    }));
  const columns = variables(inputs);
  return {
    file: key,
    id: key,
    key,
    name,
    description: "",
    namespace: "",
    version: copy,
    hitPolicy: HIT_POLICIES.find((policy) => policy === hitPolicy) ?? "RULE ORDER",
    inputs: columns,
    outputs: variables(outputs),
    rules: table.map(({ number, conditions, outputs: row }) => ({
      number,
      conditions: columns.map(({ type }, column) => {
        const written = conditions[column] ?? null;
        return written && conditionOf(type, { ...written, values: written.values.flatMap(literalOf) });
      }),
      row: rowOf(row),
    })),
  };
}

/** What is made of each own output, as the graph says it. */
export function waysOf({ outputs }: Pick<Model, "outputs">): OutputWays {
  return Object.fromEntries(outputs.flatMap(({ name, way }) => (way === null ? [] : [[name, wayOf(way)] as const])));
}

const BESIDE = "beside ";

function wayOf(way: string): OutputWay {
  if (way.startsWith(BESIDE)) return { beside: way.slice(BESIDE.length) };
  return (["list", "lowest", "highest"] as const).find((known) => known === way) ?? "first";
}

export function lightOf(table: Table): Light {
  const whole = compile(table);
  const columns = table.inputs.map((input, column) => {
    const rules = table.rules.map((rule) => ({ ...rule, conditions: [rule.conditions[column] ?? null] }));
    const tested = new Set(rules.flatMap(({ number, conditions }) => (conditions[0] ? [number] : [])));
    return { input, tested, alone: compile({ ...table, hitPolicy: "RULE ORDER", inputs: [input], rules }) };
  });
  return (facts) => {
    const refused = new Map<string, string>();
    const holding = new Map<string, (rule: number) => boolean | undefined>();
    for (const { input, tested, alone } of columns) {
      const rules = rulesOf(
        () => alone.evaluate(facts),
        (problem) => refused.set(input.name, problem),
      );
      const held = new Set(rules);
      holding.set(input.name, (rule) => (rules && tested.has(rule) ? held.has(rule) : undefined));
    }
    const matched = rulesOf(
      () => whole.evaluate(facts),
      () => {},
    );
    return {
      matched: matched && new Set(matched),
      holds: (rule, input) => holding.get(input)?.(rule),
      refused,
    };
  };
}

function rulesOf(
  evaluate: () => ReturnType<ReturnType<typeof compile>["evaluate"]>,
  refused: (problem: string) => void,
): readonly number[] | undefined {
  try {
    const evaluation = evaluate();
    return "failed" in evaluation ? undefined : evaluation.rules;
  } catch (error) {
    if (!(error instanceof FactError)) throw error;
    refused(error.message.replace(/^.*: expected/, "expected"));
    return undefined;
  }
}

export function verdictOf(value: unknown): Verdict | null {
  return SEVEREST_FIRST.find((verdict) => verdict === value) ?? null;
}

/** The severest of the rows'; null where there is none. */
export function severest(rows: readonly Row[]): Verdict | null {
  return SEVEREST_FIRST.find((verdict) => rows.some((row) => row["verdict"] === verdict)) ?? null;
}

/** Of JSON. */
export function factsOf(value: unknown): Facts {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, fact]) => [name, factOf(fact)]));
}

function factOf(value: unknown): Fact {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => (isText(item) ? [item] : []));
  return literalOf(value)[0] ?? null;
}

export function rowOf(value: unknown): Row {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(entries.flatMap(([name, cell]) => literalOf(cell).map((literal) => [name, literal])));
}

function literalOf(value: unknown): readonly Literal[] {
  return isText(value) || typeof value === "boolean" ? [value] : [];
}

function isText(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
