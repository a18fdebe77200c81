/** Episodes and tracks, read in lists. */
import { describe, expect, it } from "vitest";
import { createSpotifyWebSandbox } from "../../../subgraphs/sandbox/spotify-web/server.ts";
import { trackId } from "../../../subgraphs/sandbox/world/tracks.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { misbehave } from "../../support/sandbox-control.ts";
import {
  today,
  NOBODY,
  world,
  published,
  publishedIds,
  start,
  connect,
  calls,
  failure,
  TOKEN,
} from "../../support/spotify-web-client.ts";

const LIST = "GET /v1/episodes 200";

describe("the Web API's client", () => {
  it("reads what is used of an episode", async () => {
    const { web } = await start();
    const known = published.find(({ explicit, restriction }) => explicit === "yes" && restriction === null);
    const [episode] = requireAll(await web.episodes([known?.spotifyId ?? ""]));
    expect(episode).toEqual({
      id: known?.spotifyId,
      explicit: true,
      languages: known?.languages,
    });
  });

  it("reads 120 episodes in three lists", async () => {
    const { sandbox, web } = await start();
    const ids = publishedIds.slice(0, 120);
    const episodes = requireAll(await web.episodes(ids));
    expect(episodes.map((episode) => episode?.id)).toEqual(ids);
    expect(await calls(sandbox)).toEqual([TOKEN, LIST, LIST, LIST]);
  });

  it("keeps the other lists if one fails", async () => {
    const [ids, at] = [publishedIds.slice(0, 120), publishedIds[60] ?? ""];
    const sandbox = createSpotifyWebSandbox({ world, mode: "extended", now: () => today });
    sandbox.app.addHook("onRequest", async ({ url }, reply) =>
      url.includes(at) ? reply.code(500).send({}) : undefined,
    );
    const web = await connect(sandbox);
    const failed = failure({ message: "Cannot ask spotify-web: it answered 500", retryable: true });
    expect(await web.episodes(ids)).toEqual(
      ids.map((id, index) => (index >= 50 && index < 100 ? failed : expect.objectContaining({ id }))),
    );
    expect((await calls(sandbox)).toSorted()).toEqual(["GET /v1/episodes 500", LIST, LIST, TOKEN].toSorted());
  });

  it.each([
    ["extended", 11],
    ["development", 31],
  ] as const)("gives null for an id that Spotify calls invalid, and all others: %s mode", async (mode, requests) => {
    const { sandbox, web } = await start(mode);
    const ids = Array.from({ length: 30 }, (_none, index) => trackId(false, "valid", index));
    ids.splice(17, 1, `zzzz${"a".repeat(18)}`);
    const tracks = requireAll(await web.tracks(ids));
    expect(tracks.map((track) => track?.id ?? null)).toEqual(ids.map((id, index) => (index === 17 ? null : id)));
    expect((await calls(sandbox)).filter((call) => call !== TOKEN)).toHaveLength(requests);
  });

  it("is aligned with the ids, and reads repeated ones once", async () => {
    const { sandbox, web } = await start();
    const [a = "", b = ""] = publishedIds;
    const episodes = requireAll(await web.episodes([b, NOBODY, a, b, b]));
    expect(episodes.map((episode) => episode?.id ?? null)).toEqual([b, null, a, b, b]);
    const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{ recent: { path: string }[] }>();
    expect(recent.at(-1)?.path).toBe(`/v1/episodes?ids=${b}%2C${NOBODY}%2C${a}&market=US`);
  });

  it("sends no request without valid ids", async () => {
    const { sandbox, web } = await start();
    expect(await web.episodes([])).toEqual([]);
    expect(await web.tracks([])).toEqual([]);
    expect(await web.episodes(["", "../me", "too-short"])).toEqual([null, null, null]);
    expect(await calls(sandbox)).toEqual([]);
  });

  it("does not send a malformed id with a list", async () => {
    const { web } = await start();
    const [a = ""] = publishedIds;
    expect(requireAll(await web.episodes([a, "no id"])).map((episode) => episode?.id ?? null)).toEqual([a, null]);
  });

  it("finds no drafts, and a scheduled episode from its date", async () => {
    let clock = today;
    const { web } = await start("extended", {}, () => clock);
    const scheduled = world.episodes.find(({ draft, pubdate }) => !draft && Number(pubdate) > today);
    const draft = world.episodes.find((episode) => episode.draft);
    const ids = [scheduled?.spotifyId ?? "", draft?.spotifyId ?? ""];
    expect(await web.episodes(ids)).toEqual([null, null]);
    clock = Number(scheduled?.pubdate);
    expect(requireAll(await web.episodes(ids)).map((episode) => episode?.id ?? null)).toEqual([ids[0], null]);
  });

  it("finds the episodes that are available in its market", async () => {
    const offered =
      (market: string) =>
      (episode: (typeof published)[number]): boolean =>
        world.shows.find(({ podcastId }) => podcastId === episode.podcastId)?.markets.includes(market) === true;
    const other = published.find((episode) => !offered("SE")(episode));
    const swedish = published.find(offered("SE"));
    const { web } = await start("extended", { market: "SE" });
    const episodes = requireAll(await web.episodes([other?.spotifyId ?? "", swedish?.spotifyId ?? ""]));
    expect(episodes.map((one) => one?.id ?? null)).toEqual([null, swedish?.spotifyId]);
  });

  it("reads whether tracks are explicit", async () => {
    const { sandbox, web } = await start();
    const [clean, explicit] = [trackId(false, "test"), trackId(true, "test")];
    expect(await web.tracks([explicit, NOBODY, "no id", clean, explicit])).toEqual([
      { id: explicit, explicit: true },
      null,
      null,
      { id: clean, explicit: false },
      { id: explicit, explicit: true },
    ]);
    const many = Array.from({ length: 120 }, (_none, nth) => trackId(nth === 100, "test", nth));
    expect(requireAll(await web.tracks(many)).filter((track) => track?.explicit)).toHaveLength(1);
    expect(await calls(sandbox)).toEqual([TOKEN, ...Array<string>(4).fill("GET /v1/tracks 200")]);
  });

  it("reads tracks one by one if lists are forbidden, with an error for each failure", async () => {
    const { sandbox, web } = await start("development");
    const ids = [trackId(true, "one"), NOBODY];
    expect(await web.tracks(ids)).toEqual([{ id: ids[0], explicit: true }, null]);
    expect((await calls(sandbox)).slice(1).toSorted()).toEqual(
      [
        "GET /v1/tracks 403",
        `GET /v1/tracks/${NOBODY} 404`,
        `GET /v1/tracks/${ids[0]} 200`,
        "GET /v1/search 200",
      ].toSorted(),
    );
    await misbehave(sandbox, { status: 500 });
    expect(await web.tracks(ids)).toEqual([failure({ status: 500 }), failure({ status: 500 })]);
  });

  it("fetches one token for concurrent reads", async () => {
    const { sandbox, web } = await start();
    await Promise.all([web.episodes(publishedIds.slice(0, 3)), web.tracks([NOBODY])]);
    expect((await calls(sandbox)).filter((call) => call === TOKEN)).toHaveLength(1);
  });

  it("fetches another token after a 401", async () => {
    let clock = today;
    const { sandbox, web } = await start("extended", { now: () => today }, () => clock);
    await web.tracks([NOBODY]);
    clock += 3_600_000;
    expect(await web.tracks([NOBODY])).toEqual([null]);
    expect(await calls(sandbox)).toEqual([
      TOKEN,
      "GET /v1/tracks 200",
      "GET /v1/tracks 401",
      TOKEN,
      "GET /v1/tracks 200",
    ]);
  });

  it("reports why it gets no token", async () => {
    const { web } = await start("extended", { clientSecret: "wrong" });
    expect(await web.tracks([NOBODY])).toEqual([
      failure({
        message: "Cannot ask spotify-web-accounts: it answered 400: invalid_client: Invalid client",
        status: 400,
        retryable: false,
      }),
    ]);
  });
});
