import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyWebSandbox } from "../../../subgraphs/sandbox/spotify-web/server.ts";
import type { SpotifyWebSandboxOptions } from "../../../subgraphs/sandbox/spotify-web/server.ts";
import { createEpisodes, isPublished } from "../../../subgraphs/sandbox/world/episodes.ts";
import type { EpisodeWorld } from "../../../subgraphs/sandbox/world/episodes.ts";
import type { WorldEpisode } from "../../../subgraphs/sandbox/world/episode.ts";
import { trackId } from "../../../subgraphs/sandbox/world/tracks.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { createSpotifyWeb } from "../../../subgraphs/sources/spotify-web/client.ts";
import type { SpotifyWeb, SpotifyWebOptions } from "../../../subgraphs/sources/spotify-web/client.ts";
import { behave, misbehave } from "../../support/sandbox-control.ts";

const today = Date.parse("2026-03-10T12:00:00Z");
const NOBODY = "0000000000000000000000";
const open: { close(): Promise<void> }[] = [];

let world: EpisodeWorld;
let published: readonly WorldEpisode[];
let publishedIds: readonly string[];

beforeAll(() => {
  world = createEpisodes({ scale: 1, now: new Date(today), advertisers: ["northwind-beer"] });
  published = world.episodes.filter((episode) => isPublished(episode, new Date(today)));
  publishedIds = published.map(({ spotifyId }) => spotifyId);
});

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Setup {
  readonly sandbox: Sandbox;
  readonly web: SpotifyWeb;
}

async function start(
  mode: SpotifyWebSandboxOptions["mode"] = "extended",
  options: Partial<SpotifyWebOptions> = {},
  clock: () => number = () => today,
): Promise<Setup> {
  const sandbox = createSpotifyWebSandbox({ world, mode, now: clock });
  return { sandbox, web: await connect(sandbox, options) };
}

async function connect(sandbox: Sandbox, options: Partial<SpotifyWebOptions> = {}): Promise<SpotifyWeb> {
  open.push(sandbox);
  const origin = await sandbox.listen();
  const credentials = { clientId: "sandbox", clientSecret: "sandbox", refreshToken: "sandbox" };
  const web = createSpotifyWeb({
    baseUrl: `${origin}/v1`,
    tokenUrl: `${origin}/api/token`,
    ...credentials,
    ...options,
  });
  open.push(web);
  return web;
}

/** Each request as `GET /v1/episodes 200`, without its query. */
async function calls(sandbox: Sandbox): Promise<readonly string[]> {
  const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{
    recent: { method: string; path: string; status: number }[];
  }>();
  return recent.map(({ method, path, status }) => `${method} ${path.replace(/\?.*/, "")} ${status}`);
}

/** A Web API with one body for all requests except those for tokens. */
function answering(body: unknown): Sandbox {
  return createSandbox({
    name: "spotify-web",
    problem: () => ({}),
    routes(app) {
      app.addContentTypeParser("*", (_request, _payload, done) => done(null));
      app.post("/api/token", () => ({ access_token: "t", token_type: "Bearer", expires_in: 3600 }));
      app.get("/v1/*", () => body);
    },
  });
}

