/** Failed requests and malformed replies. */
import { describe, expect, it } from "vitest";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { misbehave } from "../../support/sandbox-control.ts";
import { EpisodeReply } from "../../../subgraphs/sources/megaphone/replies.ts";
import { start, connect, calls, first } from "../../support/megaphone-client.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";

/** A Megaphone with one answer to all requests. */
function answering(body: unknown, headers: Readonly<Record<string, string>> = {}): Sandbox {
  return createSandbox({
    name: "megaphone",
    problem: () => ({}),
    routes: (app) => void app.get("/api/*", (_request, reply) => reply.headers(headers).send(body)),
  });
}

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
  it("names what is wrong about a list that is none", async () => {
    const megaphone = await connect(answering({}, { "x-total": "1" }));
    await expect(megaphone.episodes("p", { page: 1, perPage: 10 })).rejects.toThrow(
      "Cannot ask megaphone: it answered unexpectedly: (body): Invalid input: expected array, received object",
    );
  });

  it.each([
    ["no word on drafts", { draft: null }, "draft: Invalid input: expected boolean, received null"],
    ["a date that is none", { pubdate: "soon" }, "pubdate: Invalid input: expected a date"],
    ["a negative length", { duration: "-1" }, "duration: Too small: expected number to be >=0"],
    ["an endless length", { duration: 1e12 }, "duration: Too big: expected number to be <=2147483"],
  ])("fails only the item with %s, by name", async (_title, changes, problem) => {
    const megaphone = await connect(answering([fine, { ...fine, id: "bad", ...changes }], { "x-total": "2" }));
    const { episodes } = await megaphone.episodes("p", { page: 1, perPage: 10 });
    const message = `Cannot ask megaphone: it answered unexpectedly: episode bad: ${problem}`;
    expect(episodes).toEqual([
      expect.objectContaining({ id: "e" }),
      expect.objectContaining({ name: "UpstreamError", failure: "UNEXPECTED", message }),
    ]);
    expect(await megaphone.episodesById(["e", "bad"].map((episodeId) => ({ podcastId: "p", episodeId })))).toEqual(
      episodes,
    );
  });

  it.each([
    ["a list without X-Total", {}],
    ["an X-Total that is no number", { "x-total": "many" }],
  ])("shows %s", async (_title, headers) => {
    const megaphone = await connect(answering([fine], headers));
    expect(await megaphone.episodes("p", { page: 1, perPage: 10 })).toMatchObject({
      total: null,
      episodes: [{ id: "e" }],
    });
    expect(await megaphone.podcasts()).toMatchObject([{ id: "e" }]);
  });

  it.each([
    ["yes", true],
    ["no", false],
    ["clean", false],
    [true, true],
    [false, false],
    [null, true],
    [undefined, true],
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
