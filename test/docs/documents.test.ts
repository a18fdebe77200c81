/**
 * The README and docs/ are true: queries have the answers shown, links and names exist.
 *
 * Queries and mutations run in the order of the documents, in one graph. `commands.test.ts` runs the
 * commands, `extending.test.ts` the blocks of docs/extending.md, and `metrics.test.ts` compares docs/metrics.md with the metrics.
 */
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PARTNER_ENDPOINT } from "../../gateway/http/endpoints.ts";
import { DRAIN_MS } from "../../subgraphs/main.ts";
import { MAX_AGE_INTERVALS } from "../../subgraphs/pipeline/versions.ts";
import { HEARTBEAT_SECONDS } from "../../subgraphs/records/outbox/queues.ts";
import { RETENTION_DAYS } from "../../subgraphs/records/prune.ts";
import { SUPERGRAPH } from "../../schema/rover.ts";
import { variableNames } from "../../subgraphs/platform/environment.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { asCallers, callerOf } from "../support/as-caller.ts";
import type { AsCaller } from "../support/as-caller.ts";
import { nodes } from "../support/contracts.ts";
import { ask } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { overSse } from "../support/live.ts";
import { startDocumentedGraph } from "./documented-graph.ts";
import type { DocumentedGraph } from "./documented-graph.ts";
import {
  EXTENDING,
  PARTNERS,
  blocks,
  documents,
  isForPartners,
  read,
  root,
  scripts,
  titleOf,
  toDocument,
} from "./documents.ts";
import { failedEffect } from "./failed-effect.ts";

/** Read by the tests alone: see test/support/seed.ts and browser.ts. */
const TEST_VARIABLES = ["PROPERTY_SEED", "CHROMIUM"];
/** Read by Node, or said to be read by nobody. */
const OTHER_VARIABLES = ["NODE_EXTRA_CA_CERTS", "ALL_PROXY", "OTEL_EXPORTER_OTLP_COMPRESSION"];
/** Who sends a mutation that is refused to a caller who is not known; each as somebody else than the one before. */
const SENT_BY: Readonly<Record<string, string>> = {
  "mutation Propose(": "ada",
  "mutation Approve(": "ben",
  "mutation Begin(": "cleo",
  "mutation End(": "cleo",
};

let documented: DocumentedGraph;
let graph: TestDecibel;
let as: AsCaller;
let partnerUrl: string;
beforeAll(async () => {
  documented = await startDocumentedGraph();
  ({ graph } = documented);
  as = await asCallers(graph);
  partnerUrl = new URL(PARTNER_ENDPOINT, graph.decibel.url).href;
});
afterAll(() => documented.stop());

const others = blocks.filter(({ document }) => document !== EXTENDING);

describe("the code blocks", () => {
  it("are in languages that a test runs, and change no file", () => {
    const known = new Set(["graphql", "json", "sh", "mermaid", "promql", "ini", "yaml", "http", "js"]);
    expect(others.filter(({ language, file }) => !known.has(language) || file !== undefined).map(titleOf)).toEqual([]);
  });

  it.each([
    ["indented", "1. So:\n\n   ```sh\n   npm start\n   ```\n", "sh", "npm start\n"],
    ["in a list's item", "- ```sh\n  npm start\n  ```\n", "sh", "npm start\n"],
    ["with tildes", "~~~sh\nnpm start\n~~~\n", "sh", "npm start\n"],
    ["with a longer fence", "````md\n```sh\n```\n````\n", "md", "```sh\n```\n"],
    ["without a language", "```\nnpm start\n```\n", "", "npm start\n"],
    ["with a space and more words", "``` bash title=x\nnpm start\n```\n", "bash", "npm start\n"],
    ["of a language with signs", "```c++\nint x;\n```\n", "c++", "int x;\n"],
  ])("are seen %s", (_how, text, language, expected) => {
    expect(toDocument("a.md", text)).toMatchObject({ blocks: [{ language, text: expected }], inline: [] });
  });

  it("have an end", () => {
    expect(() => toDocument("a.md", "so\n```sh\nnpm start\n~~~\n")).toThrow("a.md:2 has a block that does not end");
  });

  it("that run Decibel elsewhere build and start it as its own scripts do", () => {
    const [, started = ""] = /exec (.*)/.exec(scripts["start"] ?? "") ?? [];
    const textOf = (language: string) => blocks.find((block) => block.language === language)?.text ?? "";
    expect(/^ExecStart=\/opt\/decibel\/node_modules\/.bin\/(.*)$/m.exec(textOf("ini"))?.[1]).toBe(started);
    const ofUnit = Array.from(textOf("ini").matchAll(/^Environment=(\w+)=/gm), ([, name = ""]) => name);
    expect(variableNames(configurable)).toEqual(expect.arrayContaining([...ofUnit, "HOST", "DATA_DIR"]));
  });

  it("draw one picture, in the README", () => {
    const pictures = blocks.filter(({ language }) => language === "mermaid");
    expect(pictures.map(({ document }) => document)).toEqual(["README.md"]);
  });

  it("show JSON only as the answer to the query before it", () => {
    const alone = others.filter(
      ({ language }, index) => language === "json" && others[index - 1]?.language !== "graphql",
    );
    expect(alone.map(titleOf)).toEqual([]);
  });
});

