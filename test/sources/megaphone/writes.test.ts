import { afterEach, describe, expect, it } from "vitest";
import { createEpisodeChanges } from "../../../subgraphs/sandbox/episode-changes.ts";
import { createMegaphoneSandbox } from "../../../subgraphs/sandbox/megaphone/server.ts";
import type { MegaphoneSandboxOptions } from "../../../subgraphs/sandbox/megaphone/server.ts";
import { createSpotifyWebSandbox } from "../../../subgraphs/sandbox/spotify-web/server.ts";
import { createEpisodes } from "../../../subgraphs/sandbox/world/episodes.ts";
import type { WorldEpisode } from "../../../subgraphs/sandbox/world/episode.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { createMegaphone } from "../../../subgraphs/sources/megaphone/client.ts";
import { createSpotifyWeb } from "../../../subgraphs/sources/spotify-web/client.ts";
import { LOST, calls as callsOf, failure, misbehave, behave } from "../../support/sandbox-control.ts";
import { whole } from "../../support/whole.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const world = whole(createEpisodes({ scale: 1, now: new Date(NOW), advertisers: [] }));
const inUs = new Set(world.shows.filter(({ markets }) => markets.includes("US")).map(({ podcastId }) => podcastId));
const draft = world.episodes.find((episode) => episode.draft && inUs.has(episode.podcastId)) as WorldEpisode;
const ref = { podcastId: draft.podcastId, episodeId: draft.id };
const path = `${ref.podcastId}/episodes/${ref.episodeId}`;
const PODCASTS = "/api/networks/sandbox/podcasts/";
const at = new Date("2026-03-10T11:59:30.700Z");
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function start(options: Partial<MegaphoneSandboxOptions> = {}) {
  const sandbox = createMegaphoneSandbox({ world, now: () => NOW, ...options });
  open.push(sandbox);
  const account = { networkId: "sandbox", token: "sandbox" };
  const megaphone = createMegaphone({ baseUrl: `${await sandbox.listen()}/api`, ...account, now: () => NOW });
  open.push(megaphone);
  return { sandbox, megaphone, calls: () => callsOf(sandbox, PODCASTS) };
}

describe("publishing an episode", () => {
  it("sends the date, and nothing if it is that date already", async () => {
    const { sandbox, megaphone, calls } = await start();
    expect(await megaphone.publishEpisode(ref, at)).toBe("CHANGED");
    const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{ recent: { body: unknown }[] }>();
    expect(recent.at(-1)?.body).toEqual({ draft: false, pubdate: "2026-03-10T11:59:30.000Z" });
    expect(await calls()).toEqual([`GET ${path} 200`, `PUT ${path} 200`]);
    expect(await megaphone.publishEpisode(ref, at)).toBe("UNCHANGED");
    expect(await calls()).toEqual([`GET ${path} 200`]);
  });

  it("is visible to the next read", async () => {
    const { megaphone } = await start();
    const list = { page: 1, perPage: 500 };
    const placeOf = async (): Promise<number> =>
      requireAll((await megaphone.episodes(ref.podcastId, list)).episodes).findIndex(({ id }) => id === ref.episodeId);
    expect([(await megaphone.episode(ref.podcastId, ref.episodeId))?.draft, await placeOf()]).not.toEqual([false, -1]);
    await megaphone.publishEpisode(ref, new Date("2040-01-01T00:00:00Z"));
    expect(await megaphone.episode(ref.podcastId, ref.episodeId)).toMatchObject({
      draft: false,
      publishedAt: new Date("2040-01-01T00:00:00Z"),
    });
    expect(await placeOf()).toBe(0);
  });

  it("changes the date of a scheduled episode", async () => {
    const scheduled = world.episodes.find(({ draft: isDraft, pubdate }) => !isDraft && Number(pubdate) > NOW);
    const { megaphone } = await start();
    const other = { podcastId: scheduled?.podcastId ?? "", episodeId: scheduled?.id ?? "" };
    expect(await megaphone.publishEpisode(other, scheduled?.pubdate ?? at)).toBe("UNCHANGED");
    expect(await megaphone.publishEpisode(other, at)).toBe("CHANGED");
  });

  it("happens once after a lost response", async () => {
    const { sandbox, megaphone, calls } = await start();
    await megaphone.episode(ref.podcastId, ref.episodeId);
    await misbehave(sandbox, LOST);
    expect(await failure(megaphone.publishEpisode(ref, at))).toMatchObject({ retryable: true, final: false });
    await behave(sandbox);
    expect((await megaphone.episode(ref.podcastId, ref.episodeId))?.draft).toBe(false);
    expect(await megaphone.publishEpisode(ref, at)).toBe("UNCHANGED");
    expect((await calls()).filter((call) => call.startsWith("PUT"))).toEqual([`PUT ${path} 200`]);
  });

  it("fails permanently for an unknown episode, and is retryable after 429", async () => {
    const { megaphone } = await start({ requestsPerMinute: 2 });
    expect(await failure(megaphone.publishEpisode({ ...ref, episodeId: "nobody" }, at))).toMatchObject({
      status: 404,
      final: true,
    });
    expect(await failure(megaphone.publishEpisode(ref, at))).toMatchObject({
      status: 429,
      retryable: true,
      retryAfterMs: 60_000,
    });
    await expect(megaphone.publishEpisode(ref, new Date(Number.NaN))).rejects.toThrow(RangeError);
  });

  it("makes it available in the Web API", async () => {
    const changes = createEpisodeChanges();
    const { megaphone } = await start({ changes });
    const web = createSpotifyWebSandbox({ world, changes, mode: "extended", now: () => NOW });
    const origin = await web.listen();
    const client = createSpotifyWeb({
      baseUrl: `${origin}/v1`,
      tokenUrl: `${origin}/api/token`,
      clientId: "sandbox",
      clientSecret: "sandbox",
      refreshToken: "sandbox",
    });
    open.push(web, client);
    expect(requireAll(await client.episodes([draft.spotifyId]))).toEqual([null]);
    await megaphone.publishEpisode(ref, at);
    expect(requireAll(await client.episodes([draft.spotifyId]))[0]).toMatchObject({ id: draft.spotifyId });
    expect((await megaphone.episode(ref.podcastId, ref.episodeId))?.spotifyId).toBe(draft.spotifyId);
  });
});

describe("the sandbox of Megaphone, changed", () => {
  it.each([
    [{ draft: "no" }, "draft: Invalid input: expected boolean, received string"],
    [{ pubdate: "soon" }, "pubdate: Invalid ISO datetime"],
    [{ title: "" }, "title: Too small: expected string to have >=1 characters"],
  ])("refuses %j", async (payload, detail) => {
    const { sandbox } = await start();
    const headers = { authorization: 'Token token="sandbox"' };
    const answer = await sandbox.app.inject({ method: "PUT", url: `${PODCASTS}${path}`, headers, payload });
    expect([answer.statusCode, answer.json()]).toEqual([422, { errors: [{ code: "422", detail }] }]);
  });

  it("changes only the given fields, and not the world", async () => {
    const { sandbox } = await start();
    const headers = { authorization: 'Token token="sandbox"' };
    const before = (await sandbox.app.inject({ url: `${PODCASTS}${path}`, headers })).json<object>();
    const payload = { title: "Another title" };
    const answer = await sandbox.app.inject({ method: "PUT", url: `${PODCASTS}${path}`, headers, payload });
    expect(answer.json()).toEqual({ ...before, ...payload, updatedAt: new Date(NOW).toISOString() });
    expect(world.episodes.find(({ id }) => id === draft.id)?.title).toBe(draft.title);
  });
});
