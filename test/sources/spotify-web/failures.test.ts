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

  it("fails only the item that cannot be read, in a list and alone", async () => {
    const [one = "", bad = ""] = publishedIds;
    const episodes = [
      { id: one, explicit: true, languages: null },
      { id: bad, explicit: "no" },
    ];
    const message = `Cannot ask spotify-web: it answered unexpectedly: episode ${bad}: explicit: Invalid input: expected boolean, received string`;
    const wrong = failure({ message, failure: "UNEXPECTED" });
    const web = await connect(answering({ episodes }));
    expect(await web.episodes([one, bad])).toEqual([{ id: one, explicit: true, languages: [] }, wrong]);
    const single = await connect(answering(episodes[1]), { mode: "development" });
    expect(await single.episodes([bad])).toEqual([wrong]);
  });
});
