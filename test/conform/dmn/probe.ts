/**
 * Which cell is to blame for a disagreement of the engines? Each cell of the rules concerned is evaluated alone by both, in
 * a table of its own.
 */
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { FactError } from "../../../subgraphs/pipeline/table/fact.ts";
import { readTable } from "../../../subgraphs/pipeline/table/otdt.ts";
import type { Fact, Facts, Table, Variable } from "../../../subgraphs/pipeline/table/table.ts";
import { typedInputs } from "../../../subgraphs/pipeline/service/typed-inputs.ts";
import { otdt } from "../../tables/sketch.ts";
import type { DmnEngine, Executed } from "./engine.ts";

/** The data of an `.otdt`. */
export interface Model {
  readonly key: string;
  readonly rules: readonly Readonly<Record<string, string>>[];
  readonly [name: string]: unknown;
}

/** What the engine gets, made of the data of a file. */
export type AsDeployed = (model: Model) => object;

export interface Difference {
  /** The same for all differences of one kind: the cell, and what the two engines make of it. */
  readonly kind: string;
  /** The fact, the rule and all facts, once. */
  readonly example: string;
}

/** The cells of these rules that the engines read differently for the facts. */
export type Blame = (
  model: Model,
  table: Table,
  facts: Facts,
  rules: readonly number[],
) => Promise<readonly Difference[]>;

/** An operator and an expression. */
type Cell = readonly [operator: string, expression: string];

export function createBlame(engine: DmnEngine, asDeployed: AsDeployed): Blame {
  const probes = new Map<string, Promise<Probe>>();
  const known = new Map<string, Difference | undefined>();

  return async (model, table, facts, rules) => {
    const found = new Map<string, Difference>();
    for (const number of rules) {
      for (const input of table.inputs) {
        const difference = await differenceOf(input, cellOf(model, number, input), facts[input.name] ?? null);
        if (difference === undefined || found.has(difference.kind)) continue;
        const example = `${difference.example}; ${model.key} rule ${number}; facts ${JSON.stringify(facts)}`;
        found.set(difference.kind, { kind: difference.kind, example });
      }
    }
    return [...found.values()];
  };

  async function differenceOf(input: Variable, cell: Cell, fact: Fact): Promise<Difference | undefined> {
    const about = JSON.stringify([input.name, input.type, cell]);
    const asked = `${about} ${JSON.stringify(fact)}`;
    if (known.has(asked)) return known.get(asked);
    const probe = probes.get(about) ?? deploy(input, cell);
    probes.set(about, probe);
    const difference = await compare(await probe, input, cell, fact);
    known.set(asked, difference);
    return difference;
  }

  async function deploy({ name, type }: Variable, cell: Cell): Promise<Probe> {
    const key = `probe_${probes.size}`;
    const text = otdt({ inputs: [[name, type]], rules: [{ when: [cell] }], data: { key, hitIndicator: "FIRST" } });
    const { data } = JSON.parse(text) as { data: Model };
    const { status } = await engine.deploy(asDeployed(data));
    return { table: readTable(text, "probe.otdt"), isDeployed: status === 201 };
  }

  async function compare(
    { table, isDeployed }: Probe,
    { name, type }: Variable,
    cell: Cell,
    fact: Fact,
  ): Promise<Difference | undefined> {
    const inputVariables = sendable(table, { [name]: fact });
    if (inputVariables === undefined) return undefined;
    const there = isDeployed ? await engine.execute({ decisionKey: table.key, inputVariables }) : undefined;
    const evaluation = compile(table).evaluate({ [name]: fact });
    const here = "rows" in evaluation && evaluation.rows.length > 0 ? "matches" : "no match";
    const got = there === undefined ? "refused at deployment" : outcomeOf(there);
    if (got === here) return undefined;
    const reason = there?.failed === undefined ? "" : ` (${there.failed.slice(0, 100)})`;
    const written = cell.map((text) => JSON.stringify(text)).join(" ");
    return {
      kind: `${type} ${name} ${written}: there ${got}, here ${here}`,
      example: `fact ${JSON.stringify(fact)}${reason}`,
    };
  }
}

/** The variables of a request, as the client sends them; undefined if it refuses a fact. */
export function sendable(table: Table, facts: Facts): ReturnType<typeof typedInputs> | undefined {
  try {
    return typedInputs(table, facts);
  } catch (error) {
    if (error instanceof FactError) return undefined;
    throw error;
  }
}

interface Probe {
  readonly table: Table;
  readonly isDeployed: boolean;
}

function outcomeOf({ status, failed, rules, body }: Executed): string {
  if (status === 400) return `refuses it: ${body.exception ?? ""}`;
  if (status !== 201 || failed !== undefined) return "fails";
  return rules.length > 0 ? "matches" : "no match";
}

function cellOf({ rules }: Model, number: number, { id }: Variable): Cell {
  const rule = rules[number - 1] ?? {};
  return [rule[`${id}_operator`] ?? "", rule[`${id}_expression`] ?? ""];
}
