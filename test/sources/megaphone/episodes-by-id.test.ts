/** Episodes by id, in as few requests as possible. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMegaphoneSandbox } from "../../../subgraphs/sandbox/megaphone/server.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import {
  today,
  world,
  time,
  start,
  connect,
  calls,
  episodesOf,
  LIST,
  first,
  second,
} from "../../support/megaphone-client.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { WorldEpisode } from "../../../subgraphs/sandbox/world/episode.ts";

/** A Megaphone with one podcast `p` and the episodes `1` to `10`, which always returns pages of two. */
function smallPages(): Sandbox {
  const bare = (id: number): object => ({ id: String(id), podcastId: "p", title: `Number ${id}`, draft: false });
  return createSandbox({
    name: "megaphone",
    problem: () => ({}),
    routes(app) {
      app.get<{ Querystring: { page: string } }>("/api/networks/sandbox/podcasts/p/episodes", (request, reply) => {
        const page = Number(request.query.page);
        reply.header("x-total", "10");
        return [bare(page * 2 - 1), bare(page * 2)];
      });
      app.get<{ Params: { id: string } }>("/api/networks/sandbox/podcasts/p/episodes/:id", (request) =>
        bare(Number(request.params.id)),
      );
    },
  });
}

function refsOf(episodes: readonly WorldEpisode[]): readonly { podcastId: string; episodeId: string }[] {
  return episodes.map(({ podcastId, id }) => ({ podcastId, episodeId: id }));
}

describe("episodesById", () => {
  it("sends no request for no ids", async () => {
    const { sandbox, megaphone } = await start();
    expect(await megaphone.episodesById([])).toEqual([]);
    expect(await calls(sandbox)).toEqual([]);
  });

  it("reads a single episode of a podcast by its id", async () => {
    const { sandbox, megaphone } = await start();
    const [ref] = refsOf(episodesOf(first));
    const found = requireAll(await megaphone.episodesById(ref ? [ref, ref] : []));
    expect(found.map((episode) => episode?.id)).toEqual([ref?.episodeId, ref?.episodeId]);
    expect(await calls(sandbox)).toEqual([`/${first}/episodes/${ref?.episodeId} 200`]);
  });

  it("reads several episodes of a podcast by one page", async () => {
    const { sandbox, megaphone } = await start();
    const refs = refsOf([...episodesOf(first).slice(10, 40), ...episodesOf(second).slice(0, 2)].toReversed());
    const found = requireAll(await megaphone.episodesById(refs));
    expect(found.map((episode) => episode?.id)).toEqual(refs.map(({ episodeId }) => episodeId));
    expect((await calls(sandbox)).toSorted()).toEqual([`/${first}${LIST}`, `/${second}${LIST}`].toSorted());
  });

  it("is null for an episode that does not exist", async () => {
    const { sandbox, megaphone } = await start();
    const [ref] = refsOf(episodesOf(first));
    const found = requireAll(
      await megaphone.episodesById([
        { podcastId: first, episodeId: "nobody" },
        ...(ref ? [ref] : []),
        { podcastId: second, episodeId: ref?.episodeId ?? "" },
        { podcastId: "nobody", episodeId: "a" },
        { podcastId: "nobody", episodeId: "b" },
      ]),
    );
    expect(found.map((episode) => episode?.id ?? null)).toEqual([null, ref?.episodeId, null, null, null]);
    expect((await calls(sandbox)).toSorted()).toEqual(
      [
        `/${first}${LIST}`,
        `/${second}/episodes/${ref?.episodeId} 404`,
        "/nobody/episodes?page=1&per_page=500 404",
        // Whether the network id is right.
        "?page=1&per_page=1 200",
      ].toSorted(),
    );
  });

  it("tells of every episode that it has read", async () => {
    const { megaphone } = await start();
    const seen: string[] = [];
    await megaphone.episodesById(refsOf(episodesOf(first)).slice(0, 2), ({ id }) => void seen.push(id));
    expect(seen.toSorted()).toEqual(
      episodesOf(first)
        .map(({ id }) => id)
        .toSorted(),
    );
  });

  it("stops paging when single requests are no more than the pages left", async () => {
    const sandbox = smallPages();
    const megaphone = await connect(sandbox);
    const found = requireAll(
      await megaphone.episodesById(["1", "10"].map((episodeId) => ({ podcastId: "p", episodeId }))),
    );
    expect(found.map((episode) => episode?.title)).toEqual(["Number 1", "Number 10"]);
    expect(await calls(sandbox)).toEqual(["/p/episodes?page=1&per_page=500 200", "/p/episodes/10 200"]);
  });

  it("continues paging while they are more", async () => {
    const sandbox = smallPages();
    const megaphone = await connect(sandbox);
    const ids = ["5", "6", "7", "8", "9", "10"];
    const found = requireAll(await megaphone.episodesById(ids.map((episodeId) => ({ podcastId: "p", episodeId }))));
    expect(found.map((episode) => episode?.id)).toEqual(ids);
    expect(await calls(sandbox)).toEqual([1, 2, 3, 4, 5].map((page) => `/p/episodes?page=${page}&per_page=500 200`));
  });

  it("reads one podcast's episodes if another podcast fails", async () => {
    time.now = today;
    const sandbox = createMegaphoneSandbox({ world, now: () => time.now });
    sandbox.app.addHook("onRequest", async ({ url }, reply) =>
      url.includes(`/${first}/`) ? reply.code(500).send({}) : undefined,
    );
    const megaphone = await connect(sandbox);
    const refs = refsOf([...episodesOf(first).slice(0, 2), ...episodesOf(second).slice(0, 2)]);
    const failed = expect.objectContaining({ message: "Cannot ask megaphone: it answered 500", status: 500 });
    expect(await megaphone.episodesById(refs)).toEqual([
      failed,
      failed,
      ...refs.slice(2).map(({ episodeId }) => expect.objectContaining({ id: episodeId })),
    ]);
  });

  it("is aligned with any refs", async () => {
    const { megaphone } = await start({}, { requestsPerMinute: 10_000 });
    const byId = new Map(world.episodes.map((episode) => [episode.id, episode]));
    const some = [...refsOf(world.episodes), { podcastId: first, episodeId: "nobody" }];
    const ref = fc.oneof(fc.constantFrom(...some), fc.constantFrom(...some.slice(0, 3)));
    await fc.assert(
      fc.asyncProperty(fc.array(ref, { maxLength: 12 }), async (refs) => {
        const titles = requireAll(await megaphone.episodesById(refs)).map((episode) => episode?.title);
        expect(titles).toEqual(refs.map(({ episodeId }) => byId.get(episodeId)?.title));
      }),
      { numRuns: 30 },
    );
  });
});
