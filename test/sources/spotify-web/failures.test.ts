/** Failed requests and malformed replies. */
import { describe, expect, it } from "vitest";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { misbehave } from "../../support/sandbox-control.ts";
import { NOBODY, publishedIds, start, connect, calls, failure, TOKEN } from "../../support/spotify-web-client.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";

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
