/**
 * Writes to Spotify Ads: the status of a campaign, the targets of an ad set, and audiences. Over 200 lines, because all
 * tests share the set-up with lost responses.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { withoutErrors } from "../../../subgraphs/platform/results.ts";
import { createSpotifyAdsSandbox } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import type { SpotifyAdsSandboxOptions } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import type { CampaignWorld } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { results, requireAll } from "../../../subgraphs/platform/results.ts";
import type { SpotifyAds } from "../../../subgraphs/sources/spotify-ads/client.ts";
import type { SpotifyAdsOptions } from "../../../subgraphs/sources/spotify-ads/connection.ts";
import { LOST, calls as callsOf, failure, misbehave, behave } from "../../support/sandbox-control.ts";
import { connectTo, routing } from "../../support/spotify-ads-client.ts";
import { whole } from "../../support/whole.ts";

const NOW = Date.parse("2026-03-10T15:30:00Z");
const world = whole(createCampaigns({ scale: 1, now: new Date(NOW) }));
const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const ACCOUNT = "/ads/v3/ad_accounts/sandbox/";
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function start(options: Partial<SpotifyAdsSandboxOptions> = {}, client: Partial<SpotifyAdsOptions> = {}) {
  const sandbox = createSpotifyAdsSandbox({ world, now: () => NOW, ...options });
  const { ads } = await connectTo(sandbox, client);
  return { sandbox, ads, calls: () => callsOf(sandbox, ACCOUNT) };
}

const withStatus = (status: string): string => world.campaigns.find((one) => one.status === status)?.id ?? "";
const running = withStatus("ACTIVE");

describe("the status of a campaign", () => {
  it("is written only if it differs", async () => {
    const { ads, calls } = await start();
    expect(await ads.setCampaignStatus(running, "PAUSED")).toBe("CHANGED");
    expect(await calls()).toEqual([`GET campaigns/${running} 200`, `PATCH campaigns/${running} 200`]);
    expect(requireAll(await ads.campaignsById([running]))[0]?.status).toBe("PAUSED");
    await calls();
    expect(await ads.setCampaignStatus(running, "PAUSED")).toBe("UNCHANGED");
    expect(await calls()).toEqual([`GET campaigns/${running} 200`]);
    expect(await ads.setCampaignStatus(running, "ACTIVE")).toBe("CHANGED");
    const { total } = await ads.campaigns({ limit: 1, offset: 0, statuses: ["PAUSED"] });
    expect(total).toBe(world.campaigns.filter(({ status }) => status === "PAUSED").length);
  });

  it.each(["AGENT_CONTROLLED", "ACTIVE_RESTRICTED"])("counts %s as ACTIVE", async (status) => {
    const { ads, calls } = await start();
    const id = withStatus(status);
    expect(await ads.setCampaignStatus(id, "ACTIVE")).toBe("UNCHANGED");
    expect(await calls()).toEqual([`GET campaigns/${id} 200`]);
  });

  it("is changed once, also after a lost response", async () => {
    const { ads, sandbox, calls } = await start();
    await misbehave(sandbox, LOST);
    expect(await failure(ads.setCampaignStatus(running, "PAUSED"))).toMatchObject({ retryable: true, final: false });
    await behave(sandbox);
    expect(await ads.setCampaignStatus(running, "PAUSED")).toBe("UNCHANGED");
    expect((await calls()).filter((call) => call.startsWith("PATCH"))).toEqual([`PATCH campaigns/${running} 200`]);
  });

  it("of an unknown campaign is a final error with status 404", async () => {
    const { ads, calls } = await start();
    expect(await failure(ads.setCampaignStatus(UNKNOWN, "PAUSED"))).toMatchObject({ status: 404, final: true });
    // Whether our account is right is looked at too.
    expect(await calls()).toEqual([`GET campaigns/${UNKNOWN} 404`, "GET /ads/v3/ad_accounts/sandbox 200"]);
  });

  it("is not retried by the client after 429", async () => {
    let now = NOW;
    const { ads, sandbox, calls } = await start({}, { now: () => now });
    await misbehave(sandbox, { status: 429, only: "write" });
    expect(await failure(ads.setCampaignStatus(running, "PAUSED"))).toMatchObject({
      status: 429,
      retryAfterMs: 30_000,
      retryable: true,
      final: false,
    });
    expect(await calls()).toEqual([`GET campaigns/${running} 200`, `PATCH campaigns/${running} 429`]);
    await behave(sandbox);
    now += 30_000;
    expect(await ads.setCampaignStatus(running, "PAUSED")).toBe("CHANGED");
  });

  it("has the upstream's retry-after", async () => {
    const { ads } = await start({ limits: { requests: 1, reports: 1 } });
    expect(await failure(ads.setCampaignStatus(running, "PAUSED"))).toMatchObject({
      status: 429,
      retryAfterMs: 30_000,
      retryable: true,
    });
  });

  it("is sent again with a new token after a 401", async () => {
    const sandbox = createSpotifyAdsSandbox({ world, now: () => NOW });
    let revoked = "";
    // The token expires between the read and the write: the first token that is sent with a write is refused.
    sandbox.app.addHook("onRequest", async ({ method, headers }, reply) => {
      if (method === "PATCH") revoked ||= headers.authorization ?? "";
      return headers.authorization === revoked ? reply.code(401).send({}) : undefined;
    });
    const { ads } = await connectTo(sandbox);
    expect(await ads.setCampaignStatus(running, "PAUSED")).toBe("CHANGED");
    expect(await callsOf(sandbox, ACCOUNT)).toEqual([
      `GET campaigns/${running} 200`,
      `PATCH campaigns/${running} 401`,
      `PATCH campaigns/${running} 200`,
    ]);
  });
});

describe("the targets of an ad set", () => {
  const [one = "", two = "", three = ""] = world.audiences.map(({ id }) => id);
  const adSet = world.adSets.find(({ targets }) => targets.sensitive_topic_exclusions && targets.language);
  const id = adSet?.id ?? "";
  const patched = async (sandbox: Sandbox): Promise<unknown> =>
    (await sandbox.app.inject("/sandbox/calls"))
      .json<{ recent: { method: string; body: unknown }[] }>()
      .recent.find(({ method }) => method === "PATCH")?.body;

  it("change only in their audiences, and only if these differ as sets", async () => {
    const { ads, sandbox, calls } = await start();
    expect(await ads.retargetAdSet(id, { include: [one, two, one], exclude: [three] })).toBe("CHANGED");
    expect(await patched(sandbox)).toEqual({
      targets: { ...adSet?.targets, audience_ids: [one, two], audience_ids_exclusions: [three] },
    });
    expect(await calls()).toEqual([`GET ad_sets/${id} 200`, `PATCH ad_sets/${id} 200`]);
    const sets = requireAll(requireAll(await ads.adSets([adSet?.campaign_id ?? ""])).flat());
    expect(sets.find((set) => set.id === id)?.targets).toMatchObject({
      audienceIds: [one, two],
      excludedAudienceIds: [three],
      language: adSet?.targets.language,
      placements: adSet?.targets.placements,
    });
    await calls();
    expect(await ads.retargetAdSet(id, { include: [two, one], exclude: [three] })).toBe("UNCHANGED");
    expect(await calls()).toEqual([`GET ad_sets/${id} 200`]);
    expect(await ads.retargetAdSet(id, { include: [], exclude: [] })).toBe("CHANGED");
    expect(await ads.retargetAdSet(id, { include: [], exclude: [] })).toBe("UNCHANGED");
  });

  it("keep unknown fields, and omit unset ones", async () => {
    const targets = { ...adSet?.targets, moods: ["calm"], language: null };
    const adSets = world.adSets.map((set) => (set.id === id ? { ...set, targets } : set));
    const { ads, sandbox } = await start({ world: { ...world, adSets } as unknown as CampaignWorld });
    expect(await ads.retargetAdSet(id, { include: [one], exclude: [] })).toBe("CHANGED");
    const { language: _language, ...others } = targets;
    expect(await patched(sandbox)).toEqual({
      targets: { ...others, audience_ids: [one], audience_ids_exclusions: [] },
    });
  });

  it("are changed once, also after a lost response", async () => {
    const { ads, sandbox, calls } = await start();
    await misbehave(sandbox, LOST);
    await failure(ads.retargetAdSet(id, { include: [one], exclude: [two] }));
    await behave(sandbox);
    expect(await ads.retargetAdSet(id, { include: [one], exclude: [two] })).toBe("UNCHANGED");
    expect((await calls()).filter((call) => call.startsWith("PATCH"))).toHaveLength(1);
  });

  it("fail permanently with the API's message if they are invalid", async () => {
    const { ads } = await start();
    expect(await failure(ads.retargetAdSet(id, { include: [UNKNOWN], exclude: [] }))).toMatchObject({
      message: `Cannot ask spotify-ads: it answered 400: INVALID_REQUEST: targets: no such audience: ${UNKNOWN}`,
      final: true,
    });
    expect((await failure(ads.retargetAdSet(id, { include: [one], exclude: [one] }))).status).toBe(400);
    expect((await failure(ads.retargetAdSet(UNKNOWN, { include: [one], exclude: [] }))).status).toBe(404);
  });
});

describe("an audience that was just made", () => {
  it("is awaited by the ad set that shall have it", async () => {
    let now = NOW;
    const { ads, sandbox } = await start({ now: () => now });
    await misbehave(sandbox, { absentMs: 60_000 });
    const include = [await ads.ensureAudience("HIGH_VALUE", "key")];
    const adSet = world.adSets[0]?.id ?? "";
    const refused = await failure(ads.retargetAdSet(adSet, { include, exclude: [], hasNew: true }));
    expect(refused).toMatchObject({ status: 400, isAwaited: true, final: false });
    now += 60_000;
    expect(await ads.retargetAdSet(adSet, { include, exclude: [], hasNew: true })).toBe("CHANGED");
  });

  it("is in no list at first", async () => {
    let now = NOW;
    const { ads, sandbox } = await start({ now: () => now });
    await misbehave(sandbox, { listsLagMs: 60_000 });
    const id = await ads.ensureAudience("HIGH_VALUE", "key");
    const isListed = async () => withoutErrors(await ads.audiences()).some((audience) => audience.id === id);
    expect(await isListed()).toBe(false);
    now += 60_000;
    expect(await isListed()).toBe(true);
  });
});

describe("an audience", () => {
  const names = world.audiences.map(({ name }) => name).toSorted();

  it("is found by its name, and then not created", async () => {
    const { ads, calls } = await start();
    expect((await ads.audiences()).map(({ name }) => name)).toEqual(names);
    expect(await ads.ensureAudience("Loyal listeners", "key")).toBe(
      world.audiences.find(({ name }) => name === "Loyal listeners")?.id,
    );
    expect(await calls()).toEqual(["GET audiences 200", "GET audiences 200"]);
  });

  it("is created without members if none has its name", async () => {
    const { ads, sandbox, calls } = await start();
    const id = await ads.ensureAudience("HIGH_VALUE", "key");
    const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{ recent: { body: unknown }[] }>();
    expect(recent.at(-1)?.body).toEqual({ audience_type: "CUSTOM", subtype: "CUSTOMER_LIST", name: "HIGH_VALUE" });
    expect(await calls()).toEqual(["GET audiences 200", "POST audiences 201"]);
    expect(await ads.ensureAudience("HIGH_VALUE", "another key")).toBe(id);
    expect(await calls()).toEqual(["GET audiences 200"]);
    expect(requireAll(await ads.audiences()).find((audience) => audience.id === id)).toEqual({
      id,
      name: "HIGH_VALUE",
      status: "EMPTY",
    });
  });

  it("is looked up on every page", async () => {
    const audiences = Array.from({ length: 120 }, (_none, index) => ({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      name: `Audience ${String(index).padStart(3, "0")}`,
    }));
    const { ads, calls } = await start({ world: { ...world, audiences } });
    expect(await ads.ensureAudience("Audience 119", "key")).toBe(audiences[119]?.id);
    expect(await calls()).toEqual(["GET audiences 200", "GET audiences 200", "GET audiences 200"]);
  });

  it("is created once, also after a lost response", async () => {
    const { ads, sandbox, calls } = await start();
    await misbehave(sandbox, LOST);
    await failure(ads.ensureAudience("HIGH_VALUE", "key"));
    await behave(sandbox);
    const id = await ads.ensureAudience("HIGH_VALUE", "key");
    expect((await ads.audiences()).filter(({ name }) => name === "HIGH_VALUE")).toEqual([
      { id, name: "HIGH_VALUE", status: "EMPTY" },
    ]);
    expect((await calls()).filter((call) => call.startsWith("POST"))).toEqual(["POST audiences 201"]);
  });

  it("that is being created is retryable after the upstream's retry-after", async () => {
    const { ads } = await start({ creationMs: 100 });
    const both = await results([1, 2].map(() => ads.ensureAudience("HIGH_VALUE", "key")));
    const error = both.find((one) => one instanceof Error);
    const id = both.find((one) => typeof one === "string");
    expect(error).toMatchObject({
      message: "Cannot ask spotify-ads: it answered 409: IDEMPOTENCY_REQUEST_IN_PROGRESS",
      status: 409,
      retryAfterMs: 1000,
      retryable: true,
      final: false,
    });
    expect(await ads.ensureAudience("HIGH_VALUE", "key")).toBe(id);
  });

  it("is not created with a key of another", async () => {
    const { ads } = await start();
    await ads.ensureAudience("HIGH_VALUE", "key");
    expect(await failure(ads.ensureAudience("WIN_BACK", "key"))).toMatchObject({
      message: "Cannot ask spotify-ads: it answered 409: IDEMPOTENCY_KEY_REUSED",
      retryable: false,
      final: true,
    });
  });

  it.each([
    ["at the top", { error_code: "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED" }],
    ["among the codes", { error_codes: [{ code: "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED", definition: "" }] }],
  ])("that is not in the list yet is found by the URI in a 409 with the code %s", async (_where, body) => {
    const ads = await unlisted({ ...body, resource_uri: `${ACCOUNT}audiences/${UNKNOWN}` });
    expect(await ads.ensureAudience("HIGH_VALUE", "key")).toBe(UNKNOWN);
  });

  it("that is neither in the list nor in a 409 is retryable", async () => {
    const ads = await unlisted({ error_code: "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED" });
    expect(await failure(ads.ensureAudience("HIGH_VALUE", "key"))).toMatchObject({ status: 409, retryable: true });
    const unknown = await unlisted({ error_code: "IDEMPOTENCY_OUTCOME_INDETERMINATE" });
    expect(await failure(unknown.ensureAudience("HIGH_VALUE", "key"))).toMatchObject({ status: 409, final: true });
  });

  it("has a name of 2 to 80 characters", async () => {
    const { ads, calls } = await start();
    for (const name of ["x", "x".repeat(81), " blank"]) {
      await expect(ads.ensureAudience(name, "key")).rejects.toThrow(RangeError);
    }
    expect(await calls()).toEqual([]);
  });

  /** A Spotify Ads without audiences that answers 409 to a request to create one. */
  async function unlisted(conflict: object): Promise<SpotifyAds> {
    const { ads } = await routing((app) => {
      app.get(`${ACCOUNT}audiences`, () => ({ paging: { total_results: 0 }, audiences: [] }));
      app.post(`${ACCOUNT}audiences`, (_request, reply) => reply.code(409).send(conflict));
    });
    return ads;
  }
});

