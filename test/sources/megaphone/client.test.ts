import * as fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createMegaphoneSandbox } from "../../../subgraphs/sandbox/megaphone/server.ts";
import type { MegaphoneSandboxOptions } from "../../../subgraphs/sandbox/megaphone/server.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createEpisodes } from "../../../subgraphs/sandbox/world/episodes.ts";
import type { EpisodeWorld } from "../../../subgraphs/sandbox/world/episodes.ts";
import type { WorldEpisode } from "../../../subgraphs/sandbox/world/episode.ts";
import { createMegaphone } from "../../../subgraphs/sources/megaphone/client.ts";
import type { Megaphone, MegaphoneOptions } from "../../../subgraphs/sources/megaphone/client.ts";
import { behave, misbehave } from "../../support/sandbox-control.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { EpisodeReply } from "../../../subgraphs/sources/megaphone/replies.ts";
import { createMemory } from "../../../subgraphs/platform/memory.ts";

const today = Date.parse("2026-03-10T12:00:00Z");
const open: { close(): Promise<void> }[] = [];

let world: EpisodeWorld;
/** The network's two largest podcasts. */
let first: string;
let second: string;
let clock: number;

beforeAll(() => {
  world = createEpisodes({ scale: 1, now: new Date(today), advertisers: ["northwind-beer"] });
  [first = "", second = ""] = world.shows.map(({ podcastId }) => podcastId);
});

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Setup {
  readonly sandbox: Sandbox;
  readonly megaphone: Megaphone;
}

async function start(
  options: Partial<MegaphoneOptions> = {},
  limits: Partial<MegaphoneSandboxOptions> = {},
): Promise<Setup> {
  clock = today;
  const sandbox = createMegaphoneSandbox({ world, now: () => clock, ...limits });
  return { sandbox, megaphone: await connect(sandbox, options) };
}

async function connect(sandbox: Sandbox, options: Partial<MegaphoneOptions> = {}): Promise<Megaphone> {
  open.push(sandbox);
  const origin = await sandbox.listen();
  const account = { networkId: "sandbox", token: "sandbox" };
  const megaphone = createMegaphone({ baseUrl: `${origin}/api`, ...account, now: () => clock, ...options });
  open.push(megaphone);
  return megaphone;
}

/** The path of each request after `/api/networks/sandbox/podcasts`, with its status. */
async function calls(sandbox: Sandbox): Promise<readonly string[]> {
  const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{
    recent: { path: string; status: number }[];
  }>();
  return recent.map(({ path, status }) => `${path.replace("/api/networks/sandbox/podcasts", "")} ${status}`);
}

function episodesOf(podcastId: string): readonly WorldEpisode[] {
  return world.episodes.filter((episode) => episode.podcastId === podcastId);
}

function refsOf(episodes: readonly WorldEpisode[]): readonly { podcastId: string; episodeId: string }[] {
  return episodes.map(({ podcastId, id }) => ({ podcastId, episodeId: id }));
}

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

/** A Megaphone with one answer to all requests. */
function answering(body: unknown, headers: Readonly<Record<string, string>> = {}): Sandbox {
  return createSandbox({
    name: "megaphone",
    problem: () => ({}),
    routes: (app) => void app.get("/api/*", (_request, reply) => reply.headers(headers).send(body)),
  });
}

const LIST = "/episodes?page=1&per_page=500 200";

