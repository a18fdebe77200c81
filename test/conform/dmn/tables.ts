/**
 * Random tables: all types, operators and hit policies, in many spellings of cells. A cell or a table that the reader
 * refuses is drawn again, so these are tables that a file could hold.
 */
import { readTable } from "../../../subgraphs/pipeline/table/otdt.ts";
import { TableError } from "../../../subgraphs/pipeline/table/problem.ts";
import type { VariableType } from "../../../subgraphs/pipeline/table/table.ts";
import type { Random } from "../../support/random.ts";
import { otdt } from "../../tables/sketch.ts";
import type { Sketch } from "../../tables/sketch.ts";
import type { Model } from "./probe.ts";

export interface RandomTables {
  /** The next table, which the reader accepts. */
  readonly next: () => Model;
  /** How many cells and tables were drawn that it refuses. */
  readonly refused: { cells: number; tables: number };
}

type Cell = readonly [operator: string, expression: string];
type Column = readonly [name: string, type: VariableType];

const TYPES: readonly VariableType[] = [
  "string",
  "string",
  "number",
  "number",
  "boolean",
  "date",
  "collection",
  "collection",
];
const OPERATORS: Readonly<Record<VariableType, readonly string[]>> = {
  string: ["==", "!=", "IS IN", "IS NOT IN"],
  number: ["==", "!=", "<", "<=", ">", ">=", "IS IN", "IS NOT IN"],
  boolean: ["==", "!="],
  date: ["==", "!=", "<", "<=", ">", ">=", "IS IN", "IS NOT IN"],
  collection: ["==", "!=", "ANY OF", "NONE OF", "ALL OF", "NOT ALL OF"],
};
/** Few, so that cells and facts often meet. */
const VALUES: Readonly<Record<VariableType, readonly string[]>> = {
  string: ["a", "b", "c", "A", "c d", "1", "true", "é", "日本"],
  number: ["0", "1", "2", "7", "10", "-1", "1000"],
  boolean: ["true", "false"],
  date: ["2024-02-29", "2024-03-01", "2000-01-01", "1969-12-31"],
  collection: ["a", "b", "c", "A", "c d", "é"],
};
/** Rarely: what an editor lets an author type, and engines read differently. */
const ODD_VALUES: Readonly<Record<VariableType, readonly string[]>> = {
  string: ["it's", 'say "a"', "back\\slash", "a,b", "", "x0", "null", "[a,b]", "a}b", "fn_now", "-", " a"],
  number: ["0.1", "2.5", "-2.5", "1e3", "2147483648", "9007199254740991", "5.0"],
  boolean: ["TRUE", "1"],
  date: ["2024-02-29T12:00:00Z", "2024-02-30", "20240229", "0050-01-01"],
  collection: ["1", "2", "2.5", "-1", "it's", "back\\slash", "a,b", "", "x0", "[a,b]", "a}b"],
};
const NAMES = ["country", "date", "collection", "empty", "not", "null", "size", "authenticatedUserId", "fn_now"];
const RANKED = ["DENY", "REVIEW", "ALLOW"];
const POLICIES = [
  "RULE ORDER",
  "RULE ORDER",
  "COLLECT",
  "FIRST",
  "UNIQUE",
  "ANY",
  "PRIORITY",
  "OUTPUT ORDER",
  "SUM",
  "MIN",
  "MAX",
  "COUNT",
];

export function createRandomTables(random: Random): RandomTables {
  const refused = { cells: 0, tables: 0 };
  let count = 0;
  return {
    refused,
    next() {
      for (;;) {
        const text = otdt(draw(`random_${count + 1}`));
        if (isRead(text)) {
          count += 1;
          return (JSON.parse(text) as { data: Model }).data;
        }
        refused.tables += 1;
      }
    },
  };

  function draw(key: string): Sketch {
    const policy = random.pick(POLICIES);
    const isAggregate = ["SUM", "MIN", "MAX", "COUNT"].includes(policy);
    const inputs = Array.from({ length: random.integer(1, 5) }, (_, index): Column => [
      nameOf(index),
      random.pick(TYPES),
    ]);
    const outputs: Sketch["outputs"] = isAggregate
      ? [["score", "number"]]
      : [
          ["verdict", "string", ...RANKED],
          ["reason", "string"],
          ["score", "number"],
          ["urgent", "boolean"],
          ["until", "date"],
        ];
    const rules = Array.from({ length: sizeOf() }, () => ({
      when: inputs.map((column) => cell(column)),
      gives: isAggregate
        ? [random.pick(["-1", "0", "2.5", "7", ""])]
        : [
            random.pick(RANKED),
            text(),
            random.pick(["1", "2.5", "-3", ""]),
            random.pick(["true", "false", ""]),
            random.pick(["2024-02-29", "1999-12-31", ""]),
          ],
    }));
    const spelled = random.isLucky(0.03) ? policy.toLowerCase() : policy;
    const hits = isAggregate
      ? random.pick([
          { hitIndicator: "COLLECT", collectOperator: policy },
          { hitIndicator: "COLLECT", collectOperator: policy },
          { hitIndicator: `COLLECT ${policy}` },
        ])
      : { hitIndicator: policy === "FIRST" && random.isLucky(0.3) ? undefined : spelled };
    return { inputs, outputs, rules, data: { key, ...hits } };
  }

  /** Mostly few rules; now and then enough that the order of a hash map shows. */
  function sizeOf(): number {
    return random.isLucky(0.8) ? random.integer(1, 10) : random.integer(11, 70);
  }

  function nameOf(index: number): string {
    return random.isLucky(0.02) ? random.pick(NAMES) : `x${index}`;
  }

  function text(): string {
    return random.isLucky(0.03)
      ? random.pick(['say "a"', "back\\slash", "-", "it's", "a}b"])
      : random.pick(["because", "so", ""]);
  }

  function cell(column: Column): Cell {
    for (;;) {
      const drawn = drawCell(column[1]);
      if (isRead(otdt({ inputs: [["x0", column[1]]], rules: [{ when: [drawn] }] }))) return drawn;
      refused.cells += 1;
    }
  }

  function drawCell(type: VariableType): Cell {
    if (random.isLucky(0.45)) {
      return random.isLucky(0.97)
        ? ["-- NA --", "-"]
        : random.pick<Cell>([
            ["==", "-"],
            ["-- NA --", ""],
            ["-- na --", " "],
            ["", "-"],
          ]);
    }
    const operator = random.pick(OPERATORS[type]);
    const isList = operator.includes(" ") || type === "collection";
    const value = (): string => random.pick(random.isLucky(0.05) ? ODD_VALUES[type] : VALUES[type]);
    const items = Array.from({ length: isList ? random.integer(1, 4) : 1 }, value);
    const isQuoted =
      isList && (type === "string" || type === "collection") ? random.isLucky(0.8) : random.isLucky(0.02);
    const expression = items.map((item) => (isQuoted ? `"${item}"` : item)).join(random.pick([",", ", ", " , "]));
    return [
      random.isLucky(0.98) ? operator : random.pick([operator.toLowerCase(), ` ${operator} `]),
      random.isLucky(0.97) ? expression : ` ${expression} `,
    ];
  }
}

function isRead(text: string): boolean {
  try {
    readTable(text, "random.otdt");
    return true;
  } catch (error) {
    if (error instanceof TableError) return false;
    throw error;
  }
}
