/**
 * Playlists: created once and completed after a lost response. Over 200 lines, because client and sandbox are tested
 * with the same playlists.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyWebSandbox } from "../../../subgraphs/sandbox/spotify-web/server.ts";
import type { SpotifyWebSandboxOptions } from "../../../subgraphs/sandbox/spotify-web/server.ts";
import { createEpisodes, isPublished } from "../../../subgraphs/sandbox/world/episodes.ts";
import { createSpotifyWeb } from "../../../subgraphs/sources/spotify-web/client.ts";
import type { SpotifyWebOptions } from "../../../subgraphs/sources/spotify-web/client.ts";
import type { PlaylistDraft } from "../../../subgraphs/sources/spotify-web/playlists.ts";
import { LOST, befalling, calls as callsOf, failure, misbehave, behave } from "../../support/sandbox-control.ts";
import { whole } from "../../support/whole.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");
const world = whole(createEpisodes({ scale: 1, now: new Date(NOW), advertisers: [] }));
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function start(options: Partial<SpotifyWebSandboxOptions> = {}, client: Partial<SpotifyWebOptions> = {}) {
  const sandbox = createSpotifyWebSandbox({ world, mode: "extended", now: () => NOW, ...options });
  const origin = await sandbox.listen();
  const web = createSpotifyWeb({
    baseUrl: `${origin}/v1`,
    tokenUrl: `${origin}/api/token`,
    clientId: "sandbox",
    clientSecret: "sandbox",
    refreshToken: "sandbox",
    ...client,
  });
  open.push(sandbox, web);
  return {
    sandbox,
    web,
    /** As `GET me/playlists 200`, the playlist's own id as `:id`. */
    calls: async () =>
      (await callsOf(sandbox, "/v1/")).map((call) => call.replace(/playlists\/[0-9A-Za-z]{22}/, "playlists/:id")),
  };
}

const track = (index: number): string => `spotify:track:${String(index).padStart(22, "0")}`;
const tracks = (count: number): readonly string[] => Array.from({ length: count }, (_none, index) => track(index));
const draft = (more: Partial<PlaylistDraft> = {}): PlaylistDraft => ({
  marker: "request-1",
  name: "Night shift",
  description: "Für die Nacht & den Morgen",
  uris: tracks(250),
  ...more,
});

const LOOK = "GET me/playlists 200";
const CREATE = "POST me/playlists 201";
const COUNT = "GET playlists/:id/items 200";
const ADD = "POST playlists/:id/items 201";

