/** What clients see of campaigns while upstreams change, by Decibel and by others. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { upstreams } from "../../subgraphs/registry.ts";
import type { SpotifyAds } from "../../subgraphs/sources/spotify-ads/client.ts";
import { FACTS_KEPT, startTestDecibel } from "../support/decibel.ts";
import { TRANSPORTS, inOneProcess, startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";
import { FAST_RETRIES, adsIdOf, eventually, mutate, outboxIsIdle } from "../support/mutations.ts";
import { NOW } from "../support/now.ts";
import { createTestDatabase, hasServer } from "../support/database.ts";

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly asOf: string;
}

describe.each(TRANSPORTS)("facts (subgraphs over %s)", (transport) => {
  const clock = { now: NOW };
  let graph: Deployment;
  /** Somebody else, with the same account. */
  let ads: SpotifyAds;
  beforeAll(async () => {
    const variables = { ...FAST_RETRIES, ...FACTS_KEPT, SUBGRAPH_TRANSPORT: transport };
    graph = await startDeployment({ variables, now: () => clock.now });
    ads = upstreams.ads.create(graph.decibel.sandboxes.accounts["spotify-ads"] ?? {});
  });
  afterAll(async () => {
    await ads.close();
    await graph.stop();
  });
  beforeEach(() => void (clock.now += 3_600_000));

  const active = async (): Promise<readonly Shown[]> => {
    const { data } = await graph.query<{ campaigns: { nodes: readonly Shown[] } }>(
      "{ campaigns(first: 50, status: ACTIVE) { nodes { id status asOf } } }",
    );
    return data.campaigns.nodes;
  };
  const read = async (id: string): Promise<Shown> => {
    const text = "query ($id: ID!) { campaign(id: $id) { id status asOf } }";
    return (await graph.query<{ campaign: Shown }>(text, { id })).data.campaign;
  };
  const requests = async (): Promise<number> => (await graph.sandbox("spotify-ads").calls()).requests;

  it("cost no request while they are fresh, and say how old they are", async () => {
    const [first] = await active();
    const before = await requests();
    clock.now += 29_999;
    expect(await read(first?.id ?? "")).toEqual(first);
    expect(Date.parse(first?.asOf ?? "")).toBe(clock.now - 29_999);
    expect(await requests()).toBe(before);
  });

  it("show what somebody else has changed once they are no longer fresh", async () => {
    const [{ id }] = (await active()) as [Shown];
    await ads.setCampaignStatus(adsIdOf(id), "PAUSED");
    expect((await read(id)).status).toBe("ACTIVE");
    clock.now += 30_000;
    await eventually(async () => (await read(id)).status).toBe("PAUSED");
  });

  it.each([
    [
      "{ campaigns(first: 3) { nodes { id name status asOf budget { amount } } pageInfo { endCursor } } }",
      "max-age=30",
    ],
    ["{ campaigns(first: 3) { nodes { id tier } } }", "no-store"],
    ["{ campaigns(first: 3) { nodes { id targeting { verdict } } } }", "no-store"],
    ["{ campaigns(first: 3) { nodes { id } } listeners(first: 1) { nodes { id } } }", "no-store"],
    ["{ episodes(first: 1) { nodes { id title } } }", "no-store"],
    ['{ campaign(id: "nothing") { id } }', "no-store"],
    ["{ __schema { queryType { name } } }", "no-store"],
  ])("say for how long a response is fresh, where it holds nothing else: %s", async (query, expected) => {
    const ask = async () => {
      await graph.settle();
      const url = `${graph.decibel.url}?query=${encodeURIComponent(query)}`;
      return (await fetch(url, { headers: { accept: "application/json" } })).headers;
    };
    const headers = await ask();
    expect(headers.get("cache-control")).toBe(expected);
    if (expected === "no-store") return;
    expect(headers.get("vary")).toMatch(/accept/i);
    clock.now += 10_000;
    expect((await ask()).get("cache-control")).toBe("max-age=20");
  });

  it("are read anew for a mutation", async () => {
    const [, { id }] = (await active()) as [Shown, Shown];
    await ads.setCampaignStatus(adsIdOf(id), "PAUSED");
    const { errors } = await mutate(graph, "pauseCampaign", { campaignId: id }, "{ campaign { status } }");
    expect(errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
  });

  it("show at once what Decibel has changed, in lists too", async () => {
    const [, , { id }] = (await active()) as [Shown, Shown, Shown];
    const { errors } = await mutate(graph, "pauseCampaign", { campaignId: id }, "{ campaign { id } }");
    expect(errors).toEqual([]);
    await outboxIsIdle(graph);
    expect((await read(id)).status).toBe("PAUSED");
    expect((await active()).map((campaign) => campaign.id)).not.toContain(id);
  });

  it("are given while Spotify fails, until they are too old", async () => {
    const [first] = await active();
    await graph.sandbox("spotify-ads").misbehave({ status: 503 });
    clock.now += 120_000;
    expect(await read(first?.id ?? "")).toEqual(first);
    clock.now += 3_600_000;
    const { errors } = await graph.query("query ($id: ID!) { campaign(id: $id) { status } }", { id: first?.id });
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE" } }]);
    await graph.sandbox("spotify-ads").behave();
  });
});

// In a deployment all other tests are about that.
describe.runIf(hasServer() && inOneProcess)("what one process changes", () => {
  it("shows in the other at once", async () => {
    const database = await createTestDatabase();
    const variables = { ...FAST_RETRIES, ...FACTS_KEPT, ...database.variables };
    const one = await startTestDecibel({ variables });
    const { origin } = one.sandbox("spotify-ads");
    const same = { ACCOUNT_ID: "sandbox", CLIENT_ID: "sandbox", CLIENT_SECRET: "sandbox", REFRESH_TOKEN: "sandbox" };
    const other = await startTestDecibel({
      variables: {
        ...variables,
        ...Object.fromEntries(Object.entries(same).map(([name, value]) => [`SPOTIFY_ADS_${name}`, value])),
        SPOTIFY_ADS_BASE_URL: `${origin}/ads/v3`,
        SPOTIFY_TOKEN_URL: `${origin}/api/token`,
      },
    });
    try {
      const list = "{ campaigns(first: 5, status: ACTIVE) { nodes { id status } } }";
      const active = async (of: Pick<Deployment, "query">): Promise<readonly Shown[]> =>
        (await of.query<{ campaigns: { nodes: readonly Shown[] } }>(list)).data.campaigns.nodes;
      const [before, same] = [await active(one), await active(other)];
      expect(same).toEqual(before);
      const id = before[0]?.id ?? "";
      expect((await mutate(one, "pauseCampaign", { campaignId: id }, "{ campaign { id } }")).errors).toEqual([]);
      await outboxIsIdle(one);
      const after = [await active(one), await active(other)].map((nodes) => nodes.some((node) => node.id === id));
      expect(after).toEqual([false, false]);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
      await database.drop();
    }
  });
});
