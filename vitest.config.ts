import { defineConfig } from "vitest/config";

/** Journeys start many processes: see test/support/start-deployment.ts. */
// oxlint-disable-next-line node/no-process-env -- this file is of no room: it imports nothing of the project
const asProcesses = process.env["JOURNEYS"] !== undefined;

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
    // The suites start real servers; a third worker is busy on two cores while others wait for their servers.
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