describe("the queries", () => {
  const queries = others.flatMap((block, index) => {
    const next = others[index + 1];
    return block.language === "graphql" ? [{ block, answer: next?.language === "json" ? next.text : undefined }] : [];
  });

  it.each(queries.map((query) => [titleOf(query.block), query] as const))("%s", async (_title, { block, answer }) => {
    const url = isForPartners(block) ? partnerUrl : graph.decibel.url;
    if (block.text.startsWith("subscription")) return subscribe(url, block.text);
    const known = Object.entries(SENT_BY).find(([mutation]) => block.text.startsWith(mutation))?.[1];
    const variables = await variablesOf(block.text);
    const { data, errors = [] } = known
      ? JSON.parse(await as.ask(callerOf(known), block.text, variables))
      : await ask(url, block.text, variables);
    expect(errors).toEqual([]);
    if (answer !== undefined) expect({ data }).toEqual(JSON.parse(answer));
  });

  async function subscribe(url: string, text: string): Promise<void> {
    const subscribed = await overSse(url, text);
    expect(subscribed.told).toEqual([]);
    subscribed.leave();
  }

  it("of a partner are those of its files", () => {
    const first = queries.find(({ block }) => block.document === `${PARTNERS}.md`);
    expect(first?.block.text).toBe(read(`${PARTNERS}/eligibility.graphql`));
  });

  it("cover the eight jobs, each with a query before its mutations", () => {
    const inJobs = others.filter(({ document, language }) => document === "docs/jobs.md" && language === "graphql");
    const jobs = [...Map.groupBy(inJobs, ({ section }) => section).values()].slice(0, 8);
    const kinds = jobs.map((job) => job.map(({ text }) => (text.startsWith("mutation") ? "mutation" : "query")));
    expect(kinds.filter((kind) => !/^(query )+(mutation )+$/.test(`${kind.join(" ")} `))).toEqual([]);
    expect(jobs).toHaveLength(8);
  });

  /** By their names: the id of the oldest review, of the last evaluation, and of an effect that failed. */
  async function variablesOf(query: string): Promise<Readonly<Record<string, string | undefined>>> {
    const idOf = async (list: string) => (await nodes<{ readonly id: string }>(graph, list, "id"))[0]?.id;
    const given = {
      review: () => idOf("reviewQueue(first: 1)"),
      evaluation: () => idOf("evaluations(first: 1)"),
      failed: () => failedEffect(graph),
      candidate: async () => (await lastCandidate()).id,
      deployment: async () => (await lastCandidate()).deployments[0]?.id,
      table: async () => read("subgraphs/locations/location_playback.otdt"),
    };
    const named = Object.entries(given).filter(
      ([name]) => query.includes(`($${name}:`) || query.includes(`, $${name}:`),
    );
    return Object.fromEntries(await Promise.all(named.map(async ([name, id]) => [name, await id()])));
  }

  interface Candidate {
    readonly id: string;
    readonly deployments: readonly { readonly id: string }[];
  }
  async function lastCandidate(): Promise<Candidate> {
    const { data } = await graph.query<{ decisionModel: { candidates: { nodes: readonly Candidate[] } } }>(
      '{ decisionModel(key: "location_playback") { candidates(first: 1) { nodes { id deployments { id } } } } }',
    );
    return data.decisionModel.candidates.nodes[0] ?? expect.fail("nothing was proposed");
  }

  it("cover every operation of the graph", () => {
    const supergraph = buildSchema(read(SUPERGRAPH), { assumeValidSDL: true });
    const shown = new Set(
      blocks
        .filter(({ language }) => language === "graphql")
        .flatMap(({ text }) => parse(text).definitions)
        .flatMap((definition) => ("operation" in definition ? definition.selectionSet.selections : []))
        .map((selection) => ("name" in selection ? selection.name.value : "")),
    );
    const operations = [
      supergraph.getQueryType(),
      supergraph.getMutationType(),
      supergraph.getSubscriptionType(),
    ].flatMap((type) => Object.keys(type?.getFields() ?? {}));
    expect(operations.length).toBeGreaterThan(20);
    expect(operations.filter((operation) => !shown.has(operation))).toEqual([]);
  });
});