/** One request to a new sandbox, with a token if no headers are given. */
async function ask(url: string, headers?: Record<string, string>): Promise<readonly [number, unknown]> {
  const sandbox = createSpotifyWebSandbox({ world, mode: "extended", now: () => today });
  open.push(sandbox);
  const token = await sandbox.app.inject({
    method: "POST",
    url: "/api/token",
    headers: {
      authorization: `Basic ${btoa("sandbox:sandbox")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    payload: "grant_type=client_credentials",
  });
  const authorization = `Bearer ${token.json<{ access_token: string }>().access_token}`;
  const reply = await sandbox.app.inject({ url, headers: headers ?? { authorization } });
  return [reply.statusCode, reply.json<unknown>()];
}
function problem(status: number, message: string): unknown {
  return [status, { error: { status, message } }];
}

function failure(of: object): unknown {
  return expect.objectContaining({ name: "UpstreamError", ...of });
}

const TOKEN = "POST /api/token 200";
const LIST = "GET /v1/episodes 200";

describe("the Web API's client", () => {
  it("reads all fields of an episode", async () => {
    const { web } = await start();
    const known = published.find(({ explicit, restriction }) => explicit === "yes" && restriction === null);
    const show = world.shows.find(({ podcastId }) => podcastId === known?.podcastId);
    const [episode] = requireAll(await web.episodes([known?.spotifyId ?? ""]));
    expect(episode).toEqual({
      id: known?.spotifyId,
      name: known?.title,
      description: known?.summary,
      durationMs: known?.durationMs,
      explicit: true,
      languages: known?.languages,
      releasedAt: new Date(known?.pubdate?.toISOString().slice(0, 10) ?? ""),
      playable: true,
      restriction: null,
      uri: `spotify:episode:${known?.spotifyId}`,
      url: `https://open.spotify.com/episode/${known?.spotifyId}`,
      show: { id: show?.spotifyId, name: show?.title, publisher: show?.publisher },
    });
  });

  it("reads why an episode is restricted", async () => {
    const { web } = await start();
    const held = published.find(({ restriction }) => restriction !== null);
    const [episode] = requireAll(await web.episodes([held?.spotifyId ?? ""]));
    expect([episode?.playable, episode?.restriction]).toEqual([false, "product"]);
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
    expect(requireAll(await web.episodes(ids)).map((episode) => episode?.name ?? null)).toEqual([
      scheduled?.title,
      null,
    ]);
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
    expect(episodes.map((one) => one?.name ?? null)).toEqual([null, swedish?.title]);
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
      ["GET /v1/tracks 403", `GET /v1/tracks/${NOBODY} 404`, `GET /v1/tracks/${ids[0]} 200`].toSorted(),
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
        message: "Cannot ask spotify-accounts: it answered 400: invalid_client: Invalid client",
        status: 400,
        retryable: false,
      }),
    ]);
  });
});

