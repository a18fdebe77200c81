/** Parts that run apart are one graph: over signed HTTP, one database, and the sandboxes of another process. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { SUBGRAPHS, ask } from "../support/decibel.ts";
import { eventually, mutate } from "../support/mutations.ts";
import { overSse, toldTo } from "../support/live.ts";
import { partsOf, runIn } from "../support/process.ts";
import { NOW } from "../support/now.ts";
import { TOKENS, authorized } from "../support/tokens.ts";
import { createSplit } from "../support/split.ts";
import type { Split } from "../support/split.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import type { Running } from "../../subgraphs/decibel.ts";

const CAMPAIGN = "{ campaigns(first: 1) { nodes { id targeting { verdict } } } }";
const LOCATIONS = "{ locations(first: 1) { totalCount } }";
const SPONSORSHIP = "{ sponsorship { episode { id } } }";
const BOTH = `{ ${CAMPAIGN.slice(1, -1)} ${LOCATIONS.slice(1, -1)} }`;

describe.runIf(hasServer())("parts that run apart", { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let split: Split;
  let campaigns: Running;
  let locations: Running;
  let url = "";
  /** What the gateway said while there was no other part. */
  let alone: unknown;

  beforeAll(async () => {
    database = await createTestDatabase();
    split = await createSplit(database.variables);
    url = (await split.start(["gateway"])).front?.url ?? "";
    alone = [await ready(url), (await fetch(new URL("/health", url))).status];
    await split.start(["sandboxes"]);
    campaigns = await split.start(["subgraph", "campaigns", "listeners", "decisions"]);
    await split.start(["subgraph", "episodes"]);
    locations = await split.start(["subgraph", "locations"]);
  });
  afterAll(async () => {
    await split.stop();
    await database.drop();
  });

  it("start with the gateway, which is not ready before there is any other", () => {
    expect(alone).toEqual([[503, "Cannot ask subgraphs: none of them can be reached"], 200]);
  });

  it("answer as one graph, and are ready", async () => {
    expect(await ready(url)).toEqual([200, undefined]);
    const { data, errors } = await ask(url, BOTH);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      campaigns: { nodes: [{ targeting: { verdict: "ALLOW" } }] },
      locations: { totalCount: 500 },
    });
  });

  it("answer only what is signed, and their probes to anybody", async () => {
    const endpoint = locations.backend?.urls["locations"] ?? "";
    const { errors } = await ask(endpoint, "{ __typename }");
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    expect(await ready(endpoint)).toEqual([200, undefined]);
  });

  it("ask each other for what a mutation needs", async () => {
    const campaignId = await first("campaigns");
    const episodeId = await first("episodes");
    const input = { campaignId, episodeId, brand: "Saltbush", productCategory: "TRAVEL" };
    const { data, errors } = await mutate(graph, "submitSponsorship", input, SPONSORSHIP);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ sponsorship: { episode: { id: episodeId } } });
  });

  it("carry out effects in the worker alone", async () => {
    const campaignId = await first("campaigns");
    const { errors } = await mutate(graph, "pauseCampaign", { campaignId }, "{ campaign { id } }");
    expect(errors).toEqual([]);
    expect(await campaigns.backend?.outbox.isIdle()).toBe(false);
    const worker = await split.start(["worker"]);
    const origin = new Map(worker.parts).get("worker") ?? "";
    expect(await ready(origin)).toEqual([200, undefined]);
    expect((await fetch(new URL("/metrics", origin))).status).toBe(200);
    await eventually(() => campaigns.backend?.outbox.isIdle()).toBe(true);
    await worker.stop();
  });

  it("tell subscribers of the gateway what happens in any of them", async () => {
    const id = await first("locations");
    const record = async (status: string): Promise<void> => {
      const input = { locationId: id, status, tier: "background" };
      expect((await mutate(graph, "recordLicence", input, "{ location { id } }")).errors).toEqual([]);
    };
    await record("ACTIVE");
    const watching = await overSse(url, `subscription { eligibilityChanged(ids: ["${id}"]) { verdict } }`);
    await record("EXPIRED");
    await expect.poll(() => toldTo(watching)).toEqual([{ eligibilityChanged: { verdict: "DENY" } }]);
    watching.leave();
  });

  it("leave null what one of them would say that is down, with an error, and nothing else", async () => {
    const id = await first("locations");
    await locations.stop();
    const { data, errors } = await ask(url, `{ ${CAMPAIGN.slice(1, -1)} location(id: "${id}") { id } }`);
    expect(data).toMatchObject({ campaigns: { nodes: [{ targeting: { verdict: "ALLOW" } }] }, location: null });
    expect(errors).toMatchObject([
      { path: ["location"], extensions: { code: "SUBGRAPH_UNAVAILABLE", service: "locations", retryable: true } },
    ]);
    expect(await ready(url)).toEqual([200, undefined]);
    locations = await split.start(["subgraph", "locations"]);
    expect((await ask(url, LOCATIONS)).errors).toEqual([]);
  });

  it("answer another router through the proxy that signs for it", async () => {
    const signer = await split.start(["signer"]);
    const at = new Map(signer.parts).get("signer") ?? "";
    const { data, errors } = await ask(
      new URL("/campaigns", at).href,
      "query Board__campaigns__0 { campaigns(first: 1) { totalCount } }",
    );
    expect({ data, errors }).toEqual({ data: { campaigns: { totalCount: 60 } }, errors: [] });
    expect((await ask(new URL("/nobody", at).href, "{ __typename }")).errors).toMatchObject([
      { extensions: { code: "NOT_FOUND" } },
    ]);
    expect(await ready(at)).toEqual([200, undefined]);
    await signer.stop();
    const named = await split.start(["signer"], TOKENS);
    const url = new URL("/campaigns", new Map(named.parts).get("signer")).href;
    expect((await ask(url, CAMPAIGN)).errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    const reader = await authorized(NOW, { scope: "graph:read eligibility:read" });
    const refused = 'mutation { pauseCampaign(input: { campaignId: "campaign_x" }) { campaign { id } } }';
    expect((await ask(url, CAMPAIGN, {}, reader)).errors).toEqual([]);
    expect((await ask(url, refused, {}, reader)).errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
  });

  it("have replicas of each subgraph, and a gateway asks those that are there", async () => {
    const other = await split.start(["subgraph", ...SUBGRAPHS], Object.fromEntries(anyPort()));
    const urls = new Map(other.parts);
    const routes = SUBGRAPHS.map((name) => {
      const variable = `${name.toUpperCase()}_URL`;
      return [variable, `${split.variables[variable]},${urls.get(name)}`] as const;
    });
    const second = await split.start(["gateway"], Object.fromEntries(routes));
    const secondUrl = second.front?.url ?? "";
    await locations.stop();
    for (let attempt = 0; attempt < 4; attempt += 1) expect((await ask(secondUrl, BOTH)).errors).toEqual([]);
  });

  const graph = {
    query: <Data>(text: string, variables?: object) => ask<Data>(url, text, variables),
  };

  async function first(list: string): Promise<string> {
    const { data } = await ask<Readonly<Record<string, { readonly nodes: readonly { readonly id: string }[] }>>>(
      url,
      `{ ${list}(first: 1) { nodes { id } } }`,
    );
    return data[list]?.nodes[0]?.id ?? expect.fail(`there is nothing in ${list}`);
  }
});