describe("Megaphone's client", () => {
  it("reads all podcasts in one request and caches them for five minutes", async () => {
    const { sandbox, megaphone } = await start();
    const [podcast] = await megaphone.podcasts();
    const [show] = world.shows;
    expect(podcast).toEqual({
      id: show?.podcastId,
      title: show?.title,
      author: show?.author,
      summary: show?.summary,
      language: "en",
      explicit: false,
      categories: show?.categories,
      episodes: 48,
      spotifyId: show?.spotifyId,
    });
    clock += 299_999;
    expect((await megaphone.podcasts()).map(({ id }) => id)).toEqual(world.shows.map(({ podcastId }) => podcastId));
    expect(await calls(sandbox)).toEqual(["?page=1&per_page=500 200"]);
    clock += 1;
    await megaphone.podcasts();
    expect(await calls(sandbox)).toHaveLength(2);
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
    expect((await megaphone.podcasts()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(await calls(sandbox)).toHaveLength(2);
  });

  it("reads all fields of an episode", async () => {
    const { megaphone } = await start();
    const known = world.episodes.find(({ explicit, draft }) => explicit === "yes" && !draft);
    const episode = await megaphone.episode(known?.podcastId ?? "", known?.id ?? "");
    expect(episode).toEqual({
      id: known?.id,
      podcastId: known?.podcastId,
      podcastTitle: world.shows.find(({ podcastId }) => podcastId === known?.podcastId)?.title,
      title: known?.title,
      subtitle: known?.subtitle,
      summary: known?.summary,
      explicit: true,
      draft: false,
      publishedAt: known?.pubdate,
      durationMs: known?.durationMs,
      audioFileStatus: "success",
      contentRating: known?.contentRating,
      promotional: known?.promotionalContent,
      advertisingTags: known?.advertisingTags,
      episodeNumber: known?.episodeNumber,
      seasonNumber: known?.seasonNumber,
      externalId: known?.externalId,
      spotifyId: known?.spotifyId,
      createdAt: known?.createdAt,
      updatedAt: known?.updatedAt,
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
    clock = Number(scheduled?.pubdate);
    expect((await megaphone.episode(podcastId, id))?.spotifyId).toBe(scheduled?.spotifyId);
  });

  it("reads a page of episodes, newest first, with the total", async () => {
    const { sandbox, megaphone } = await start();
    const { total, episodes } = await megaphone.episodes(first, { page: 1, perPage: 500 });
    expect([total, episodes.length]).toEqual([48, 48]);
    const dates = episodes.map(({ publishedAt, createdAt }) => Number(publishedAt ?? createdAt));
    expect(dates).toEqual(dates.toSorted((a, b) => b - a));
    const second20 = await megaphone.episodes(first, { page: 2, perPage: 20 });
    expect(second20).toEqual({ total: 48, episodes: episodes.slice(20, 40) });
    const drafts = await megaphone.episodes(first, { page: 1, perPage: 500, draft: true });
    expect(drafts.total).toBe(episodesOf(first).filter(({ draft }) => draft).length);
    expect(drafts.episodes.every(({ draft }) => draft)).toBe(true);
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
      ].toSorted(),
    );
  });

  it("finds other episodes on a cached page", async () => {
    const { sandbox, megaphone } = await start();
    const { episodes } = await megaphone.episodes(first, { page: 1, perPage: 20 });
    const refs = episodes.map(({ id }) => ({ podcastId: first, episodeId: id }));
    expect(await megaphone.episodesById(refs)).toEqual(episodes);
    expect(await calls(sandbox)).toHaveLength(1);
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
    clock = today;
    const sandbox = createMegaphoneSandbox({ world, now: () => clock });
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
        for (const { podcastId } of refs) megaphone.forget(podcastId);
        const titles = requireAll(await megaphone.episodesById(refs)).map((episode) => episode?.title);
        expect(titles).toEqual(refs.map(({ episodeId }) => byId.get(episodeId)?.title));
      }),
      { numRuns: 30 },
    );
  });
});

describe("the cache of Megaphone's client", () => {
  const list = { page: 1, perPage: 10 };

  it("keeps a page for thirty seconds, with one request for concurrent reads", async () => {
    const { sandbox, megaphone } = await start();
    await Promise.all([megaphone.episodes(first, list), megaphone.episodes(first, list)]);
    clock += 29_999;
    await megaphone.episodes(first, list);
    expect(await calls(sandbox)).toHaveLength(1);
    clock += 1;
    await megaphone.episodes(first, list);
    expect(await calls(sandbox)).toHaveLength(2);
  });

  it("keeps an episode as long, and its absence", async () => {
    const { sandbox, megaphone } = await start({ pageTtlMs: 1000 });
    const [id = ""] = episodesOf(first).map((episode) => episode.id);
    const ask = (): Promise<unknown> => Promise.all([megaphone.episode(first, id), megaphone.episode(first, "nobody")]);
    await ask();
    clock += 999;
    await ask();
    expect(await calls(sandbox)).toHaveLength(2);
    clock += 1;
    await ask();
    expect(await calls(sandbox)).toHaveLength(4);
  });

  it("drops a podcast's entries on forget", async () => {
    const { sandbox, megaphone } = await start();
    const [id = ""] = episodesOf(first).map((episode) => episode.id);
    const ask = async (): Promise<void> => {
      await megaphone.episodes(first, list);
      await megaphone.episodes(second, list);
      await megaphone.episode(first, id);
    };
    await ask();
    megaphone.forget(first);
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
    const memory = createMemory<string>({ ttlMs: 1000, maxEntries: 2, now: () => 0 });
    for (const key of ["a", "b", "a", "c", "a", "b"]) {
      await memory.recall("group", key, async () => {
        asked.push(key);
        return key;
      });
    }
    expect(asked).toEqual(["a", "b", "c", "b"]);
    expect(memory.known("group")).toEqual(["a", "b"]);
  });

  it("drops loads in flight on forget", async () => {
    const memory = createMemory<string>({ ttlMs: 1000, maxEntries: 2, now: () => 0 });
    const slow = Promise.withResolvers<string>();
    const before = memory.recall("group", "key", () => slow.promise);
    memory.forget("group");
    const after = memory.recall("group", "key", async () => "new");
    slow.resolve("old");
    expect(await Promise.all([before, after])).toEqual(["old", "new"]);
    expect(memory.known("group")).toEqual(["new"]);
  });
});