describe("the Web API's client in development mode", () => {
  it("reads one by one in the configured mode", async () => {
    const { sandbox, web } = await start("development", { mode: "development" });
    const [a = "", b = ""] = publishedIds;
    const episodes = requireAll(await web.episodes([a, NOBODY, b, a]));
    expect(episodes.map((episode) => episode?.id ?? null)).toEqual([a, null, b, a]);
    expect(episodes[0]?.show.publisher).toBeNull();
    expect((await calls(sandbox)).toSorted()).toEqual(
      [`GET /v1/episodes/${a} 200`, `GET /v1/episodes/${b} 200`, `GET /v1/episodes/${NOBODY} 404`, TOKEN].toSorted(),
    );
  });

  it("detects the mode by a 403 and remembers it, for tracks too", async () => {
    const { sandbox, web } = await start("development");
    const [a = "", b = ""] = publishedIds;
    const track = trackId(false, "test");
    expect(requireAll(await web.episodes([a])).map((episode) => episode?.id)).toEqual([a]);
    expect(requireAll(await web.episodes([b])).map((episode) => episode?.id)).toEqual([b]);
    expect(await web.tracks([track])).toEqual([{ id: track, explicit: false }]);
    expect(await calls(sandbox)).toEqual([
      TOKEN,
      "GET /v1/episodes 403",
      `GET /v1/episodes/${a} 200`,
      `GET /v1/episodes/${b} 200`,
      `GET /v1/tracks/${track} 200`,
    ]);
  });

  it("reads a hundred by two lists and then a hundred single requests", async () => {
    const { sandbox, web } = await start("development");
    const ids = publishedIds.slice(0, 100);
    expect(requireAll(await web.episodes(ids)).map((episode) => episode?.id)).toEqual(ids);
    const made = await calls(sandbox);
    expect(made.filter((call) => call === "GET /v1/episodes 403")).toHaveLength(2);
    expect(made.filter((call) => /^GET \/v1\/episodes\/\w+ 200$/.test(call))).toHaveLength(100);
    expect(made).toHaveLength(103);
  });

  it("does not take every 403 for the mode", async () => {
    const { sandbox, web } = await start();
    const [a = ""] = publishedIds;
    await web.tracks([NOBODY]);
    await misbehave(sandbox, { status: 403 });
    expect(await web.episodes([a])).toEqual([failure({ status: 403, retryable: false })]);
    await behave(sandbox);
    expect(requireAll(await web.episodes([a])).map((episode) => episode?.id)).toEqual([a]);
    expect((await calls(sandbox)).slice(2)).toEqual([
      "GET /v1/episodes 403",
      `GET /v1/episodes/${a} 403`,
      "GET /v1/episodes 200",
    ]);
  });

  it("starts no more single requests after a failure, and keeps earlier results", async () => {
    const others = Promise.withResolvers<void>();
    const [failing = "", ...ids] = publishedIds.slice(0, 60);
    const sandbox = createSandbox({
      name: "spotify-web",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("*", (_request, _payload, done) => done(null));
        app.post("/api/token", () => ({ access_token: "t", expires_in: 3600 }));
        app.get(`/v1/episodes/${failing}`, (_request, reply) => reply.code(500).send({}));
        app.get("/v1/episodes/*", async (_request, reply) => {
          await others.promise;
          return reply.code(404).send({});
        });
        app.get("/v1/tracks/*", (_request, reply) => reply.code(404).send({}));
      },
    });
    const web = await connect(sandbox, { mode: "development" });
    const asked = web.episodes([...ids.slice(0, 3), failing, ...ids.slice(3)]);
    await expect.poll(() => calls(sandbox)).toContain(`GET /v1/episodes/${failing} 500`);
    // By then that answer has arrived too.
    for (let round = 0; round < 3; round += 1) await web.tracks([NOBODY]);
    others.resolve();
    const failed = failure({ message: "Cannot ask spotify-web: it answered 500", retryable: true });
    expect(await asked).toEqual(
      [...ids.slice(0, 3), failing, ...ids.slice(3)].map((id, index) => (index < 8 && id !== failing ? null : failed)),
    );
    expect((await calls(sandbox)).filter((call) => call.startsWith("GET /v1/episodes/"))).toHaveLength(8);
  });

  it("continues if one reply is malformed", async () => {
    const ids = publishedIds.slice(0, 20);
    const sandbox = createSpotifyWebSandbox({ world, mode: "development", now: () => today });
    sandbox.app.addHook("onRequest", async ({ url }, reply) =>
      url.includes(ids[2] ?? "") ? reply.send({ id: 7 }) : undefined,
    );
    const web = await connect(sandbox, { mode: "development" });
    const failed = failure({ failure: "UNEXPECTED" });
    expect(await web.episodes(ids)).toEqual(
      ids.map((id, index) => (index === 2 ? failed : expect.objectContaining({ id }))),
    );
  });
});

