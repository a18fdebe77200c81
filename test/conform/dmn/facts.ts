/**
 * Which facts tell the readings of a table apart? For each input the values of its own cells, values beside them, and
 * others that no cell names. Half of the sets aim at one rule, so that rules of many conditions are reached too.
 */
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import type { CompiledTable } from "../../../subgraphs/pipeline/table/compile.ts";
import { FactError } from "../../../subgraphs/pipeline/table/fact.ts";
import type {
  Condition,
  Fact,
  Facts,
  Literal,
  Table,
  Variable,
  VariableType,
} from "../../../subgraphs/pipeline/table/table.ts";
import type { Random } from "../../support/random.ts";

const TRIES = 12;

/** A generator of facts. Each has a value for every input. */
export function factsOf(table: Table, random: Random): () => Facts {
  const columns = table.inputs.map((input, column) => {
    const conditions = table.rules.map((rule) => rule.conditions[column] ?? null);
    const values = [...new Set(conditions.flatMap((condition) => condition?.test.values ?? []))];
    const known = values.length > 0 ? values : input.entries;
    return { input, draw: () => DRAW[input.type](known, random), holds: conditions.map(holder(table, input)) };
  });
  return () => {
    const rule = random.isLucky(0.5) && table.rules.length > 0 ? random.integer(0, table.rules.length - 1) : undefined;
    const entries = columns.map(({ input, draw, holds }) => {
      const isMet = (rule === undefined ? undefined : holds[rule]) ?? (() => true);
      let fact = draw();
      for (let tries = 0; tries < TRIES && !isMet(fact); tries++) fact = draw();
      return [input.name, fact] as const;
    });
    return Object.fromEntries(entries);
  };
}

/** Whether a fact meets one condition. */
function holder(table: Table, input: Variable): (condition: Condition | null) => ((fact: Fact) => boolean) | undefined {
  return (condition) => {
    if (condition === null) return undefined;
    const { aggregator: _aggregator, ...rest } = table;
    const rules = [{ number: 1, conditions: [condition], row: { verdict: "ALLOW" } }];
    const alone = compile({ ...rest, hitPolicy: "FIRST", inputs: [input], rules });
    return (fact) => {
      if (!canBeAsked(alone, { [input.name]: fact })) return false;
      const evaluation = alone.evaluate({ [input.name]: fact });
      return "rows" in evaluation && evaluation.rows.length > 0;
    };
  };
}

/** False for facts that are refused here and never sent. */
export function canBeAsked(compiled: CompiledTable, facts: Facts): boolean {
  try {
    compiled.requireFacts(facts);
    return true;
  } catch (error) {
    if (error instanceof FactError) return false;
    throw error;
  }
}

type Draw = (values: readonly Literal[], random: Random) => Fact;

const DAY = 86_400_000;
const TEXTS = ["", "other", "OTHER", "a", "é", "日本", "x y", " a", "it's", 'say "a"', "back\\slash", "1", "true", "-"];
const NUMBERS = [0, 1, -1, 2, 0.1, 0.5, -2.5, 7, 1000, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 1e300];
const DAYS = [
  "2000-01-01",
  "2024-02-29",
  "2026-12-31",
  "1969-12-31",
  "2024-02-29T12:00:00Z",
  "2024-03-01T00:30:00+01:00",
];

const DRAW: Readonly<Record<VariableType, Draw>> = {
  boolean: (_values, random) => random.isLucky(0.5),
  string(values, random) {
    if (values.length === 0 || random.isLucky(0.2)) return random.pick(TEXTS);
    const text = String(random.pick(values));
    if (random.isLucky(0.9)) return text;
    return random.pick([text.toLowerCase(), `${text}x`, ` ${text}`, text.slice(1)]);
  },
  number(values, random) {
    if (values.length === 0 || random.isLucky(0.15)) return random.pick(NUMBERS);
    return Number(random.pick(values)) + random.pick([0, 0, 0, 1, -1, 0.5, -0.5]);
  },
  date(values, random) {
    if (values.length === 0 || random.isLucky(0.15)) return random.pick(DAYS);
    const value = random.pick(values);
    const midnight = (typeof value === "number" ? value : Date.parse(String(value))) + DAY * random.integer(-1, 1);
    const days = [new Date(midnight).toISOString().slice(0, 10), new Date(midnight).toISOString()];
    return random.pick([...days, new Date(midnight + 1).toISOString(), new Date(midnight + DAY / 2).toISOString()]);
  },
  collection(values, random) {
    const isText = values.length === 0 || values.some((value) => typeof value === "string");
    const items = values.filter((value) => typeof value !== "boolean");
    const drawn = Array.from({ length: random.integer(0, 4) }, () =>
      items.length === 0 || random.isLucky(0.3)
        ? random.pick<string | number>(isText ? TEXTS : [0, 1, 2, 7])
        : random.pick(items),
    );
    return drawn;
  },
};
