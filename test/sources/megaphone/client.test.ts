/** Podcasts and pages of episodes. */
import { describe, expect, it } from "vitest";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { today, world, time, start, connect, calls, episodesOf, LIST, first } from "../../support/megaphone-client.ts";

describe("Megaphone's client", () => {
  it("reads all podcasts in one request", async () => {
    const { sandbox, megaphone } = await start();
    const podcasts = requireAll(await megaphone.podcasts());
    const [show] = world.shows;
    expect(podcasts[0]).toEqual({
      id: show?.podcastId,
      title: show?.title,
      author: show?.author,
    });
    expect(podcasts.map(({ id }) => id)).toEqual(world.shows.map(({ podcastId }) => podcastId));
    expect(await calls(sandbox)).toEqual(["?page=1&per_page=500 200"]);
  });

  it("reads podcasts page by page, with pages of any size", async () => {
    const podcasts = ["a", "b", "c"].map((id) => ({ id, title: id }));
    const sandbox = createSandbox({
      name: "megaphone",
      problem: () => ({}),
      routes: (app) =>
        void app.get<{ Querystring: { page: string } }>("/api/networks/sandbox/podcasts", (request, reply) => {
          const page = Number(request.query.page);
          return reply.header("x-total", "3").send(podcasts.slice(page * 2 - 2, page * 2));
        }),
    });
    const megaphone = await connect(sandbox);
    expect(requireAll(await megaphone.podcasts()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(await calls(sandbox)).toHaveLength(2);
  });

  it("reads what is used of an episode", async () => {
    const { megaphone } = await start();
    const known = world.episodes.find(({ explicit, draft }) => explicit === "yes" && !draft);
    const episode = await megaphone.episode(known?.podcastId ?? "", known?.id ?? "");
    expect(episode).toEqual({
      id: known?.id,
      podcastId: known?.podcastId,
      podcastTitle: world.shows.find(({ podcastId }) => podcastId === known?.podcastId)?.title,
      title: known?.title,
      summary: known?.summary,
      explicit: true,
      draft: false,
      publishedAt: known?.pubdate,
      durationMs: known?.durationMs,
      audioFileStatus: "success",
      contentRating: known?.contentRating,
      promotional: known?.promotionalContent,
      advertisingTags: known?.advertisingTags,
      spotifyId: known?.spotifyId,
    });
  });

  it("reads an episode without audio and without a Spotify id", async () => {
    const { megaphone } = await start();
    const silent = world.episodes.find(({ audioFileStatus }) => audioFileStatus === "no_audio");
    const episode = await megaphone.episode(silent?.podcastId ?? "", silent?.id ?? "");
    expect([episode?.audioFileStatus, episode?.durationMs, episode?.spotifyId]).toEqual(["no_audio", 0, null]);
    const scheduled = world.episodes.find(({ draft, pubdate }) => !draft && Number(pubdate) > today);
    const [podcastId, id] = [scheduled?.podcastId ?? "", scheduled?.id ?? ""];
    expect((await megaphone.episode(podcastId, id))?.spotifyId).toBeNull();
    time.now = Number(scheduled?.pubdate);
    expect((await megaphone.episode(podcastId, id))?.spotifyId).toBe(scheduled?.spotifyId);
  });

  it("reads a page of episodes, newest first, with the total", async () => {
    const { sandbox, megaphone } = await start();
    const { total, episodes } = await megaphone.episodes(first, { page: 1, perPage: 500 });
    expect([total, episodes.length]).toEqual([48, 48]);
    const known = new Map(world.episodes.map(({ id, pubdate, createdAt }) => [id, Number(pubdate ?? createdAt)]));
    const dates = requireAll(episodes).map(({ id }) => known.get(id) ?? 0);
    expect(dates).toEqual(dates.toSorted((a, b) => b - a));
    const second20 = await megaphone.episodes(first, { page: 2, perPage: 20 });
    expect(second20).toEqual({ total: 48, episodes: episodes.slice(20, 40) });
    const drafts = await megaphone.episodes(first, { page: 1, perPage: 500, draft: true });
    expect(drafts.total).toBe(episodesOf(first).filter(({ draft }) => draft).length);
    expect(requireAll(drafts.episodes).every(({ draft }) => draft)).toBe(true);
    expect(await calls(sandbox)).toEqual([
      `/${first}${LIST}`,
      `/${first}/episodes?page=2&per_page=20 200`,
      `/${first}/episodes?page=1&per_page=500&draft=true 200`,
    ]);
  });

  it.each([
    [{ page: 0, perPage: 10 }, "page must be a whole number from 1 but got 0"],
    [{ page: 1, perPage: 501 }, "perPage must be a whole number from 1 to 500 but got 501"],
  ])("rejects the page %o", async (list, message) => {
    const { sandbox, megaphone } = await start();
    await expect(megaphone.episodes(first, list)).rejects.toThrow(new RangeError(message));
    expect(await calls(sandbox)).toEqual([]);
  });

  it("finds nothing for unknown ids", async () => {
    const { megaphone } = await start();
    expect(await megaphone.episode(first, "nobody")).toBeNull();
    expect(await megaphone.episode("nobody", "nobody")).toBeNull();
    expect(await megaphone.episode("..", "a/b?c")).toBeNull();
    expect(await megaphone.episodes("nobody", { page: 1, perPage: 10 })).toEqual({ total: 0, episodes: [] });
  });
});
