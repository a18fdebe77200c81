/** Our own account's trouble, at every upstream: never final, and the error names what an operator has to renew. */
import { afterEach, describe, expect, it } from "vitest";
import { createCrmSandbox, SANDBOX_SECRET } from "../../subgraphs/sandbox/crm/server.ts";
import type { Faults, Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createMegaphoneSandbox } from "../../subgraphs/sandbox/megaphone/server.ts";
import { createSoundtrackSandbox } from "../../subgraphs/sandbox/soundtrack/server.ts";
import { createSpotifyAdsSandbox } from "../../subgraphs/sandbox/spotify-ads/server.ts";
import { createSpotifyWebSandbox } from "../../subgraphs/sandbox/spotify-web/server.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { createCrm } from "../../subgraphs/sources/crm/client.ts";
import { createMegaphone } from "../../subgraphs/sources/megaphone/client.ts";
import { createSoundtrack } from "../../subgraphs/sources/soundtrack/client.ts";
import { connectSoundtrack } from "../../subgraphs/sources/soundtrack/connection.ts";
import { unkeptFacts } from "../support/facts.ts";
import { createSpotifyAds } from "../../subgraphs/sources/spotify-ads/client.ts";
import { createSpotifyWeb } from "../../subgraphs/sources/spotify-web/client.ts";
import { MISSING_ID } from "../support/mutations.ts";
import { NOW } from "../support/now.ts";
import { behave, failure, misbehave } from "../support/sandbox-control.ts";
import { whole } from "../support/whole.ts";

const world = whole(createWorld({ scale: 1, now: new Date(NOW) }));
const now = () => NOW;
const spotify = { clientId: "sandbox", clientSecret: "sandbox", refreshToken: "sandbox" };
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Started {
  readonly sandbox: Sandbox;
  /** A write, as an effect makes it. */
  readonly write: () => Promise<unknown>;
}

const [campaign] = world.campaigns.campaigns;
const [episode] = world.episodes.episodes;
const [zone] = world.locations.locations.flatMap(({ zones }) => zones);

async function startWeb(): Promise<Started> {
  const sandbox = createSpotifyWebSandbox({ world: world.episodes, mode: "extended", now });
  const origin = await sandbox.listen();
  const web = createSpotifyWeb({ ...spotify, baseUrl: `${origin}/v1`, tokenUrl: `${origin}/api/token` });
  open.push(sandbox, web);
  const draft = { marker: "request-1", name: "Night", description: "", uris: [] };
  return { sandbox, write: () => web.ensurePlaylist(draft) };
}

async function startAds(): Promise<Started> {
  const sandbox = createSpotifyAdsSandbox({ world: world.campaigns, now });
  const origin = await sandbox.listen();
  const tokenUrl = `${origin}/api/token`;
  const ads = createSpotifyAds({ ...spotify, accountId: "sandbox", baseUrl: `${origin}/ads/v3`, tokenUrl });
  open.push(sandbox, ads);
  return { sandbox, write: () => ads.setCampaignStatus(campaign?.id ?? MISSING_ID, "PAUSED") };
}

async function startMegaphone(): Promise<Started> {
  const sandbox = createMegaphoneSandbox({ world: world.episodes, requestsPerMinute: 60, now });
  const origin = await sandbox.listen();
  const megaphone = createMegaphone({ baseUrl: `${origin}/api`, networkId: "sandbox", token: "sandbox", now });
  open.push(sandbox, megaphone);
  const ref = { podcastId: episode?.podcastId ?? "", episodeId: episode?.id ?? "" };
  return { sandbox, write: () => megaphone.publishEpisode(ref, new Date(NOW)) };
}

async function startSoundtrack(): Promise<Started> {
  const sandbox = createSoundtrackSandbox({ world: world.locations, bucket: { capacity: 3600, perSecond: 50 }, now });
  const soundtrack = createSoundtrack(
    connectSoundtrack({ baseUrl: `${await sandbox.listen()}/v2`, token: "sandbox" }),
    unkeptFacts().of("soundtrack", {}),
  );
  open.push(sandbox, soundtrack);
  const source = `spotify:playlist:${"1".repeat(22)}`;
  return { sandbox, write: () => soundtrack.assignSource([zone?.id ?? ""], source) };
}

async function startCrm(): Promise<Started> {
  const sandbox = createCrmSandbox({ now });
  const crm = createCrm({ url: `${await sandbox.listen()}/leads`, secret: SANDBOX_SECRET, now });
  open.push(sandbox, crm);
  return { sandbox, write: () => crm.send({ id: "effect_1", type: "lead.routed", data: {}, at: new Date(NOW) }) };
}

const GRANT: Faults = { account: "invalid_grant" };
const CLIENT: Faults = { account: "invalid_client" };
const FORBIDDEN: Faults = { status: 403 };
const WEB = "SPOTIFY_WEB_";
const ADS = "SPOTIFY_ADS_";

