/** Where do the two engines disagree about a table? The facts go as the client sends them. */
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { readTable } from "../../../subgraphs/pipeline/table/otdt.ts";
import type { Facts, Table } from "../../../subgraphs/pipeline/table/table.ts";
import { SCHEMA } from "../../tables/sketch.ts";
import type { DmnEngine, Executed } from "./engine.ts";
import { answerOf, expectationOf, textOf } from "./expected.ts";
import type { Expected } from "./expected.ts";
import { canBeAsked } from "./facts.ts";
import { createBlame, sendable } from "./probe.ts";
import type { AsDeployed, Difference, Model } from "./probe.ts";

export interface Comparison {
  readonly evaluations: number;
  /** Rules that matched here. */
  readonly matches: number;
  /** Evaluations that failed in both engines. */
  readonly failed: number;
  /** Facts that the client refuses to send. */
  readonly unsent: number;
  readonly differing: number;
  readonly differences: readonly Difference[];
}

/** Reads the table that `facts` are made for, deploys it, and evaluates all of them in both engines. */
export type Compare = (model: Model, facts: (table: Table) => readonly Facts[]) => Promise<Comparison>;

export function createCompare(engine: DmnEngine, asDeployed: AsDeployed): Compare {
  const blame = createBlame(engine, asDeployed);

  return async (model, facts) => {
    const compiled = compile(readTable(fileOf(model), `${model.key}.otdt`));
    const { table } = compiled;
    const expectation = expectationOf(compiled);
    const sets = facts(table);
    const deployed = await engine.deploy(asDeployed(model));
    if (deployed.status !== 201) {
      const differences = await refused(model, table, sets[0] ?? {}, deployed.body.exception ?? "");
      return { ...NOTHING, differing: sets.length, differences };
    }
    const sent = sets.flatMap((set) => {
      const inputVariables = canBeAsked(compiled, set) ? sendable(table, set) : undefined;
      return inputVariables === undefined ? [] : [{ set, inputVariables }];
    });
    const answers = await Promise.all(
      sent.map(({ inputVariables }) => engine.execute({ decisionKey: model.key, inputVariables })),
    );
    const differences: Difference[] = [];
    const counts = { matches: 0, failed: 0, differing: 0 };
    for (const [index, there] of answers.entries()) {
      const set = sent[index]?.set ?? {};
      const here = expectation(set);
      counts.matches += here.matched.length;
      if (agree(there, here, table)) {
        counts.failed += Number(here.failed);
        continue;
      }
      counts.differing += 1;
      differences.push(...(await explained(model, table, set, there, here)));
    }
    return { evaluations: sent.length, unsent: sets.length - sent.length, ...counts, differences };
  };

  async function refused(model: Model, table: Table, facts: Facts, reason: string): Promise<readonly Difference[]> {
    const cells = await blame(model, table, facts, numbersOf(table));
    if (cells.length > 0) return cells;
    return [{ kind: `deployment refused: ${shortened(reason)}`, example: shortened(JSON.stringify(model)) }];
  }

  async function explained(
    model: Model,
    table: Table,
    facts: Facts,
    there: Executed,
    here: Expected,
  ): Promise<readonly Difference[]> {
    const differing = numbersOf(table).filter(
      (number) => there.rules.includes(number) !== here.matched.includes(number),
    );
    const answer = answerOf(there, table);
    const cells = await blame(model, table, facts, answer.failed ? [there.last] : differing);
    if (cells.length > 0) return cells;
    const policy = JSON.stringify([model["hitIndicator"], model["collectOperator"]]);
    const reason = shortened(there.failed ?? there.body.exception ?? "");
    const answers = `there ${shortened(textOf(answer))}, here ${shortened(textOf(here))}`;
    return [
      {
        kind: `hit policy ${policy}: ${whatDiffers(answer, here)} ${reason}`,
        example: `${model.key}; facts ${JSON.stringify(facts)}; ${answers}`,
      },
    ];
  }
}

const NOTHING: Comparison = {
  evaluations: 0,
  matches: 0,
  failed: 0,
  unsent: 0,
  differing: 0,
  differences: [],
};

function agree(there: Executed, here: Expected, table: Table): boolean {
  const answer = answerOf(there, table);
  if (textOf(answer) !== textOf(here)) return false;
  return answer.failed || String(there.rules.toSorted((a, b) => a - b)) === String(here.matched);
}

function whatDiffers(there: Answer, here: Answer): string {
  if (there.failed !== here.failed) return there.failed ? "there fails, here not" : "here fails, there not";
  const sorted = ({ rows }: Answer): string =>
    String(rows.map((row) => textOf({ failed: false, rows: [row] })).toSorted());
  if (sorted(there) !== sorted(here)) return "other rows";
  return textOf(there) === textOf(here) ? "other rules, the same rows" : "another order of rows";
}

type Answer = ReturnType<typeof answerOf>;

function numbersOf({ rules }: Table): readonly number[] {
  return rules.map(({ number }) => number);
}

function fileOf(model: Model): string {
  return JSON.stringify({ schemaId: SCHEMA, serviceName: "decision", data: model });
}

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 297)}...` : text;
}
