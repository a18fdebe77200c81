/**
 * The sandboxes' world matches every rule of the tables of targeting, placement and publishing. The tests of the
 * subgraphs check the other tables.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configurable, upstreams } from "../../subgraphs/registry.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";
import { projectRoot, readEnvironment } from "../../subgraphs/platform/environment.ts";
import { startSandboxes } from "../../subgraphs/sandboxes.ts";
import type { Sandboxes } from "../../subgraphs/sandboxes.ts";
import { ANY_PORTS, NOW } from "../support/decibel.ts";
import { clockOf } from "../support/now.ts";
import { readWorldFacts } from "../support/world-facts.ts";

const folders = ["campaigns", "episodes"].map((name) => join(projectRoot(), "subgraphs", name));
const KEYS = new Set(["campaign_targeting", "placement_review", "episode_publishing"]);
const tables = (await Promise.all(folders.map(loadTables))).flat().filter(({ table }) => KEYS.has(table.key));

let sandboxes: Sandboxes;
let facts: Readonly<Record<string, readonly Facts[]>> = {};

beforeAll(async () => {
  sandboxes = await startSandboxes(
    readEnvironment(ANY_PORTS, configurable),
    Object.values(upstreams),
    [],
    clockOf(() => NOW),
  );
  const { targeting, publishing, placement } = await readWorldFacts(sandboxes, () => NOW);
  facts = {
    campaign_targeting: targeting,
    episode_publishing: publishing,
    placement_review: [...placement.values()].flat(),
  };
}, 60_000);
afterAll(() => sandboxes.close());

describe("the sandboxes' world", () => {
  it.each(tables.map((compiled) => [compiled.table.key, compiled] as const))(
    "reaches every rule of %s",
    (key, compiled) => {
      const reached = new Set<number>();
      for (const one of facts[key] ?? []) {
        const evaluation = compiled.evaluate(one);
        if ("rules" in evaluation) for (const rule of evaluation.rules) reached.add(rule);
      }
      const rules = compiled.table.rules.map(({ row }, index) => ({ rule: index + 1, code: row["reason_code"] }));
      expect(rules.filter(({ rule }) => !reached.has(rule))).toEqual([]);
    },
  );
});
