/**
 * The commands of the README and docs/ run. Those that need records use the database of one graph beside them.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keysCommand } from "../../subgraphs/records/access/keys.ts";
import { variables } from "../../subgraphs/platform/environment.ts";
import { nodes } from "../support/contracts.ts";
import { hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { SANDBOXES } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { npmStart, partsOf } from "../support/process.ts";
import { startDocumentedGraph } from "./documented-graph.ts";
import type { DocumentedGraph } from "./documented-graph.ts";
import { EXTENDING, blocks, documents, root, scripts } from "./documents.ts";
import { failedEffect } from "./failed-effect.ts";

const execute = promisify(execFile);
const LONG = { timeout: 120_000 };
/** The crash check waits for missed heartbeats: a minute on an idle machine. */
const LONGER = { timeout: 240_000 };
/** Inline code that is a command. */
const COMMAND = /^(?:npm|npx|node|curl|bash|docker|psql|createdb|redis-cli|git) /;
/** Inline commands that no test runs, each with its reason. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "npm ci --omit=dev": "test/main/installation.test.ts runs it",
  "npm run conform -- ads-v3.yaml web-v1.yaml": "Spotify's documents are not part of this project",
  "npm run conform -- router": "it needs a router that is not part of this project",
  "npm run journeys": "it takes many minutes; `npm test` runs the eight jobs so",
  "npm run documents -- FOLDER": "test/gateway/limits/documents.test.ts runs it with a folder of its own",
  "npm run conform -- rules": "it takes minutes; test/pipeline/table/diagram/proof.test.ts proves a share of it",
  "npm run rules -- diff OLD NEW": "test/pipeline/rules.test.ts runs it with files of its own",
  "npm run rules -- impact FILE": "it needs a graph: test/decisions/impact.test.ts runs it",
  "npm run rules -- propose FILE --note TEXT":
    "it needs a graph that knows its callers: test/decisions/deployments.test.ts runs it",
  "npm run rules -- deploy FILE": "it needs an approval: test/decisions/deployments.test.ts runs it",
  "npm run bench -- rules --json": "it measures; other programs would change its figures",
  "npm run conform -- dmn": "it needs Java and Maven, and takes minutes",
  "npm run gateway": "test/main/split.test.ts starts its parts",
  "npm run subgraph -- NAMES": "test/main/split.test.ts starts its parts",
  "npm run subgraph -- campaigns episodes": "test/main/split.test.ts starts its parts",
  "npm run worker": "test/main/split.test.ts starts its parts",
  "npm run signer": "test/main/split.test.ts starts its parts",
  "npm run sandboxes": "test/main/split.test.ts starts its parts",
  "npm run keys": "docs/partners.md has it with its arguments",
  "npm run migration -- --name what_changed": "it writes files into the project",
  "npm run webhooks -- test campaign-desk": "it needs a receiver: test/records/webhooks.test.ts runs it",
  "npm run webhooks -- retry campaign-desk": "it needs a receiver: test/records/webhooks.test.ts runs it",
  "npm run ledger -- key": "test/records/ledger-days.test.ts runs it",
  "npm run ledger -- keys": "it needs LEDGER_KEY: test/records/ledger-days.test.ts runs it",
  "npm run ledger -- export --since 2026-11-01 --until 2026-11-30": "test/records/ledger-days.test.ts runs it",
  "npm run build": "`npm test` runs it",
  "npm run operations": "test/console/files.test.ts runs it with --check",
  "npm run compose": "`npm test` runs it with --check",
  "npm run bench -- rolling --json": "it measures; other programs would change its figures",
  "docker build -f deploy/Dockerfile -t decibel .":
    "it needs a registry of images; test/docs/deploy.test.ts reads the file",
  "docker run decibel gateway": "it needs a registry of images; test/docs/deploy.test.ts reads the file",
  "docker compose -f deploy/compose.yaml up --build":
    "it needs a registry of images; test/docs/deploy.test.ts reads the file",
  "npm run coverage": "it runs the tests",
  "npm run bench -- gateway --json": "it measures; other programs would change its figures",
  "npm run bench -- gateway --only telemetry": "it measures; other programs would change its figures",
  "npm run bench -- gateway --profile": "it measures; other programs would change its figures",
  "npm run bench -- facts --json": "it measures; other programs would change its figures",
  "npm run bench -- heap": "it measures; other programs would change its figures",
  "npm run bench -- board --json": "it measures; other programs would change its figures",
  "npm run bench -- live --json": "it measures; other programs would change its figures",
  "npm run bench -- console --json": "it measures; other programs would change its figures",
  "npm run bench -- scale --json": "it measures; other programs would change its figures",
  "npm run crash": "the block beside it runs it with fewer mutations",
  "npm run soak": "the block beside it runs it with fewer queries",
};

let documented: DocumentedGraph;
let graph: TestDecibel;
let database: TestDatabase;
beforeAll(async () => {
  documented = await startDocumentedGraph();
  ({ graph, database } = documented);
});
afterAll(() => documented.stop());

describe("the commands", () => {
  const lines = blocks
    .filter(({ document }) => document !== EXTENDING)
    .flatMap((block) =>
      block.language === "sh"
        ? block.text
            .trim()
            .split("\n")
            .map((line) => ({ document: block.document, line }))
        : [],
    );
  const curls = documents
    .flatMap(({ inline }) => inline)
    .filter((code) => code.startsWith("curl "))
    .concat(lines.flatMap(({ line }) => (line.startsWith("curl ") ? [line] : [])));
  const runs = lines.map(({ line }) => line).filter((line) => line.startsWith("npm run "));

  it("in the README begin with the two that everybody needs", () => {
    expect(lines.filter(({ document }) => document === "README.md").map(({ line }) => line)).toEqual([
      "npm ci && npm start",
      "npm ci && npm test",
    ]);
    // `npm ci` would replace the packages that this test runs on, and `npm test` is what runs it.
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["start", "test"]));
  });

  it("of every block are run here", () => {
    const others = lines.filter(({ document, line }) => document !== "README.md" && !/^(?:npm run|curl) /.test(line));
    expect(others).toEqual([]);
  });

  it("npm start", LONG, async () => {
    const run = npmStart({});
    try {
      expect([...partsOf(await run.banner).keys()]).toContain("gateway");
    } finally {
      run.child.kill("SIGTERM");
      await run.ended;
    }
  });

  it.each(curls)("%s", async (command) => {
    // In one go: the port that takes the place of one may begin like another.
    const local = command
      .replaceAll(/http:\/\/127\.0\.0\.1:(\d+)/g, (url, port: string) => {
        const name = SANDBOXES[Number(port) - 4100];
        return port === "4000" ? new URL(graph.decibel.url).origin : name ? graph.sandbox(name).origin : url;
      })
      .replace(/^curl/, "curl --silent --fail-with-body");
    await expect(execute("bash", ["-c", local])).resolves.toBeDefined();
    // What other blocks ask for is not changed.
    for (const name of SANDBOXES) if (name !== "opentext") await graph.sandbox(name).behave();
  });

  // The embedded database belongs to this process: a command beside it needs a server, as the documents say.
  const usesRecords = (command: string): boolean => /^npm run (?:outbox|erase|keys|webhooks) /.test(command);
  const needsServer = (command: string): boolean => usesRecords(command) || command.startsWith("npm run crash ");

  // Those left out are reported before the run, which CI=true makes a failure: see test/support/setup.ts.
  it.runIf(hasServer()).each(runs.filter(needsServer))("%s, on a PostgreSQL server", LONGER, succeeds);
  it.each(runs.filter((command) => !needsServer(command)))("%s", LONG, succeeds);

  async function succeeds(command: string): Promise<void> {
    const id = command.endsWith(" ID") ? await idFor(command) : "";
    const { stdout } = await execute("bash", ["-c", command.replace(/ ID$/, ` ${id}`)], {
      cwd: root,
      env: { ...variables, ...(usesRecords(command) && database.variables) },
    });
    expect(stdout).not.toBe("");
  }

  it("that stand in the text are scripts, and run or say why not", () => {
    const inline = documents
      .filter(({ name }) => name !== EXTENDING)
      .flatMap((document) => document.inline.filter((code) => COMMAND.test(code)));
    const named = inline.flatMap((command) => /^npm run (\S+)/.exec(command)?.[1] ?? []);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
    // Exactly: an entry that no document has any more is an error too.
    expect(new Set(inline.filter((command) => !isRun(command)))).toEqual(new Set(Object.keys(NOT_RUN)));
  });

  /** By a test of its own, or as a part of the README's two. */
  function isRun(command: string): boolean {
    return ["npm ci", "npm start", "npm test", ...lines.map(({ line }) => line), ...curls].includes(command);
  }

  async function idFor(command: string): Promise<string> {
    if (command.includes("erase")) return anyListener();
    return command.includes("keys") ? issuedKey() : failedEffect(graph);
  }

  async function issuedKey(): Promise<string> {
    const request = ["issue", "--name", "portal", "--scopes", "eligibility:read"];
    const [, , line = ""] = (await keysCommand(graph.decibel.database, request)).split("\n");
    return line.split("  ")[0] ?? "";
  }

  async function anyListener(): Promise<string> {
    const [listener] = await nodes<{ readonly id: string }>(graph, "listeners(first: 1)", "id");
    return listener?.id ?? expect.fail("there is no listener");
  }
});