describe("an account that an upstream refuses", () => {
  it.each([
    ["Spotify Web, whose grant has ended", startWeb, GRANT, [`${WEB}REFRESH_TOKEN`]],
    ["Spotify Web, whose client is unknown", startWeb, CLIENT, [`${WEB}CLIENT_ID`, `${WEB}CLIENT_SECRET`]],
    ["Spotify Ads, whose grant has ended", startAds, GRANT, [`${ADS}REFRESH_TOKEN`]],
    ["Spotify Ads, whose client is unknown", startAds, CLIENT, [`${ADS}CLIENT_ID`, `${ADS}CLIENT_SECRET`]],
    ["Megaphone, whose token has expired", startMegaphone, GRANT, ["MEGAPHONE_TOKEN"]],
    ["Megaphone, 403 to everything", startMegaphone, FORBIDDEN, ["MEGAPHONE_TOKEN"]],
    ["Soundtrack, whose token has expired", startSoundtrack, GRANT, ["SOUNDTRACK_TOKEN"]],
    ["Soundtrack, 403 to everything", startSoundtrack, FORBIDDEN, ["SOUNDTRACK_TOKEN"]],
    ["the CRM, whose secret is another", startCrm, GRANT, ["LEADS_WEBHOOK_SECRET"]],
    ["the CRM, which answers 403 to a wrong signature", startCrm, FORBIDDEN, ["LEADS_WEBHOOK_SECRET"]],
  ] as const)("is not final and names what to renew: %s", async (_title, start, faults, renew) => {
    const { sandbox, write } = await start();
    await misbehave(sandbox, faults);
    expect(await failure(write())).toMatchObject({ renew, final: false });
    await behave(sandbox);
    await expect(write()).resolves.not.toThrow();
  });

  it.each([
    ["Spotify Web", startWeb, [`${WEB}REFRESH_TOKEN`]],
    ["Spotify Ads", startAds, [`${ADS}REFRESH_TOKEN`]],
  ] as const)("is not final either after a 403 to everything but tokens: %s", async (_title, start, renew) => {
    const { sandbox, write } = await start();
    await write();
    await misbehave(sandbox, FORBIDDEN);
    expect(await failure(write())).toMatchObject({ status: 403, renew, final: false });
  });

  it.each([
    ["Spotify Web", startWeb, [`${WEB}REFRESH_TOKEN`]],
    ["Spotify Ads", startAds, [`${ADS}REFRESH_TOKEN`]],
    ["Megaphone", startMegaphone, ["MEGAPHONE_TOKEN"]],
    ["Soundtrack", startSoundtrack, ["SOUNDTRACK_TOKEN"]],
  ] as const)("is in doubt after a 403 to this write alone: %s", async (_title, start, doubted) => {
    const { sandbox, write } = await start();
    await misbehave(sandbox, { status: 403, only: "write" });
    expect(await failure(write())).toMatchObject({ status: 403, renew: undefined, doubted, final: false });
  });

  it.each([
    ["Spotify Web", startWeb, 404, [`${WEB}BASE_URL`]],
    ["Spotify Ads", startAds, 404, [`${ADS}BASE_URL`, `${ADS}ACCOUNT_ID`]],
    ["Megaphone", startMegaphone, 404, ["MEGAPHONE_BASE_URL", "MEGAPHONE_NETWORK_ID"]],
    ["Soundtrack", startSoundtrack, 404, ["SOUNDTRACK_BASE_URL"]],
    [
      "Megaphone, whose version of the API is gone",
      startMegaphone,
      410,
      ["MEGAPHONE_BASE_URL", "MEGAPHONE_NETWORK_ID"],
    ],
    ["Spotify Ads, 400 to everything", startAds, 400, [`${ADS}BASE_URL`, `${ADS}ACCOUNT_ID`]],
  ] as const)("is unknown after a refusal of everything: %s", async (_title, start, status, renew) => {
    const { sandbox, write } = await start();
    await write();
    await misbehave(sandbox, { status });
    expect(await failure(write())).toMatchObject({ status, renew, isMisdirected: true, final: false });
    await behave(sandbox);
    await expect(write()).resolves.not.toThrow();
  });

  it.each([
    ["Spotify Web", startWeb],
    ["Spotify Ads", startAds],
    ["Megaphone", startMegaphone],
    ["Soundtrack", startSoundtrack],
  ] as const)("is another matter than a 404 to this write alone, which is final: %s", async (_title, start) => {
    const { sandbox, write } = await start();
    await misbehave(sandbox, { status: 404, only: "write" });
    expect(await failure(write())).toMatchObject({ status: 404, renew: undefined, final: true });
  });

  it("hides nothing: what is missing under a wrong network id is an error, and not nothing", async () => {
    const sandbox = createMegaphoneSandbox({ world: world.episodes, requestsPerMinute: 60, now });
    const baseUrl = `${await sandbox.listen()}/api`;
    const megaphone = createMegaphone({ baseUrl, networkId: "another", token: "sandbox", now });
    open.push(sandbox, megaphone);
    const renew = ["MEGAPHONE_BASE_URL", "MEGAPHONE_NETWORK_ID"];
    expect(await failure(megaphone.episode("a", "b"))).toMatchObject({ status: 404, renew });
  });
});

describe("an upstream that asks for patience of hours", () => {
  it.each([
    ["Spotify Web", startWeb],
    ["Spotify Ads", startAds],
    ["Megaphone", startMegaphone],
    ["Soundtrack", startSoundtrack],
    ["the CRM", startCrm],
  ] as const)("is asked once and says for how long: %s", async (_title, start) => {
    const { sandbox, write } = await start();
    await misbehave(sandbox, { status: 429, retryAfter: 7200 });
    const errors = [await failure(write()), await failure(write())];
    for (const error of errors) {
      expect(error).toMatchObject({ status: 429, retryable: true, final: false });
      expect(error.retryAfterMs).toBeGreaterThan(7_199_000);
    }
    const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{ recent: readonly unknown[] }>();
    expect(recent).toHaveLength(1);
  });
});