describe("the Web API's client with a failing Web API", () => {
  it("has the message of the error", async () => {
    const { sandbox, web } = await start();
    await web.tracks([NOBODY]);
    await misbehave(sandbox, { status: 500 });
    const message = "Cannot ask spotify-web: it answered 500: The service could not process the request";
    const failed = failure({ message, retryable: true });
    expect(await web.episodes(publishedIds.slice(0, 2))).toEqual([failed, failed]);
  });

  it("rejects a truncated response", async () => {
    const { sandbox, web } = await start();
    await web.tracks([NOBODY]);
    await misbehave(sandbox, { body: "malformed" });
    const message = "Cannot ask spotify-web: it answered 200 with a body that is not JSON";
    expect(await web.episodes(publishedIds.slice(0, 1))).toEqual([failure({ message, failure: "UNEXPECTED" })]);
  });

  it.each([
    [
      "a list that is shorter than the ids",
      { episodes: [null] },
      /episodes: Too small: expected array to have exactly 2 items/,
    ],
    ["a field of another type", { episodes: [null, { id: 7 }] }, /episodes\.1\.id: Invalid input: expected string/],
    ["another reply altogether", [], /\(body\): Invalid input: expected object, received array/],
  ])("names what is wrong about %s", async (_title, body, message) => {
    const web = await connect(answering(body));
    const failed = failure({ message: expect.stringMatching(message) });
    expect(await web.episodes(publishedIds.slice(0, 2))).toEqual([failed, failed]);
  });

  it("retries after a 429 and its Retry-After", async () => {
    let refusals = 2;
    const busy = createSandbox({
      name: "spotify-web",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("*", (_request, _payload, done) => done(null));
        app.post("/api/token", () => ({ access_token: "t", expires_in: 3600 }));
        app.get("/v1/tracks", (_request, reply) =>
          (refusals -= 1) < 0 ? { tracks: [null] } : reply.code(429).header("retry-after", "0").send({}),
        );
      },
    });
    const web = await connect(busy);
    expect(await web.tracks([NOBODY])).toEqual([null]);
    expect(await calls(busy)).toEqual([TOKEN, "GET /v1/tracks 429", "GET /v1/tracks 429", "GET /v1/tracks 200"]);
  });

  it("accepts replies without optional fields", async () => {
    const [id = ""] = publishedIds;
    const show = { id: "s", name: "A show" };
    const episode = { id, name: "An episode", duration_ms: 1, explicit: false, uri: "u", show, release_date: "0000" };
    const web = await connect(answering({ episodes: [{ ...episode, languages: null }] }));
    expect(await web.episodes([id])).toEqual([
      {
        id,
        name: "An episode",
        description: "",
        durationMs: 1,
        explicit: false,
        languages: [],
        releasedAt: null,
        playable: true,
        restriction: null,
        uri: "u",
        url: null,
        show: { ...show, publisher: null },
      },
    ]);
  });
});

describe("the Web API's sandbox", () => {
  it.each([
    ["no ids", "/v1/episodes?market=US", 400, "Missing required field: ids"],
    ["an id that is none", "/v1/shows?market=US&ids=x", 400, "Invalid base62 id"],
    ["51 ids", `/v1/shows?ids=${Array.from({ length: 51 }, () => NOBODY).join(",")}`, 400, "too many ids requested"],
    ["a country that is none", `/v1/shows/${NOBODY}?market=sweden`, 400, "Invalid market code"],
    ["a page of 51", `/v1/shows/${NOBODY}/episodes?limit=51&market=US`, 400, "Invalid limit"],
    ["an unknown id", `/v1/episodes/${NOBODY}?market=US`, 404, "non existing id"],
    ["an unknown path", "/v1/nowhere", 404, "Service not found"],
  ])("refuses %s", async (_title, url, status, message) => {
    expect(await ask(url)).toEqual(problem(status, message));
  });

  it.each([
    ["no token", {}, "No token provided"],
    ["another scheme", { authorization: "Basic x" }, "Only valid bearer authentication supported"],
    ["a token it did not hand out", { authorization: "Bearer x" }, "Invalid access token"],
  ])("refuses %s", async (_title, headers, message) => {
    expect(await ask(`/v1/shows/${NOBODY}`, headers)).toEqual(problem(401, message));
  });

  it("finds nothing without a market", async () => {
    const [id] = publishedIds;
    expect(await ask(`/v1/episodes/${id}`)).toEqual(problem(404, "non existing id"));
    expect(await ask(`/v1/episodes?ids=${id}`)).toEqual([200, { episodes: [null] }]);
  });

  it("lists a show's episodes in pages, newest first", async () => {
    const [show] = world.shows;
    const own = published
      .filter(({ podcastId }) => podcastId === show?.podcastId)
      .toSorted((a, b) => Number(b.pubdate) - Number(a.pubdate));
    const list = `/v1/shows/${show?.spotifyId}/episodes`;
    const [status, page] = await ask(`${list}?market=US&limit=10&offset=20`);
    const base = `http://localhost:80${list}?market=US`;
    expect([status, page]).toMatchObject([
      200,
      {
        href: `${base}&offset=20&limit=10`,
        previous: `${base}&offset=10&limit=10`,
        next: `${base}&offset=30&limit=10`,
        limit: 10,
        offset: 20,
        total: own.length,
        items: own.slice(20, 30).map(({ spotifyId }) => ({ id: spotifyId })),
      },
    ]);
  });
});
