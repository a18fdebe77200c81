/** Reads in development mode, which forbids lists. */
import { describe, expect, it } from "vitest";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyWebSandbox } from "../../../subgraphs/sandbox/spotify-web/server.ts";
import { trackId } from "../../../subgraphs/sandbox/world/tracks.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { behave, misbehave } from "../../support/sandbox-control.ts";
import {
  today,
  NOBODY,
  world,
  publishedIds,
  start,
  connect,
  calls,
  failure,
  TOKEN,
} from "../../support/spotify-web-client.ts";

describe("the Web API's client in development mode", () => {
  it("reads one by one in the configured mode", async () => {
    const { sandbox, web } = await start("development", { mode: "development" });
    const [a = "", b = ""] = publishedIds;
    const episodes = requireAll(await web.episodes([a, NOBODY, b, a]));
    expect(episodes.map((episode) => episode?.id ?? null)).toEqual([a, null, b, a]);
    expect((await calls(sandbox)).toSorted()).toEqual(
      [
        `GET /v1/episodes/${a} 200`,
        `GET /v1/episodes/${b} 200`,
        `GET /v1/episodes/${NOBODY} 404`,
        "GET /v1/search 200",
        TOKEN,
      ].toSorted(),
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
        app.get("/v1/search", () => ({ tracks: {} }));
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

  it("takes 404 to everything for no answer about an episode", async () => {
    const { sandbox, web } = await start("development", { mode: "development" });
    await misbehave(sandbox, { status: 404 });
    const lost = failure({ status: 404, renew: ["SPOTIFY_WEB_BASE_URL"] });
    expect(await web.episodes(publishedIds.slice(0, 2))).toEqual([lost, lost]);
    await behave(sandbox);
    const found = requireAll(await web.episodes(publishedIds.slice(0, 2)));
    expect(found.map((episode) => episode?.id)).toEqual(publishedIds.slice(0, 2));
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
