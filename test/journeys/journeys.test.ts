/**
 * The eight jobs end to end, over both kinds of database and by a deployment of many processes. Each is requested through the gateway, decided by OpenText
 * and recorded, and its effect is checked in the upstream's call log. Over 200 lines, because the jobs share one
 * started graph for each database.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { campaignId } from "../../schema/id.ts";
import { FAST_RETRIES, acceptedAdsWrites, eventually, outboxIsIdle } from "../support/mutations.ts";
import { nodes } from "../support/contracts.ts";
import { hasServer } from "../support/database.ts";
import { SANDBOXES, startTestDecibel } from "../support/decibel.ts";
import type { StartOptions } from "../support/decibel.ts";
import { inOneProcess } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";
import { startProcesses } from "../support/processes.ts";
import { hasRedisServer } from "../support/redis-server.ts";

const CAMPAIGN = "campaign_45b09d9d-5b33-41bc-91a8-75ecdb4f050e";
/** It has custom audiences, so the rules require a review before it is activated. */
const TARGETED_CAMPAIGN = "campaign_1905d193-22f2-468e-a035-c9d74906d34b";
const REFUSED_CAMPAIGN = "campaign_dbfc2400-726c-4a62-9938-1c053de3fed5";
const EPISODE = "episode_8ca7f124-ebdb-48a5-9116-fe65ca8ed7a9_6741e2e5-dd80-4bee-b7d0-8b5d4fee33b2";
const INCOMPLETE_EPISODE = "episode_23bf8b39-5724-445a-a647-6e0b94521d31_b12db487-3b6e-45bd-8962-8b316d5ac735";
const SHOP = "location_TG9jYXRpb24sLDMwYW52OTZjNDRpL0FjY291bnQsLGZlb2hvZHpmcG1zLw~3d~3d";
const LISTENER = "listener_001ad6f1-598f-4db3-824a-f2fbd305a48c";

type Shape = readonly [name: string, start: (options: StartOptions) => Promise<Deployment>];
const over = (name: string, variables: Record<string, string>): Shape => [
  name,
  (options) => startTestDecibel({ ...options, variables: { ...options.variables, ...variables } }),
];
const shapes: readonly Shape[] = [
  ...(hasServer() && inOneProcess ? [over("PostgreSQL, the subgraphs over HTTP", { SUBGRAPH_TRANSPORT: "http" })] : []),
  ...(inOneProcess ? [over("the database inside the process", { DATABASE_URL: "", DATA_DIR: "memory" })] : []),
  ...(hasServer() && hasRedisServer ? [["two processes of each part", startProcesses] as const] : []),
];

