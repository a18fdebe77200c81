/** What the sandbox of the Web API refuses and lists. */
import { describe, expect, it } from "vitest";
import { NOBODY, world, published, publishedIds, problem, today, open } from "../../support/spotify-web-client.ts";
import { createSpotifyWebSandbox } from "../../../subgraphs/sandbox/spotify-web/server.ts";

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
