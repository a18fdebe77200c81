/** How long what Megaphone told is known, what tells of what, and what a publication drops. */
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createContext } from "../../../subgraphs/platform/context.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { createMegaphoneFacts, episodeKey } from "../../../subgraphs/sources/megaphone/facts.ts";
import { keptFacts } from "../../support/facts.ts";
import { LIST, calls, episodesOf, first, second, start, time } from "../../support/megaphone-client.ts";
import { behave, misbehave } from "../../support/sandbox-control.ts";

const MINUTE_MS = 60_000;
const PAGE = "/episodes?page=1&per_page=100 200";

async function facts() {
  const { sandbox, megaphone } = await start();
  const known = createMegaphoneFacts(
    megaphone,
    keptFacts("megaphone", () => time.now),
  );
  const context = createContext(pino({ enabled: false }), { requestId: "test", operationName: undefined });
  return {
    sandbox,
    megaphone,
    known,
    podcasts: () => known.podcasts(context),
    page: (podcastId: string) => known.episodes(context, podcastId, 1),
  };
}
const keysOf = (podcastId: string): readonly string[] =>
  episodesOf(podcastId).map(({ id }) => episodeKey({ podcastId, episodeId: id }));

describe("the facts of Megaphone", () => {
  it("are fresh for a minute, with one request for concurrent reads", async () => {
    const { sandbox, page } = await facts();
    const [{ asOf }] = await Promise.all([page(first), page(first)]);
    expect(asOf).toBe(time.now);
    time.now += MINUTE_MS - 1;
    expect((await page(first)).asOf).toBe(asOf);
    expect(await calls(sandbox)).toEqual([`/${first}${PAGE}`]);
    time.now += 1;
    expect((await page(first)).asOf).toBe(time.now);
    expect(await calls(sandbox)).toHaveLength(2);
  });

  it("know podcasts for five minutes", async () => {
    const { sandbox, podcasts } = await facts();
    expect(await podcasts()).toHaveLength(12);
    time.now += 5 * MINUTE_MS - 1;
    await podcasts();
    expect(await calls(sandbox)).toHaveLength(1);
    time.now += 1;
    await podcasts();
    expect(await calls(sandbox)).toHaveLength(2);
  });

  it("know the episodes of a page, and of one that was read for others", async () => {
    const { sandbox, known, page } = await facts();
    await page(first);
    await known.episode.get(keysOf(first).slice(0, 3));
    const [one = "", two = "", ...others] = keysOf(second);
    await known.episode.get([one, two]);
    const found = requireAll(await known.episode.get(others.slice(0, 20)));
    expect(found.map(({ value }) => value?.id)).toEqual(
      episodesOf(second)
        .slice(2, 22)
        .map(({ id }) => id),
    );
    expect(await calls(sandbox)).toEqual([`/${first}${PAGE}`, `/${second}${LIST}`]);
  });

  it("know that an episode does not exist", async () => {
    const { sandbox, known } = await facts();
    const nobody = episodeKey({ podcastId: first, episodeId: "a/b?c" });
    for (let times = 0; times < 2; times += 1) {
      expect(requireAll(await known.episode.get([nobody])).map(({ value }) => value)).toEqual([null]);
    }
    // With the look at whether the network id is right.
    expect(await calls(sandbox)).toHaveLength(2);
  });

  it("keep no failure", async () => {
    const { sandbox, podcasts, page } = await facts();
    await misbehave(sandbox, { status: 500 });
    await expect(podcasts()).rejects.toMatchObject({ status: 500 });
    await expect(page(first)).rejects.toMatchObject({ status: 500 });
    await behave(sandbox);
    expect(await podcasts()).toHaveLength(12);
    expect((await page(first)).value.total).toBe(48);
  });

  it.each([{}, { body: "reset", only: "write" } as const])(
    "see a publication at once, and keep what is known of other podcasts: %j",
    async (faults) => {
      const { sandbox, known, page } = await facts();
      const draft = episodesOf(first).find((episode) => episode.draft);
      const ref = { podcastId: first, episodeId: draft?.id ?? "" };
      await Promise.all([page(first), page(second)]);
      await misbehave(sandbox, faults);
      await known.publishEpisode(ref, new Date(time.now)).catch(() => {});
      await behave(sandbox);
      const [published] = requireAll(await known.episode.get([episodeKey(ref)]));
      expect(published?.value?.draft).toBe(false);
      const listed = (await page(first)).value.episodes.find(
        (each) => !(each instanceof Error) && each.id === ref.episodeId,
      );
      expect(listed).toMatchObject({ draft: false });
      await page(second);
      expect((await calls(sandbox)).filter((call) => call.includes(second))).toHaveLength(1);
    },
  );
});
