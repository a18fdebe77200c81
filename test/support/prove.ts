/** Is what the diagrams of random tables, and of the tables of the repository, say true of every cell and of random facts? */
import { join } from "node:path";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../subgraphs/registry.ts";
import { drawFacts } from "../bench/drawn-facts.ts";
import { cellsOf, wrongInChecks, wrongInDiff, wrongInExplanations, wrongOnFacts } from "./proof.ts";
import { createRandom } from "./random.ts";
import { randomPair } from "./random-tables.ts";

export interface Proven {
  readonly pairs: number;
  readonly cells: number;
  /** Of which some facts were explained. */
  readonly explained: number;
  readonly wrong: readonly string[];
}

export interface ProveOptions {
  readonly seed: number;
  readonly pairs: number;
  /** Pairs with more are left out. */
  readonly mostCells: number;
  readonly mostInputs: number;
}

export function proveRandomTables({ seed, pairs, mostCells, mostInputs }: ProveOptions): Proven {
  const wrong: string[] = [];
  let [done, cells, explained] = [0, 0, 0];
  for (let next = seed; done < pairs; next++) {
    const random = createRandom(next);
    const pair = randomPair(random, { most: mostInputs });
    const size = cellsOf(pair);
    if (size > mostCells) continue;
    done += 1;
    cells += size;
    const isExplained = size < EXPLAINED_CELLS;
    const found = [
      ...wrongInDiff(pair),
      ...wrongInChecks(pair),
      ...(isExplained ? wrongInExplanations(pair, random, 3) : []),
    ];
    explained += Number(isExplained);
    wrong.push(...found.map((each) => `seed ${next}: ${each}`));
  }
  return { pairs: done, cells, explained, wrong };
}

/** Of each table of the repository. */
export async function proveOwnTables(facts: number): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { name, decisions } of subgraphs) {
    for (const { table } of await loadTables(join(projectRoot(), "subgraphs", name))) {
      const outputs = decisions.find(({ key }) => key === table.key)?.outputs ?? {};
      wrong.push(...wrongOnFacts(table, outputs, drawFacts(table, facts)));
    }
  }
  return wrong;
}

/** Each fact is compared with every cell. */
const EXPLAINED_CELLS = 2_000;