async function authorization({ app }: Sandbox, grant = "refresh_token&refresh_token=sandbox"): Promise<string> {
  const bought = await app.inject({
    method: "POST",
    url: "/api/token",
    headers: {
      authorization: `Basic ${btoa("sandbox:sandbox")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    payload: `grant_type=${grant}`,
  });
  return `Bearer ${bought.json<{ access_token: string }>().access_token}`;
}

/** All playlists with their URIs. */
async function library(sandbox: Sandbox) {
  const headers = { authorization: await authorization(sandbox) };
  const read = async <T>(url: string): Promise<T> => (await sandbox.app.inject({ url, headers })).json<T>();
  const { items } = await read<{ items: { id: string; name: string; description: string; public: boolean }[] }>(
    "/v1/me/playlists?limit=50",
  );
  return Promise.all(
    items.map(async ({ id, name, description, public: isPublic }) => {
      const uris: string[] = [];
      for (let total = Infinity; uris.length < total;) {
        const page = await read<{ total: number; items: { item: { uri: string } }[] }>(
          `/v1/playlists/${id}/items?limit=50&offset=${uris.length}`,
        );
        uris.push(...page.items.map(({ item }) => item.uri));
        ({ total } = page);
      }
      return { uri: `spotify:playlist:${id}`, name, description, isPublic, uris };
    }),
  );
}

describe("a playlist", () => {
  it("is created once, private, and filled by a hundred items a request", async () => {
    const { sandbox, web, calls } = await start();
    const made = await web.ensurePlaylist(draft());
    expect(made).toEqual({ uri: expect.stringMatching(/^spotify:playlist:[0-9A-Za-z]{22}$/), outcome: "CHANGED" });
    expect(await calls()).toEqual([LOOK, CREATE, ADD, ADD, ADD]);
    expect(await library(sandbox)).toEqual([
      {
        uri: made.uri,
        name: "Night shift",
        description: "Für die Nacht &amp; den Morgen request-1",
        isPublic: false,
        uris: tracks(250),
      },
    ]);
    await calls();
    expect(await web.ensurePlaylist(draft())).toEqual({ uri: made.uri, outcome: "UNCHANGED" });
    expect(await calls()).toEqual([LOOK, COUNT]);
  });

  it("is found by its marker on any page, with any name", async () => {
    const { sandbox, web, calls } = await start();
    const { uri } = await web.ensurePlaylist(draft({ uris: [] }));
    for (let index = 0; index < 100; index += 1) {
      await web.ensurePlaylist(draft({ marker: `request-1${index}`, description: "request-1", uris: [] }));
    }
    await calls();
    expect(await web.ensurePlaylist(draft({ name: "Another name", uris: [track(7)] }))).toEqual({
      uri,
      outcome: "CHANGED",
    });
    expect(await calls()).toEqual([LOOK, LOOK, LOOK, COUNT, ADD]);
    expect((await library(sandbox)).length).toBe(50);
  });

  it("gets the items that are missing", async () => {
    const { sandbox, web, calls } = await start();
    await web.ensurePlaylist(draft({ uris: tracks(3) }));
    await calls();
    await web.ensurePlaylist(draft({ uris: tracks(5) }));
    expect(await calls()).toEqual([LOOK, COUNT, ADD]);
    expect((await library(sandbox))[0]?.uris).toEqual(tracks(5));
  });

  it.each([
    [1, [LOOK, CREATE, LOOK, COUNT, ADD, ADD, ADD]],
    [2, [LOOK, CREATE, ADD, LOOK, COUNT, ADD, ADD]],
    [3, [LOOK, CREATE, ADD, ADD, LOOK, COUNT, ADD]],
    [4, [LOOK, CREATE, ADD, ADD, ADD, LOOK, COUNT]],
  ])("is complete and created once if the response of write %i is lost", async (place, expected) => {
    const { sandbox, web, calls } = await start({ random: befalling(place) });
    await misbehave(sandbox, { ...LOST, share: 0.5 });
    expect(await failure(web.ensurePlaylist(draft()))).toMatchObject({ retryable: true, final: false });
    await behave(sandbox);
    const { uri } = await web.ensurePlaylist(draft());
    expect(await calls()).toEqual(expected);
    expect(await library(sandbox)).toMatchObject([{ uri, uris: tracks(250) }]);
  });

  it("is completed by a retry after a 429 in the middle", async () => {
    const { sandbox, web, calls } = await start({ random: befalling(3) });
    await misbehave(sandbox, { status: 429, only: "write", share: 0.5 });
    expect(await failure(web.ensurePlaylist(draft()))).toMatchObject({ status: 429, retryable: true });
    expect(await calls()).toEqual([LOOK, CREATE, ADD, "POST playlists/:id/items 429"]);
    await behave(sandbox);
    await web.ensurePlaylist(draft());
    expect((await library(sandbox))[0]?.uris).toEqual(tracks(250));
  });

  it("may have episodes, and fails with Spotify's message for an unknown item", async () => {
    const { web } = await start();
    const episode = world.episodes.find((one) => isPublished(one, new Date(NOW)));
    await web.ensurePlaylist(draft({ uris: [`spotify:episode:${episode?.spotifyId}`] }));
    const nobody = `spotify:episode:${"0".repeat(22)}`;
    expect(await failure(web.ensurePlaylist(draft({ marker: "request-2", uris: [nobody] })))).toMatchObject({
      message: `Cannot ask spotify-web: it answered 400: Invalid track uri: ${nobody}`,
      final: true,
    });
  });

  it("has a description before its marker, shortened to one line", async () => {
    const { sandbox, web } = await start();
    await web.ensurePlaylist(draft({ description: `a\n\n${"b".repeat(400)}`, uris: [] }));
    await web.ensurePlaylist(draft({ marker: "request-2", description: "", uris: [] }));
    expect((await library(sandbox)).map(({ description }) => description)).toEqual([
      "request-2",
      `a ${"b".repeat(288)} request-1`,
    ]);
  });

  it.each([
    [{ marker: "two words" }, 'marker is up to 100 letters, digits and _.:- but got "two words"'],
    [{ name: " " }, "name is not empty, but got nothing"],
    [{ uris: ["spotify:album:x"] }, 'uris are of tracks and episodes, but got "spotify:album:x"'],
  ])("is refused without a request if it is invalid: %j", async (more, message) => {
    const { web, calls } = await start();
    await expect(web.ensurePlaylist(draft(more))).rejects.toThrow(new RangeError(message));
    expect(await calls()).toEqual([]);
  });

  it("needs the user's grant, and reports when it has expired", async () => {
    const { web, calls } = await start({}, { refreshToken: "ended" });
    expect(await failure(web.ensurePlaylist(draft()))).toMatchObject({
      message: "Cannot ask spotify-web-accounts: it answered 400: invalid_grant: Invalid refresh token",
      renew: ["SPOTIFY_WEB_REFRESH_TOKEN"],
      final: false,
    });
    expect(await calls()).toEqual([]);
    expect(await web.episodes([])).toEqual([]);
  });

  it("is written with the user's token, while reads use the client's", async () => {
    const { sandbox, web } = await start();
    await web.ensurePlaylist(draft({ uris: [] }));
    await web.tracks(["0".repeat(22)]);
    const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{
      recent: { path: string; body: { grant_type?: string } | null }[];
    }>();
    expect(recent.flatMap(({ path, body }) => (path === "/api/token" ? body?.grant_type : []))).toEqual([
      "refresh_token",
      "client_credentials",
    ]);
  });
});

describe("playlists in the sandbox of the Web API", () => {
  it.each([
    ["GET", "/v1/me/playlists"],
    ["POST", "/v1/me/playlists"],
    ["POST", `/v1/playlists/${"0".repeat(22)}/items`],
  ] as const)("are nothing for a client's own token: %s %s", async (method, url) => {
    const { sandbox } = await start();
    const headers = { authorization: await authorization(sandbox, "client_credentials") };
    const answer = await sandbox.app.inject({ method, url, headers });
    expect([answer.statusCode, answer.json()]).toEqual([
      401,
      { error: { status: 401, message: "Valid user authentication required" } },
    ]);
  });

  it.each([
    ["/v1/me/playlists", {}, 400, "Missing required field: name"],
    ["/v1/me/playlists", { name: "x", description: "x".repeat(301) }, 400, "Description is too long"],
    ["/v1/me/playlists", { name: "x", collaborative: true }, 400, "Collaborative playlists must not be public"],
    [`/v1/playlists/${"0".repeat(22)}/items`, { uris: [track(1)] }, 404, "Resource not found"],
    ["items", { uris: tracks(101) }, 400, "You can add a maximum of 100 tracks per request."],
    ["items", {}, 400, "No uris provided"],
    ["items", { uris: ["spotify:track:x"] }, 400, "Invalid track uri: spotify:track:x"],
    ["items", { uris: [track(1)], position: 1 }, 400, "Index out of bounds"],
  ])("refuse to POST to %s %j", async (path, payload, status, message) => {
    const { sandbox } = await start();
    const headers = { authorization: await authorization(sandbox) };
    const post = (url: string, body: object) => sandbox.app.inject({ method: "POST", url, headers, payload: body });
    const { id } = (await post("/v1/me/playlists", { name: "x" })).json<{ id: string }>();
    const answer = await post(path === "items" ? `/v1/playlists/${id}/items` : path, payload);
    expect([answer.statusCode, answer.json()]).toEqual([status, { error: { status, message } }]);
  });
});
