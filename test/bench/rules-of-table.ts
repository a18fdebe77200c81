/** A process of its own for each table: what do its checks and its differences take? Prints the figures as JSON. */
import { check } from "../../subgraphs/pipeline/table/diagram/check.ts";
import type { Constraint } from "../../subgraphs/pipeline/table/diagram/constraint.ts";
import { diff } from "../../subgraphs/pipeline/table/diagram/diff.ts";
import { loadTable } from "../../subgraphs/pipeline/table/load.ts";
import type { OutputWays } from "../../subgraphs/pipeline/table/output-way.ts";

export interface RulesFigures {
  readonly rules: number;
  readonly inputs: number;
  readonly cells: string;
  /** Of the diagram of the verdict. */
  readonly nodes: number;
  /** Of all diagrams of the check. */
  readonly made: number;
  readonly checkMs: number;
  /** The slowest of its differences to itself without one of its rules. */
  readonly diffMs: number;
  /** The most that the process took for its check and one difference, with Node.js itself. */
  readonly memoryMb: number;
}

export interface RulesOfTable {
  readonly file: string;
  readonly constraints?: readonly Constraint[] | undefined;
  readonly outputs: OutputWays;
}

if (import.meta.main)
  process.stdout.write(JSON.stringify(await measured(JSON.parse(process.argv[2] ?? "") as RulesOfTable)));

async function measured({ file, constraints, outputs }: RulesOfTable): Promise<RulesFigures> {
  const table = await loadTable(file);
  const startedAt = performance.now();
  const { size } = check(table, { constraints });
  const checkMs = performance.now() - startedAt;
  const msWithout = (index: number): number => {
    const from = performance.now();
    diff(table, { ...table, rules: table.rules.toSpliced(index, 1) }, { constraints, outputs });
    return performance.now() - from;
  };
  const first = msWithout(0);
  const memoryMb = process.resourceUsage().maxRSS / 1000;
  const diffs = [first, ...table.rules.keys().drop(1).map(msWithout)];
  return {
    rules: table.rules.length,
    inputs: table.inputs.length,
    cells: Number(size.cells).toPrecision(2),
    nodes: size.nodes,
    made: size.made,
    checkMs: Math.round(checkMs),
    diffMs: Math.round(Math.max(...diffs)),
    memoryMb: Math.round(memoryMb),
  };
}