describe("Megaphone's client with a failing Megaphone", () => {
  it("reports a rejected token", async () => {
    const { megaphone } = await start({ token: "wrong" });
    await expect(megaphone.podcasts()).rejects.toMatchObject({
      message: "Cannot ask megaphone: it answered 401: HTTP Token: Access denied.",
      retryable: false,
    });
  });

  it("reports an unknown network", async () => {
    const { megaphone } = await start({ networkId: "elsewhere" });
    await expect(megaphone.podcasts()).rejects.toMatchObject({
      message: "Cannot ask megaphone: it answered 404: Network not found",
      status: 404,
    });
  });

  it("has the message of the error", async () => {
    const { sandbox, megaphone } = await start();
    await misbehave(sandbox, { status: 502 });
    await expect(megaphone.episode(first, "any")).rejects.toMatchObject({
      message: "Cannot ask megaphone: it answered 502: The service could not process the request",
      retryable: true,
    });
  });

  it("retries after a 429 and its Retry-After", async () => {
    let refusals = 2;
    const busy = createSandbox({
      name: "megaphone",
      problem: () => ({}),
      routes: (app) =>
        void app.get("/api/*", (_request, reply) =>
          (refusals -= 1) < 0
            ? reply.header("x-total", "0").send([])
            : reply.code(429).header("retry-after", "0").send({}),
        ),
    });
    const megaphone = await connect(busy);
    expect(await megaphone.podcasts()).toEqual([]);
    expect((await calls(busy)).map((call) => call.slice(-3))).toEqual(["429", "429", "200"]);
  });

  it("rejects a truncated response", async () => {
    const { sandbox, megaphone } = await start();
    await misbehave(sandbox, { body: "malformed" });
    await expect(megaphone.podcasts()).rejects.toMatchObject({ failure: "UNEXPECTED" });
  });

  const fine = { id: "e", podcastId: "p", title: "An episode", draft: false };
  it.each([
    ["an object for a list", {}, "(body): Invalid input: expected array, received object"],
    ["no title", [{ ...fine, title: undefined }], "0.title: Invalid input: expected string, received undefined"],
    ["no word on drafts", [fine, { ...fine, draft: null }], "1.draft: Invalid input: expected boolean, received null"],
    ["a date that is none", [{ ...fine, pubdate: "soon" }], "0.pubdate: Invalid input: expected a date"],
    ["a negative length", [{ ...fine, duration: "-1" }], "0.duration: Too small: expected number to be >=0"],
  ])("names what is wrong about %s", async (_title, body, problem) => {
    const megaphone = await connect(answering(body, { "x-total": "1" }));
    await expect(megaphone.episodes("p", { page: 1, perPage: 10 })).rejects.toThrow(
      `Cannot ask megaphone: it answered unexpectedly: ${problem}`,
    );
  });

  it.each([
    ["a list without X-Total", {}],
    ["an X-Total that is no number", { "x-total": "many" }],
  ])("names what is wrong about %s", async (_title, headers) => {
    const megaphone = await connect(answering([fine], headers));
    await expect(megaphone.episodes("p", { page: 1, perPage: 10 })).rejects.toThrow(
      "Cannot ask megaphone: it answered unexpectedly: X-Total: expected a whole number",
    );
  });

  it.each([
    ["yes", true],
    ["no", false],
    ["clean", false],
    [true, true],
    [false, false],
    [null, false],
    [undefined, false],
    ["very", true],
  ])("reads %s for explicit as %s", (explicit, expected) => {
    expect(EpisodeReply.parse({ ...fine, explicit }).explicit).toBe(expected);
  });

  it.each([
    [5753.08, 5_753_080],
    ["5753.08", 5_753_080],
    [0, 0],
    [null, 0],
    [undefined, 0],
  ])("reads %s seconds as %s milliseconds", (duration, expected) => {
    expect(EpisodeReply.parse({ ...fine, duration }).durationMs).toBe(expected);
  });
});

