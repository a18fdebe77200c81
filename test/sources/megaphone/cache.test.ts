/** How long reads are cached, and what invalidates them. */
import { describe, expect, it } from "vitest";
import { behave, misbehave } from "../../support/sandbox-control.ts";
import { createLoadCache } from "../../../subgraphs/platform/load-cache.ts";
import { time, start, calls, episodesOf, first, second } from "../../support/megaphone-client.ts";

describe("the cache of Megaphone's client", () => {
  const list = { page: 1, perPage: 10 };

  it("keeps a page for thirty seconds, with one request for concurrent reads", async () => {
    const { sandbox, megaphone } = await start();
    await Promise.all([megaphone.episodes(first, list), megaphone.episodes(first, list)]);
    time.now += 29_999;
    await megaphone.episodes(first, list);
    expect(await calls(sandbox)).toHaveLength(1);
    time.now += 1;
    await megaphone.episodes(first, list);
    expect(await calls(sandbox)).toHaveLength(2);
  });

  it("keeps an episode as long, and its absence", async () => {
    const { sandbox, megaphone } = await start({ pageTtlMs: 1000 });
    const [id = ""] = episodesOf(first).map((episode) => episode.id);
    const ask = (): Promise<unknown> => Promise.all([megaphone.episode(first, id), megaphone.episode(first, "nobody")]);
    await ask();
    time.now += 999;
    await ask();
    expect(await calls(sandbox)).toHaveLength(2);
    time.now += 1;
    await ask();
    expect(await calls(sandbox)).toHaveLength(4);
  });

  it("drops a podcast's entries on invalidate", async () => {
    const { sandbox, megaphone } = await start();
    const [id = ""] = episodesOf(first).map((episode) => episode.id);
    const ask = async (): Promise<void> => {
      await megaphone.episodes(first, list);
      await megaphone.episodes(second, list);
      await megaphone.episode(first, id);
    };
    await ask();
    megaphone.invalidate(first);
    await ask();
    expect((await calls(sandbox)).filter((call) => call.includes(second))).toHaveLength(1);
    expect((await calls(sandbox)).filter((call) => call.includes(first))).toHaveLength(4);
  });

  it("does not cache a failure", async () => {
    const { sandbox, megaphone } = await start();
    await misbehave(sandbox, { status: 500 });
    await expect(megaphone.podcasts()).rejects.toMatchObject({ status: 500 });
    await expect(megaphone.episodes(first, list)).rejects.toMatchObject({ status: 500 });
    await behave(sandbox);
    expect(await megaphone.podcasts()).toHaveLength(12);
    expect((await megaphone.episodes(first, list)).total).toBe(48);
  });

  it("evicts the least recently used entry", async () => {
    const asked: string[] = [];
    const cache = createLoadCache<string>({ ttlMs: 1000, maxEntries: 2, now: () => 0 });
    for (const key of ["a", "b", "a", "c", "a", "b"]) {
      await cache.getOrLoad("group", key, async () => {
        asked.push(key);
        return key;
      });
    }
    expect(asked).toEqual(["a", "b", "c", "b"]);
    expect(cache.loaded("group")).toEqual(["a", "b"]);
  });

  it("does not keep what it loaded while the clock was eight hours ahead", async () => {
    let clock = 8 * 3_600_000;
    let loads = 0;
    const cache = createLoadCache<number>({ ttlMs: 1000, maxEntries: 2, now: () => clock });
    const ask = () => cache.getOrLoad("group", "key", async () => (loads += 1));
    await ask();
    clock = 0;
    expect([await ask(), await ask()]).toEqual([2, 2]);
    expect(cache.loaded("group")).toEqual([2]);
  });

  it("drops loads in flight on invalidate", async () => {
    const cache = createLoadCache<string>({ ttlMs: 1000, maxEntries: 2, now: () => 0 });
    const slow = Promise.withResolvers<string>();
    const before = cache.getOrLoad("group", "key", () => slow.promise);
    cache.invalidate("group");
    const after = cache.getOrLoad("group", "key", async () => "new");
    slow.resolve("old");
    expect(await Promise.all([before, after])).toEqual(["old", "new"]);
    expect(cache.loaded("group")).toEqual(["new"]);
  });
});