describe("the command of a part", { timeout: 60_000 }, () => {
  it.each([
    [["subgraph", "--", "nobody"], "Cannot start subgraph nobody: there are only "],
    [["worker"], "DATABASE_URL is missing"],
    [["gateway"], "SUBGRAPH_SECRET is missing"],
  ])("%j says in one sentence why it does not start", async (args, sentence) => {
    const { code, stderr } = await runIn(projectRoot(), "npm", ["run", "--silent", ...args], {}).ended;
    expect(stderr).toContain(sentence);
    expect(code).toBe(1);
  });

  it("gateway reads its supergraph anew at SIGHUP, and drains at SIGTERM", async () => {
    const node = join(projectRoot(), "node_modules/.bin/node");
    const variables = { SUBGRAPH_SECRET: "a secret of all parts of one test", LOG_LEVEL: "info" };
    const run = runIn(projectRoot(), node, ["dist/subgraphs/main.js", "gateway"], variables);
    const url = partsOf(await run.banner).get("gateway") ?? "";
    run.child.kill("SIGHUP");
    expect((await fetch(new URL("/health", url))).status).toBe(200);
    run.child.kill("SIGTERM");
    const { code, stdout } = await run.ended;
    expect(stdout).toContain("files were read anew");
    expect(code).toBe(0);
  });
});

function anyPort(): readonly (readonly [string, string])[] {
  return SUBGRAPHS.map((name) => [`${name.toUpperCase()}_PORT`, "0"]);
}

async function ready(url: string): Promise<readonly [status: number, reason: string | undefined]> {
  const response = await fetch(new URL("/ready", url));
  const { reason } = (await response.json()) as { readonly reason?: string };
  return [response.status, reason];
}