describe("Megaphone's sandbox", () => {
  const token = { authorization: 'Token token="sandbox"' };
  const path = (): string => `/api/networks/sandbox/podcasts/${first}/episodes`;

  async function ask(url: string, sandbox: Sandbox = createMegaphoneSandbox({ world, now: () => today })) {
    open.push(sandbox);
    return sandbox.app.inject({ url, headers: { ...token, host: "cms.test" } });
  }

  it.each([
    [1, ["last=3", "next=2"]],
    [2, ["first=1", "prev=1", "last=3", "next=3"]],
    [3, ["first=1", "prev=2"]],
    [4, ["first=1", "prev=3"]],
  ])("links page %d to %o", async (page, expected) => {
    const reply = await ask(`${path()}?page=${page}&per_page=20`);
    const links = String(reply.headers["link"]).matchAll(/<([^>]+)>; rel="(\w+)"/g);
    expect(Array.from(links, ([, url = "", rel]) => `${rel}=${new URL(url).searchParams.get("page")}`)).toEqual(
      expected,
    );
    expect([reply.headers["x-page"], reply.headers["x-per-page"], reply.headers["x-total"]]).toEqual([
      String(page),
      "20",
      "48",
    ]);
  });

  it.each([
    ["", "1", "100"],
    ["?per_page=1000", "1", "500"],
    ["?page=0&per_page=-1", "1", "100"],
    ["?page=x&per_page=y", "1", "100"],
  ])("takes %j for page %s of %s", async (query, page, perPage) => {
    const { headers } = await ask(`${path()}${query}`);
    expect([headers["x-page"], headers["x-per-page"], headers["link"]]).toEqual([page, perPage, undefined]);
  });

  it("finds an episode by its external id", async () => {
    const [known] = episodesOf(first);
    const reply = await ask(`${path()}?externalId=${known?.externalId}`);
    expect(reply.json<{ id: string }[]>().map(({ id }) => id)).toEqual([known?.id]);
  });

  it("has a route for one podcast", async () => {
    const reply = await ask(`/api/networks/sandbox/podcasts/${second}`);
    expect(reply.json()).toMatchObject({ id: second, networkId: "sandbox", explicit: "no", episodesCount: 44 });
  });

  it.each([
    ["an unknown network", "/api/networks/other/podcasts", "Network not found"],
    ["an unknown podcast", "/api/networks/sandbox/podcasts/x", "Podcast not found"],
    ["an unknown podcast's list", "/api/networks/sandbox/podcasts/x/episodes", "Podcast not found"],
    ["an unknown path", "/api/nowhere", "Not found"],
  ])("answers 404 to %s", async (_title, url, detail) => {
    const reply = await ask(url);
    expect([reply.statusCode, reply.json()]).toEqual([404, { errors: [{ code: "404", detail }] }]);
  });

  it("allows 60 requests a minute, and answers when the next one is allowed", async () => {
    let at = today;
    const sandbox = createMegaphoneSandbox({ world, now: () => at });
    const url = "/api/networks/sandbox/podcasts";
    const statuses = async (count: number): Promise<ReadonlySet<number>> => {
      const replies = await Promise.all(Array.from({ length: count }, () => ask(url, sandbox)));
      return new Set(replies.map(({ statusCode }) => statusCode));
    };
    expect(await statuses(30)).toEqual(new Set([200]));
    at += 20_000;
    expect(await statuses(30)).toEqual(new Set([200]));
    at += 500;
    const refused = await ask(url, sandbox);
    expect([refused.statusCode, refused.headers["retry-after"], refused.json()]).toEqual([
      429,
      "40",
      { errors: [{ code: "429", detail: "Too many requests" }] },
    ]);
    at = today + 60_000;
    expect(await statuses(30)).toEqual(new Set([200]));
    expect(await statuses(1)).toEqual(new Set([429]));
  });
});
