import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** Journeys start many processes: see test/support/start-deployment.ts. */
// oxlint-disable-next-line node/no-process-env -- this file is of no room
const asProcesses = process.env["JOURNEYS"] !== undefined;

/** On two cores the first ones take a minute or two, and the last ones ten seconds. */
const LONGEST = [
  "docs/commands",
  "docs/extending",
  "main/process",
  "console/pages",
  "main/installation",
  "journeys/journeys",
  "journeys/behaviours",
  "journeys/abuse",
  "journeys/dry-runs",
  "locations/location/kept-worklist",
  "records/upgrade",
  "console/acting",
  "console/governance",
  "gateway/workers",
  "main/split",
  "console/candidates",
  "decisions/impact",
  "gateway/engine/planner-process",
  "gateway/engine/generated/generated",
  "records/outbox",
  "gateway/live/connections",
  "records/pooler",
  "pipeline/opentext/batch",
  "journeys/webhooks-processes",
  "sources/items",
  "journeys/traces",
  "server/subgraphs",
  "journeys/warm-deploy",
  "sources/milder",
  "journeys/first-light",
  "journeys/eligible-lists",
  "docs/documents",
];

/**
 * The files that take longest first, so that none of them is alone at the end. Vitest knows how long each took only where it
 * ran before; on a clean clone it would go by their sizes.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return rank === -1 ? LONGEST.length : rank;
}

export default defineConfig({
  // graphql ships two builds; Vite would pick the other one than Node does, and "another module or realm" follows.
  resolve: { alias: { graphql: "graphql/index.js" } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/setup.ts"],
    // One seed for all property tests: PROPERTY_SEED, or 1 under CI, or a random one.
    setupFiles: ["test/support/seed.ts"],
    // A poll ends as soon as it can, on a busy machine too.
    expect: { poll: { timeout: 20_000 } },
    // Long enough for a busy machine: what passes ends long before.
    testTimeout: asProcesses ? 300_000 : 40_000,
    hookTimeout: asProcesses ? 300_000 : 120_000,
    sequence: { sequencer: LongestFirst },
    // The suites start real servers; a third worker is busy on two cores while others wait for their servers. A fourth only
    // makes all of them slower.
    maxWorkers: 3,
    // Each worker imports a module once, for all of its files: a fifth of the time was imports.
    isolate: false,
    // `npm run coverage`: a measure, not a gate.
    coverage: {
      provider: "v8",
      include: ["gateway/**/*.ts", "schema/**/*.ts", "subgraphs/**/*.ts"],
      reporter: ["text"],
    },
  },
});
