/** Operations that break other gateways are answered as graphql-js would answer them over one schema, by both engines. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseEngine, javaScriptEngine } from "../../gateway/engine/engine.ts";
import { createGateway } from "../../gateway/gateway.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { routed } from "../../gateway/supergraph.ts";
import { SUPERGRAPH } from "../../schema/rover.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { ask, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";

let graph: TestDecibel;
const gateways: Gateway[] = [];
const urls = new Map<string, string>();
let campaign: { readonly id: string; readonly name: string; readonly status: string };
let episode: { readonly id: string; readonly title: string };
let verdict: string;
let sponsorship: { readonly id: string; readonly brand: string };
beforeAll(async () => {
  graph = await startTestDecibel();
  const subgraphs = Object.fromEntries(
    graph.decibel.parts.filter(([name, url]) => name !== "gateway" && url.endsWith("/graphql")),
  );
  const supergraph = routed(await readFile(join(projectRoot(), SUPERGRAPH), "utf8"), subgraphs);
  const log = pino({ enabled: false });
  for (const engine of [await chooseEngine(log), javaScriptEngine()]) {
    const gateway = await createGateway({ supergraph, log, engine });
    gateways.push(gateway);
    urls.set(engine.name, await gateway.listen());
  }
  const { data } = await graph.query<{
    campaigns: {
      nodes: { id: string; name: string; status: string; sponsorships: { nodes: { id: string; brand: string }[] } }[];
    };
    episodes: { nodes: { id: string; title: string }[] };
  }>(
    "{ campaigns(first: 60) { nodes { id name status sponsorships(first: 1) { nodes { id brand } } } } episodes(first: 1) { nodes { id title } } }",
  );
  const [first] = data.campaigns.nodes;
  campaign = first ?? expect.fail("there is no campaign");
  episode = data.episodes.nodes[0] ?? expect.fail("there is no episode");
  sponsorship =
    data.campaigns.nodes.flatMap(({ sponsorships }) => sponsorships.nodes)[0] ?? expect.fail("there is no sponsorship");
  const placed = await graph.query<{ episode: { placement: { verdict: string } } }>(
    "query ($e: ID!, $c: ID!) { episode(id: $e) { placement(campaignId: $c) { verdict } } }",
    { e: episode.id, c: campaign.id },
  );
  ({ verdict } = placed.data.episode.placement);
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await graph.stop();
});

describe.each(["rust", "javascript"])("an operation, by the engine in %s,", (name) => {
  const url = (): string => urls.get(name) ?? urls.values().next().value ?? "";
  const query = (text: string, variables?: object) => ask<Record<string, unknown>>(url(), text, variables);

  it("gives a decision on an entity of which nothing else is selected, beside another selection of it", async () => {
    interface Decided {
      readonly decision: { readonly verdict: string };
    }
    interface Read {
      readonly sponsorship: Decided & {
        readonly campaign: { readonly sponsorships: { readonly a: readonly object[]; readonly b: readonly Decided[] } };
      };
    }
    const { id } = sponsorship;
    const selection =
      "campaign { sponsorships(first: 200) { a: nodes { id } b: nodes { decision { verdict } requestedBy } } }";
    const { data, errors } = await ask<Read>(
      url(),
      `{ sponsorship(id: "${id}") { decision { verdict } ${selection} } }`,
    );
    const { a, b } = data.sponsorship.campaign.sponsorships;
    expect(errors).toEqual([]);
    expect(b[a.findIndex((one) => "id" in one && one.id === id)]?.decision).toEqual(data.sponsorship.decision);
  });
  const data = async (text: string, variables?: object): Promise<unknown> => {
    const answer = await query(text, variables);
    expect(answer.errors).toEqual([]);
    return answer.data;
  };

  it.each(["__proto__", "constructor", "toString", "__typename", "then", "representations", "_entities"])(
    "may call any field %s",
    async (alias) => {
      const status = JSON.parse(`{ "${alias}": "${campaign.status}" }`) as object;
      expect(
        await data(`query ($id: ID!) { campaign(id: $id) { name ${alias}: status } }`, { id: campaign.id }),
      ).toEqual({ campaign: { name: campaign.name, ...status } });
    },
  );

  it("may call a root field `constructor`", async () => {
    expect(await data(`{ constructor: campaign(id: "${campaign.id}") { name } }`)).toEqual({
      constructor: { name: campaign.name },
    });
  });

  it("never turns an alias into a fact of a decision", async () => {
    const forged = `facts: publishing { topics: missing sensitiveTopics: blockedMarkets explicit: eligible languages: missing
      transcript: eligible sponsors: missing status: verdict markets: missing adultsOnly: eligible }`;
    expect(
      await data(`{ episode(id: "${episode.id}") { ${forged} placement(campaignId: "${campaign.id}") { verdict } } }`),
    ).toMatchObject({ episode: { placement: { verdict } } });
  });

  it("never shows hidden fields under an alias", async () => {
    const own = await data(`{ sponsorship(id: "${sponsorship.id}") { episodeFacts: brand decision { verdict } } }`);
    expect(own).toMatchObject({
      sponsorship: { episodeFacts: sponsorship.brand, decision: { verdict: expect.any(String) } },
    });
    const { errors } = await query(`{ sponsorship(id: "${sponsorship.id}") { episodeFacts { sponsors } } }`);
    expect(errors).toMatchObject([{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
  });

  it("may call the title `id`", async () => {
    const selection = `id: title placement(campaignId: "${campaign.id}") { verdict }`;
    expect(await data(`{ episode(id: "${episode.id}") { ${selection} } }`)).toEqual({
      episode: { id: episode.title, placement: { verdict } },
    });
  });

  it("merges a list that is selected twice", async () => {
    const merged = await data("{ episodes(first: 3) { nodes { title } nodes { durationMs topics topics } } }");
    expect(merged).toEqual(await data("{ episodes(first: 3) { nodes { title durationMs topics } } }"));
  });

  it.each([
    ["{ __schema { queryType { name } } campaign(id: $id) { name } }"],
    ["{ __typename ...F } fragment F on Query { campaign(id: $id) { name } }"],
    ['{ campaign(id: $id) { name } __type(name: "Query") { name } }'],
    ["{ __schema @include(if: false) { queryType { name } } campaign(id: $id) { name } }"],
  ])("has data beside introspection: %s", async (text) => {
    expect(await data(`query ($id: ID!) ${text}`, { id: campaign.id })).toMatchObject({
      campaign: { name: campaign.name },
    });
  });

  it("is empty if nothing is left of it", async () => {
    expect(await data(`{ campaign(id: "${campaign.id}") @skip(if: true) { name } }`)).toEqual({});
  });

  it("may call its variable `representations`", async () => {
    const text = `query ($representations: ID!) { episode(id: "${episode.id}") { placement(campaignId: $representations) { verdict } } }`;
    expect(await data(text, { representations: campaign.id })).toEqual({ episode: { placement: { verdict } } });
  });

  it.each([
    ['{ evaluations(subject: "\\u{1F4A9}", first: 1) { totalCount } }', { evaluations: { totalCount: 0 } }],
    [`{ ${"... { ".repeat(50)} __typename ${"} ".repeat(50)} }`, { __typename: "Query" }],
  ])("is parsed as GraphQL says: %#", async (text, expected) => {
    expect(await data(text)).toEqual(expected);
  });

  it("has the errors of introspection", async () => {
    const { errors } = await query(`query ($n: String = "x") { __type(name: $n) { name } }`, { n: null });
    expect(errors).toMatchObject([{ path: ["__type"] }]);
  });

  it("is not refused for what only another operation of the document uses", async () => {
    const text = `query A($x: Int) { evaluations(first: 1, subject: "none") { totalCount } campaigns(first: $x) { totalCount } }
      query B($x: Boolean!) { ...F } fragment F on Query { campaigns @include(if: $x) { totalCount } }`;
    const response = await fetch(url(), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: text, operationName: "A", variables: { x: null } }),
    });
    expect(await response.json()).toMatchObject({ data: { campaigns: { totalCount: 60 } } });
  });

  it("merges fragments that spread each other instead of expanding them", async () => {
    const fragments = Array.from({ length: 30 }, (_, index) =>
      index < 29
        ? `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`
        : `fragment F29 on Query { __typename }`,
    );
    expect(await data(`{ ...F0 } ${fragments.join(" ")}`)).toEqual({ __typename: "Query" });
  });

  it.each([
    [
      "selections",
      () => `{ campaign(id: "x") { ...F0 } } ${doubling(20)}`,
      "the operation has more than 2000 selections",
    ],
    ["tokens", () => `{ ${"__typename ".repeat(10_001)} }`, "the document has more than 10000 tokens"],
    [
      "levels of fields",
      () => `{ campaign(id: "x") { ${"sponsorships { nodes { campaign { ".repeat(15)} id ${"} } } ".repeat(15)} } }`,
      "the operation has more than 45 levels",
    ],
    [
      "introspections",
      () => `{ ${Array.from({ length: 11 }, (_none, index) => `a${index}: __schema { __typename }`).join(" ")} }`,
      "the operation has more than 10 introspections",
    ],
    [
      "values of introspection",
      () => {
        const many = (field: string) => Array.from({ length: 6 }, (_, index) => `a${index}: ${field}`).join(" ");
        return `{ __schema { types { ...T } } } fragment T on __Type { ${many("fields { ...F }")} } fragment F on __Field { ${many("type { ...O }")} } fragment O on __Type { ${many("fields { name }")} }`;
      },
      "the introspection has more than 100000 values",
    ],
    [
      "repetitions to be validated",
      () => `{ campaigns { nodes { ${"id ".repeat(9900)} } } }`,
      "the document has too many selections",
    ],
    [
      "aliases",
      () => `{ ${Array.from({ length: 1001 }, (_, index) => `a${index}: __typename`).join(" ")} }`,
      "the document has more than 1000 aliases",
    ],
    [
      "directives",
      () => `{ __typename ${"@skip(if: false) ".repeat(1001)} }`,
      "the document has more than 1000 directives",
    ],
    [
      "levels",
      () => `{ ${"...{".repeat(501)} __typename ${"}".repeat(501)} }`,
      "the document has more than 500 levels",
    ],
  ])("is refused with too many %s", async (_limit, text, state) => {
    const { errors } = await query(text());
    expect(errors).toMatchObject([
      { message: expect.stringContaining(`Cannot execute: ${state}`), extensions: { code: "LIMIT_EXCEEDED" } },
    ]);
  });

  it("with several mutations sees each change in its own field", async () => {
    const other = `listener_0022e796-ac2f-4d75-b041-de799c001aa8`;
    const consent = (granted: boolean): string =>
      `recordConsent(input: { listenerId: "${other}", purpose: MARKETING, granted: ${granted} }) { listener { consents { purpose granted } } }`;
    const answer = (await data(`mutation { a: ${consent(false)} b: ${consent(true)} c: ${consent(false)} }`)) as Record<
      string,
      { listener: { consents: { purpose: string; granted: boolean }[] } }
    >;
    const granted = ["a", "b", "c"].map(
      (key) => answer[key]?.listener.consents.find(({ purpose }) => purpose === "MARKETING")?.granted,
    );
    expect(granted).toEqual([false, true, false]);
  });
});

/** Each fragment selects the next twice under different names, so that nothing merges. */
function doubling(depth: number): string {
  const next = (index: number): string => `sponsorships { nodes { campaign { ...F${index + 1} } } }`;
  return Array.from({ length: depth }, (_, index) =>
    index + 1 < depth
      ? `fragment F${index} on Campaign { a: ${next(index)} b: ${next(index)} }`
      : `fragment F${index} on Campaign { name }`,
  ).join(" ");
}