describe("the sandbox of Spotify Ads, changed", () => {
  it.each([
    ["PATCH", `campaigns/${running}`, {}, "nothing to update"],
    [
      "PATCH",
      `campaigns/${running}`,
      { status: "UNSET" },
      'Invalid option: expected one of "ACTIVE"|"PAUSED"|"ARCHIVED"',
    ],
    ["PATCH", `ad_sets/${world.adSets[0]?.id}`, { targets: {} }, "Invalid input: expected array, received undefined"],
    ["POST", "audiences", { name: "x" }, "the sandbox creates no audience but CUSTOM"],
  ] as const)("refuses %s %s %j", async (method, path, payload, words) => {
    const sandbox = createSpotifyAdsSandbox({ world, now: () => NOW });
    open.push(sandbox);
    const bought = await sandbox.app.inject({
      method: "POST",
      url: "/api/token",
      headers: {
        authorization: `Basic ${btoa("sandbox:sandbox")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: "grant_type=refresh_token&refresh_token=sandbox",
    });
    const headers = { authorization: `Bearer ${bought.json<{ access_token: string }>().access_token}` };
    const answer = await sandbox.app.inject({ method, url: `${ACCOUNT}${path}`, headers, payload });
    const { error_codes: codes, messages } = answer.json<{ error_codes: { code: string }[]; messages: string[] }>();
    expect([answer.statusCode, codes[0]?.code]).toEqual([400, "INVALID_REQUEST"]);
    expect(messages.join()).toContain(words);
  });

  it("does not change the world", async () => {
    const { ads } = await start();
    const before = structuredClone(world);
    await ads.setCampaignStatus(running, "PAUSED");
    await ads.retargetAdSet(world.adSets[0]?.id ?? "", { include: [], exclude: world.audiences.map(({ id }) => id) });
    await ads.ensureAudience("HIGH_VALUE", "key");
    expect(world).toEqual(before);
  });
});