describe("the names", () => {
  const described = Array.from(read(".env.example").matchAll(/^([A-Z_]+)=/gm), ([, name = ""]) => name);
  /** Codes of errors look like variables. They are texts of the source. */
  const codes = new Set(
    globSync("{gateway,schema,subgraphs}/**/*.ts", { cwd: root }).flatMap((file) =>
      Array.from(read(file).matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g), ([, code = ""]) => code),
    ),
  );

  it("of variables in .env.example are those that Decibel reads", () => {
    expect(described.toSorted()).toEqual(variableNames(configurable).toSorted());
  });

  it("of variables are all in docs/configuration.md", () => {
    const configuration = read("docs/configuration.md");
    expect(
      described.filter((name) => !configuration.includes(`\`${name}\``) && !configuration.includes(`\`${name}=`)),
    ).toEqual([]);
  });

  it.each(documents.filter(({ name }) => name !== EXTENDING))("of variables in $name exist", ({ inline }) => {
    const named = inline.flatMap((code) => /^([A-Z]+(?:_[A-Z]+)+)(?:=.*)?$/.exec(code)?.[1] ?? []);
    const known = new Set([...described, ...TEST_VARIABLES, ...OTHER_VARIABLES]);
    expect(named.filter((name) => !codes.has(name) && !known.has(name))).toEqual([]);
  });

  it("of metrics in PromQL are in the tables of docs/metrics.md", () => {
    const queried = blocks.flatMap(({ language, text }) =>
      language === "promql" ? (text.match(/decibel_\w+/g) ?? []) : [],
    );
    const tables = read("docs/metrics.md").matchAll(/^\| `(\w+)` +\| (\w+)/gm);
    const known = new Set(
      Array.from(tables).flatMap(([, name = "", type]) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    expect(queried.length).toBeGreaterThan(0);
    expect(queried.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each([
    ["docs/operating.md", `longer than ${DRAIN_MS / 1000} seconds`],
    ["docs/operating.md", `after ${HEARTBEAT_SECONDS} seconds without its heartbeat`],
    ["docs/operating.md", `older than ${RETENTION_DAYS} days`],
    ["docs/decisions.md", `for ${MAX_AGE_INTERVALS} intervals`],
  ])("and numbers in %s are those of the code: %s", (name, words) => {
    expect(read(name).replaceAll("\n", " ")).toContain(words);
  });

  it.each(documents)("of files and headings that $name links to exist", ({ links }) => {
    const missing = links.filter(({ file, heading }) => {
      if (!existsSync(join(root, file))) return true;
      return heading !== undefined && !documents.find(({ name }) => name === file)?.headings.includes(heading);
    });
    expect(missing).toEqual([]);
  });

  it("of folders in the README exist", () => {
    const readme = documents[0]?.inline ?? [];
    const folders = readme.filter((code) => /^(?:gateway|schema|subgraphs|test|docs|deploy)\//.test(code));
    expect(folders.length).toBeGreaterThan(8);
    const missing = folders.filter((folder) => globSync(folder, { cwd: root }).length === 0);
    expect(missing).toEqual([]);
  });

  it("and ports in the README's picture are those of the parts", () => {
    const picture = blocks.find(({ language }) => language === "mermaid")?.text ?? "";
    const shown = Array.from(picture.matchAll(/"([^"]+) :(\d+)"/g), ([, name = "", port = ""]) => [name, port]);
    const subgraphs = Array.from(
      read("rover.yaml").matchAll(/^ {2}(\w+):\n.*:(\d{4})\//gm),
      ([, name = "", port = ""]) => [name, port],
    );
    // The whole has no part that only runs apart.
    const sandboxes = Array.from(
      read(".env.example").matchAll(/^(?:[A-Z_]+_SANDBOX_)?PORT=(\d+)/gm),
      ([, port = ""]) => port,
    );
    expect(subgraphs.map(([name]) => name)).toEqual(configurable.subgraphs);
    for (const subgraph of subgraphs) expect(shown).toContainEqual(subgraph);
    const expected = new Set([...subgraphs.map(([, port]) => port), ...sandboxes]);
    expect(new Set(shown.map(([, port]) => port))).toEqual(expected);
  });
});
