/** One query for all four kinds of subjects, with all decisions about them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FACTS_KEPT } from "../support/decibel.ts";
import { QUERIES_FOR_ALL, startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";

interface Decision {
  readonly id: string;
  readonly model: { readonly key: string };
  readonly verdict: string;
  readonly origin: string;
}
interface Board {
  readonly campaigns: { readonly nodes: readonly Record<"activation" | "targeting", Decision | null>[] };
  readonly episodes: { readonly nodes: readonly Record<"publishing" | "placement", Decision | null>[] };
  readonly locations: { readonly nodes: readonly Record<"playback", Decision | null>[] };
  readonly listeners: { readonly nodes: readonly Record<"segments" | "lead" | "activation", Decision | null>[] };
}

const DECISION = "{ id model { key } verdict origin reasons { code } }";
const BOARD = `query ($campaignId: ID!) {
  campaigns(first: 20) { nodes { name activation ${DECISION} targeting ${DECISION} } }
  episodes(first: 100) { nodes { title publishing ${DECISION} placement(campaignId: $campaignId) ${DECISION} } }
  locations(first: 100) { nodes { name playback ${DECISION} } }
  listeners(first: 200) { nodes { id segments ${DECISION} lead ${DECISION} activation(campaignId: $campaignId) ${DECISION} } }
}`;

let graph: Deployment;
let campaignId: string;
beforeAll(async () => {
  graph = await startDeployment();
  const first = await graph.query<{ campaigns: { nodes: readonly { id: string }[] } }>(
    "{ campaigns(first: 1) { nodes { id } } }",
  );
  campaignId = first.data.campaigns.nodes[0]?.id ?? "";
});
afterAll(() => graph.stop());

const decisionsOf = ({ campaigns, episodes, locations, listeners }: Board): Decision[] =>
  [
    ...campaigns.nodes.flatMap(({ activation, targeting }) => [activation, targeting]),
    ...episodes.nodes.flatMap(({ publishing, placement }) => [publishing, placement]),
    ...locations.nodes.map(({ playback }) => playback),
    ...listeners.nodes.flatMap(({ segments, lead, activation }) => [segments, lead, activation]),
  ].filter((decision) => decision !== null);

describe("20 campaigns, 100 episodes, 100 locations and 200 listeners in one query", () => {
  it("are all decided; each distinct question is asked once, and none the second time", async () => {
    const opentext = graph.sandbox("opentext");
    await opentext.forget();
    const { data, errors } = await graph.query<Board>(BOARD, { campaignId });
    expect(errors).toEqual([]);
    const decisions = decisionsOf(data);
    expect(decisions).toHaveLength(2 * 20 + 2 * 100 + 100 + 3 * 200);

    const { executes, byKey } = await opentext.calls();
    // A subject that was not evaluated shares the evaluation of one that matches the same rules.
    expect(executes).toBe(new Set(decisions.map(({ id }) => id)).size);
    expect(executes).toBeLessThan(decisions.length / 2);
    expect(Object.keys(byKey).toSorted()).toEqual([
      "audience_segment",
      "campaign_targeting",
      "episode_publishing",
      "lead_routing",
      "location_playback",
      "marketing_activation",
      "placement_review",
    ]);

    for (let asked = 1; asked < QUERIES_FOR_ALL; asked += 1) await graph.query<Board>(BOARD, { campaignId });
    await opentext.forget();
    const again = await graph.query<Board>(BOARD, { campaignId });
    expect([again.errors, (await opentext.calls()).executes]).toEqual([[], 0]);
    expect(decisionsOf(again.data).map(({ verdict }) => verdict)).toEqual(decisions.map(({ verdict }) => verdict));
  });

  it("cost each upstream at most one request per page", async () => {
    const fresh = await startDeployment({ variables: FACTS_KEPT });
    try {
      const { errors } = await fresh.query<Board>(BOARD, { campaignId });
      expect(errors).toEqual([]);
      const requests: Record<string, number> = {};
      for (const name of ["spotify-ads", "spotify-web", "megaphone", "soundtrack"]) {
        for (const { method, path } of (await fresh.sandbox(name).calls()).recent) {
          const route = `${name} ${String(method)} ${String(path)
            .replace(/\?.*$/, "")
            .replaceAll(/[0-9a-f-]{36}/g, ":id")}`;
          requests[route] = (requests[route] ?? 0) + 1;
        }
      }
      expect(requests).toEqual({
        // The list, which has the campaign of placements and activations. The ad sets of 20 campaigns fill two pages.
        "spotify-ads GET /ads/v3/ad_accounts/sandbox/campaigns": 1,
        "spotify-ads GET /ads/v3/ad_accounts/sandbox/ad_sets": 2,
        "spotify-ads GET /ads/v3/ad_categories": 1,
        "spotify-ads POST /api/token": 1,
        // Spotify returns at most 50 episodes; Megaphone lists one podcast in a request.
        "spotify-web GET /v1/episodes": 2,
        "spotify-web POST /api/token": 1,
        "megaphone GET /api/networks/sandbox/podcasts": 1,
        "megaphone GET /api/networks/sandbox/podcasts/:id/episodes": 3,
        // The accounts, a page of locations with few zones each, and the zones of those that have more.
        "soundtrack POST /v2": 3,
      });
    } finally {
      await fresh.stop();
    }
  });
});