describe.each(shapes)("over %s", { timeout: 60_000 }, (_name, start) => {
  let graph: Deployment;
  beforeAll(async () => {
    graph = await start({ variables: FAST_RETRIES });
  }, 180_000);
  afterAll(() => graph.stop());
  beforeEach(async () => {
    await outboxIsIdle(graph);
    await Promise.all(SANDBOXES.map((name) => graph.sandbox(name).forget()));
  });

  /** Expects no errors. */
  async function asked<Data>(text: string, given: object = {}): Promise<Data> {
    const { data, errors } = await graph.query<Data>(text, given);
    expect(errors).toEqual([]);
    return data;
  }
  function act<Payload>(mutation: string, input: object, selection: string): Promise<Payload> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const text = `mutation ($input: ${type}!) { done: ${mutation}(input: $input) { ${selection} } }`;
    return asked<{ readonly done: Payload }>(text, { input }).then(({ done }) => done);
  }
  /** The writes that an upstream received: `PUT /api/…`. */
  async function changes(name: string): Promise<readonly string[]> {
    const { recent } = await graph.sandbox(name).calls();
    return recent
      .filter(({ method, path }) => method !== "GET" && path !== "/api/token")
      .map(({ method, path, status }) => `${String(method)} ${String(path)} ${String(status)}`);
  }

  it("a sponsorship is approved, rejected, or reviewed and then approved", async () => {
    const campaigns = await nodes<{ readonly id: string }>(graph, "campaigns(first: 12)", "id");
    const fields = campaigns.map(({ id }, index) => `c${index}: placement(campaignId: "${id}") { verdict }`);
    const episodes = await nodes<Readonly<Record<string, { readonly verdict: string }>> & { readonly id: string }>(
      graph,
      "episodes(first: 100, status: PUBLISHED)",
      `id ${fields.join(" ")}`,
    );
    const by = (verdict: string): object => {
      for (const episode of episodes) {
        const index = campaigns.findIndex((_campaign, at) => episode[`c${at}`]?.verdict === verdict);
        if (index !== -1) return { campaignId: campaigns[index]?.id, episodeId: episode.id };
      }
      throw new Error(`no placement is decided as ${verdict}`);
    };
    const submit = (placement: object) =>
      act<{
        readonly sponsorship: {
          readonly id: string;
          readonly status: string;
          readonly review: { readonly id: string } | null;
        };
      }>(
        "submitSponsorship",
        { ...placement, brand: "Outback Drift Tours", productCategory: "Adventure travel" },
        "sponsorship { id status review { id } }",
      );
    expect((await submit(by("ALLOW"))).sponsorship.status).toBe("APPROVED");
    expect((await submit(by("DENY"))).sponsorship.status).toBe("REJECTED");
    const { sponsorship } = await submit(by("REVIEW"));
    expect(sponsorship.status).toBe("IN_REVIEW");
    await act(
      "resolveReview",
      { reviewId: sponsorship.review?.id, verdict: "ALLOW", note: "fits" },
      "review { status }",
    );
    expect(await asked(`{ sponsorship(id: "${sponsorship.id}") { status review { status note } } }`)).toEqual({
      sponsorship: { status: "APPROVED", review: { status: "RESOLVED", note: "fits" } },
    });
  });

  it("a decided targeting reaches the ad sets", async () => {
    const { campaign } = await asked<{
      readonly campaign: { readonly targeting: { readonly include: readonly string[] } };
    }>(`{ campaign(id: "${TARGETED_CAMPAIGN}") { targeting { verdict include exclude } } }`);
    await act("applyTargeting", { campaignId: TARGETED_CAMPAIGN }, "campaign { id } decision { verdict }");
    await outboxIsIdle(graph);
    const took = await acceptedAdsWrites(graph);
    expect(
      took.filter(({ call }) => call === "POST audiences 201").map(({ body }) => (body as { name: string }).name),
    ).toEqual(expect.arrayContaining([...campaign.targeting.include]));
    expect(took.filter(({ call }) => call.startsWith("PATCH ad_sets/")).length).toBeGreaterThan(0);
  });

  it("an approved playlist is created with all its tracks and assigned to the shop's sound zones", async () => {
    const trackUris = Array.from(
      { length: 250 },
      (_none, number) => `spotify:track:journey${String(number).padStart(15, "0")}`,
    );
    const { playlistRequest } = await act<{
      readonly playlistRequest: { readonly id: string; readonly status: string };
    }>(
      "requestPlaylist",
      { locationId: SHOP, title: "Slow mornings", usage: "IN_STORE", trackUris },
      "playlistRequest { id status }",
    );
    expect(playlistRequest.status).toBe("APPROVED");
    const read = () =>
      asked<{ readonly playlistRequest: { readonly status: string; readonly playlistUri: string | null } }>(
        `{ playlistRequest(id: "${playlistRequest.id}") { status playlistUri } }`,
      );
    await eventually(async () => (await read()).playlistRequest.status).toBe("FULFILLED");
    expect((await read()).playlistRequest.playlistUri).toMatch(/^spotify:playlist:/);
    const writes = (await changes("spotify-web")).map((one) => one.replace(/playlists\/\w{22}/, "playlists/:id"));
    expect(writes).toEqual(["POST /v1/me/playlists 201", ...Array(3).fill("POST /v1/playlists/:id/items 201")]);
    const { recent } = await graph.sandbox("soundtrack").calls();
    const assigned = recent.filter(({ body }) => JSON.stringify(body).includes("soundZoneAssignSource"));
    expect(assigned).toHaveLength(1);
  });

  it("an episode is published once the rules allow it", async () => {
    const refused = await act<{ readonly episode: object; readonly decision: { readonly verdict: string } }>(
      "publishEpisode",
      { episodeId: INCOMPLETE_EPISODE },
      "episode { status } decision { verdict missing }",
    );
    expect(refused).toMatchObject({
      episode: { status: "SUBMITTED" },
      decision: { verdict: "REVIEW", missing: ["transcript"] },
    });
    const input = { episodeId: EPISODE };
    expect(await act("publishEpisode", input, "decision { verdict }")).toEqual({ decision: { verdict: "ALLOW" } });
    await outboxIsIdle(graph);
    expect(await changes("megaphone")).toEqual([
      expect.stringMatching(/^PUT .*6741e2e5-dd80-4bee-b7d0-8b5d4fee33b2 200$/),
    ]);
    await eventually(() => asked(`{ episode(id: "${EPISODE}") { status } }`)).toEqual({
      episode: { status: "PUBLISHED" },
    });
  });

  it("a shop whose licence has expired may not play, and its renewal is escalated", async () => {
    const input = { locationId: SHOP, status: "EXPIRED", tier: "background", expiresAt: "2026-01-31T23:59:59.000Z" };
    const { location } = await act<{ readonly location: { readonly playback: { readonly eligible: boolean } } }>(
      "recordLicence",
      input,
      "location { licence { status } playback { eligible licenceAction priority } }",
    );
    expect(location).toMatchObject({ licence: { status: "EXPIRED" }, playback: { eligible: false } });
    const { locationWorklist } = await asked<{
      readonly locationWorklist: { readonly nodes: readonly { readonly id: string }[] };
    }>("{ locationWorklist(first: 200) { nodes { id } } }");
    expect(locationWorklist.nodes.map(({ id }) => id)).toContain(SHOP);
  });

  it("a complaint is routed at once, listed by urgency, and resolved once", async () => {
    const input = {
      campaignId: CAMPAIGN,
      account: "Outback Drift Tours",
      customerValue: "HIGH",
      country: "AU",
      issue: "PRIVACY",
      severity: "CRITICAL",
      description: "They know where I live",
    };
    const { supportCase } = await act<{ readonly supportCase: { readonly id: string; readonly status: string } }>(
      "openCase",
      input,
      "supportCase { id status routing { priority queue } }",
    );
    expect(supportCase.status).toBe("ROUTED");
    const worklist = async () => {
      const { caseWorklist } = await asked<{
        readonly caseWorklist: { readonly nodes: readonly { readonly id: string }[] };
      }>("{ caseWorklist(first: 200) { nodes { id } } }");
      return caseWorklist.nodes.map(({ id }) => id);
    };
    expect(await worklist()).toContain(supportCase.id);
    await act("resolveCase", { caseId: supportCase.id, note: "They do not any more" }, "supportCase { status }");
    expect(await worklist()).not.toContain(supportCase.id);
  });

  it("a campaign goes live where the rules allow it; otherwise its alternative is named", async () => {
    const refused = await act<{ readonly decision: { readonly alternative: { readonly id: string } } }>(
      "activateCampaign",
      { campaignId: REFUSED_CAMPAIGN },
      "campaign { status } decision { eligible ... on ActivationDecision { alternative { id } } }",
    );
    expect(refused).toMatchObject({
      campaign: { status: "PAUSED" },
      decision: { eligible: false, alternative: { id: expect.stringMatching(/^campaign_/) } },
    });
    await act("activateCampaign", { campaignId: CAMPAIGN }, "decision { eligible }");
    await outboxIsIdle(graph);
    const [id] = campaignId.decode(CAMPAIGN);
    expect(await acceptedAdsWrites(graph)).toEqual([{ call: `PATCH campaigns/${id} 200`, body: { status: "ACTIVE" } }]);
    expect(await asked(`{ campaign(id: "${CAMPAIGN}") { status requestedStatus } }`)).toEqual({
      campaign: { status: "ACTIVE", requestedStatus: null },
    });
  });

  it("a lead goes to the CRM as a signed webhook, and none after a withdrawn consent", async () => {
    const events = ["CTA_CLICK", "FOLLOW"].map((kind, number) => ({
      id: `journey-${number}`,
      listenerId: LISTENER,
      kind,
      at: "2026-03-10T11:55:00.000Z",
    }));
    expect(await act("recordEngagement", { events }, "accepted duplicates")).toEqual({ accepted: 2, duplicates: 0 });
    expect(await act("recordEngagement", { events }, "accepted duplicates")).toEqual({ accepted: 0, duplicates: 2 });
    await act("routeLead", { listenerId: LISTENER }, "listener { lead { route score } }");
    await outboxIsIdle(graph);
    // The CRM's sandbox answers 200 only to a valid signature.
    expect(await changes("crm")).toEqual(["POST /leads 200"]);
    const consent = { listenerId: LISTENER, purpose: "MARKETING", granted: false };
    const withdrawn = await act<{ readonly listener: { readonly lead: { readonly route: string } } }>(
      "recordConsent",
      consent,
      "listener { lead { verdict route } }",
    );
    expect(withdrawn.listener.lead.route).toBe("SUPPRESS");
    await act("routeLead", { listenerId: LISTENER }, "listener { id }");
    await outboxIsIdle(graph);
    expect(await changes("crm")).toEqual(["POST /leads 200"]);
  });
});
