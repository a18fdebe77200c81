/**
 * requestPlaylist: how a request is decided, what is stored, and which inputs are refused. Over 200 lines, because all
 * tests share one started graph.
 */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { locationId } from "../../../schema/id.ts";
import { hasServer } from "../../support/database.ts";
import { profileOf } from "../../support/location-world.ts";
import { startPlaylistsGraph, textProblem, tracks } from "../../support/playlists-graph.ts";
import type { PlaylistsGraph, ShownRequest } from "../../support/playlists-graph.ts";
import { statementsOf } from "../../support/statements.ts";

let graph: PlaylistsGraph;
beforeAll(async () => {
  graph = await startPlaylistsGraph();
});
afterAll(() => graph.stop());
afterEach(() => graph.reset());

describe("requestPlaylist", () => {
  it("rejects what the rules deny, with their reasons", async () => {
    expect(await graph.requested({ trackUris: tracks(30, 6) })).toMatchObject({
      status: "REJECTED",
      review: null,
      decision: { verdict: "DENY", reasons: expect.arrayContaining([{ code: "EXPLICIT_IN_STORE" }]) },
    });
    expect(await graph.requested({ trackUris: [] })).toMatchObject({ status: "REJECTED" });
    await graph.outboxIsIdle();
    expect(await graph.playlistWrites()).toEqual([]);
  });

  it("rejects a playlist for a location without a valid licence", async () => {
    const { locationId: unlicensed = "" } =
      [...profileOf.values()].find(({ licence }) => licence?.status === "EXPIRED") ?? {};
    expect(await graph.requested({ locationId: locationId.encode(unlicensed) })).toMatchObject({
      status: "REJECTED",
      decision: { reasons: expect.arrayContaining([{ code: "LICENCE_INVALID" }]) },
    });
  });

  it("opens a review in the decided queue for the verdict REVIEW", async () => {
    const { id, status, review } = await graph.requested({ trackUris: tracks(30, 1) });
    expect(status).toBe("IN_REVIEW");
    expect(review).toEqual({
      id: expect.stringMatching(/^review_/),
      subject: id,
      queue: "music-curation",
      status: "OPEN",
    });
    await graph.outboxIsIdle();
    expect(await graph.playlistWrites()).toEqual([]);
  });

  it("opens a review for the action HOLD, also if the verdict is ALLOW", async () => {
    await graph.withRules("playlist_request", { verdict: "ALLOW", action: "HOLD", queue: "brand" }, async () => {
      expect(await graph.requested()).toMatchObject({
        status: "IN_REVIEW",
        review: { queue: "brand" },
        decision: { verdict: "ALLOW", action: "HOLD" },
      });
    });
    await graph.outboxIsIdle();
    expect(await graph.playlistWrites()).toEqual([]);
  });

  it("reviews a playlist with brand guidelines whose tracks are not rated", async () => {
    expect(await graph.requested({ brandGuidelines: "Warm, no vocals" })).toMatchObject({
      status: "IN_REVIEW",
      decision: { reasons: expect.arrayContaining([{ code: "OFF_BRAND" }]) },
    });
  });

  it("counts tracks and episodes that Spotify does not know as explicit", async () => {
    const unknown = `spotify:track:${"0".repeat(22)}`;
    const { status, decision } = await graph.requested({ trackUris: [...tracks(30), unknown] });
    expect([status, decision?.reasons]).toEqual(["IN_REVIEW", expect.arrayContaining([{ code: "EXPLICIT_TRACKS" }])]);
    const invalid = `spotify:track:zzzz${"0".repeat(18)}`;
    expect(await graph.requested({ trackUris: [...tracks(30), invalid] })).toMatchObject({ status: "IN_REVIEW" });
    const episode = `spotify:episode:${"0".repeat(22)}`;
    expect(await graph.requested({ trackUris: [...tracks(30), episode] })).toMatchObject({ status: "IN_REVIEW" });
  });

  it("looks up 10,000 tracks in 200 requests of 50", async () => {
    const { trackUris, ...shown } = await graph.requested({ trackUris: tracks(10_000) });
    expect(shown).toMatchObject({
      status: "IN_REVIEW",
      decision: { reasons: expect.arrayContaining([{ code: "TOO_MANY_TRACKS" }]) },
    });
    const { recent } = await graph.sandbox("spotify-web").calls();
    const lookups = recent.filter(({ method, path }) => method === "GET" && String(path).startsWith("/v1/tracks"));
    expect(lookups).toHaveLength(200);
    expect(trackUris).toHaveLength(10_000);
  });

  it("accepts a first day that has already begun", async () => {
    expect(await graph.requested({ startsAt: "2026-03-10T11:00:00Z", trackUris: tracks(30, 1) })).toMatchObject({
      status: "IN_REVIEW",
    });
  });

  it("keeps a request undecided while the Web API fails, and decides it afterwards", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const { id, status } = await undecided();
    expect(status).toBe("UNDECIDED");
    await graph.sandbox("spotify-web").behave();
    await graph.becomes(id, "FULFILLED");
  });

  it("keeps a request undecided while the decision service fails, and decides it afterwards", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { id, status } = await undecided({ trackUris: tracks(31) });
    expect(status).toBe("UNDECIDED");
    await graph.sandbox("opentext").behave();
    await graph.becomes(id, "FULFILLED");
    expect((await graph.playlistWrites()).filter((one) => one === "POST me/playlists 201")).toHaveLength(1);
  });

  async function undecided(input: object = {}): Promise<ShownRequest> {
    const { data, errors } = await graph.request(input);
    for (const { path } of errors) expect(path?.at(-1)).toBe("decision");
    return data?.requestPlaylist.playlistRequest ?? expect.fail("the payload has no playlist request");
  }
});

describe("playlistRequest", () => {
  it("gives null for an id with a NUL character", async () => {
    const { data, errors } = await graph.query(`{ playlistRequest(id: "playlist-request_~00") { id } }`);
    expect([data, errors]).toEqual([{ playlistRequest: null }, []]);
  });
});

describe("requestPlaylist with an idempotencyKey", () => {
  it("gives the same request for a repeated call", async () => {
    const idempotencyKey = randomUUID();
    const first = await graph.requested({ idempotencyKey });
    const second = await graph.requested({ idempotencyKey });
    expect(second.id).toBe(first.id);
  });

  it("makes one request and one playlist of twenty concurrent calls", async () => {
    const [before, idempotencyKey] = [await graph.countRequests(), randomUUID()];
    const all = await Promise.all(Array.from({ length: 20 }, () => graph.requested({ idempotencyKey })));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await graph.countRequests()).toBe(before + 1);
    await graph.becomes(all[0]?.id ?? "", "FULFILLED");
    expect((await graph.playlistWrites()).filter((one) => one === "POST me/playlists 201")).toHaveLength(1);
  });

  it("refuses the key for another input", async () => {
    const idempotencyKey = randomUUID();
    await graph.requested({ idempotencyKey });
    const { data, errors } = await graph.request({ idempotencyKey, title: "Another" });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: "Cannot requestPlaylist: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });
});

describe("requestPlaylist refuses", () => {
  const uri = tracks(1)[0] ?? "";
  it.each([
    ["title", "", textProblem(100)],
    ["title", "   ", textProblem(100)],
    ["title", "a".repeat(101), textProblem(100)],
    ["title", "NUL \0 here", textProblem(100)],
    ["brandGuidelines", "b".repeat(5001), textProblem(5000)],
    ["brandGuidelines", "\0", textProblem(5000)],
    ["idempotencyKey", "", "must be longer than or equal to 1 characters"],
    ["trackUris", tracks(10_001), "must not have more than 10000 items"],
    ["trackUris", [uri, uri], `must not repeat: ${uri} is repeated at index 1`],
    ...["", "spotify:album:4iV5W9uYEdYUVa79Axb7Rh", "4iV5W9uYEdYUVa79Axb7Rh", `${uri}/..`, ` ${uri}`].map(
      (wrong) =>
        [
          "trackUris",
          [uri, wrong],
          "must be spotify:track: or spotify:episode: with an id of 22 letters and digits: the item at index 1 is not",
        ] as const,
    ),
    ["startsAt", "2026-03-08T12:00:00Z", "must not be in the past"],
    ["startsAt", "9999-12-31T23:59:59-12:00", "must not be after the year 9999"],
    ["endsAt", "2026-03-10T11:59:59Z", "must not be in the past"],
    ["endsAt", "9999-12-31T23:59:59-12:00", "must not be after the year 9999"],
  ] as const)("an invalid %s: %#", async (field, value, problem) => {
    const { data, errors } = await graph.request({ [field]: value });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: `Cannot requestPlaylist: ${field} ${problem}`,
        path: ["requestPlaylist"],
        extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
      },
    ]);
  });

  it("an end that is not after the start", async () => {
    const { errors } = await graph.request({ startsAt: "2026-05-02T12:00:00Z", endsAt: "2026-05-02T12:00:00Z" });
    expect(errors).toMatchObject([
      {
        message: "Cannot requestPlaylist: endsAt must be after startsAt",
        extensions: { code: "BAD_USER_INPUT", fields: { endsAt: ["must be after startsAt"] } },
      },
    ]);
  });

  it("several invalid fields in one error", async () => {
    const { errors } = await graph.request({ title: "", brandGuidelines: "\0", trackUris: [""] });
    expect(Object.keys(errors[0]?.extensions["fields"] ?? {}).toSorted()).toEqual([
      "brandGuidelines",
      "title",
      "trackUris",
    ]);
  });

  const OVERSIZED = [
    ["100,000 tracks", { trackUris: Array(100_000).fill(uri) }],
    ["a title of a million characters", { title: `${"a".repeat(1_000_000)}\0` }],
  ] as const;
  it.each(OVERSIZED)("%s before any upstream is called", async (_size, input) => {
    const { errors } = await graph.request(input);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    const calls = await Promise.all(["spotify-web", "soundtrack"].map((name) => graph.sandbox(name).calls()));
    expect(calls.map(({ requests }) => requests)).toEqual([0, 0]);
    expect(await graph.executes()).toBe(0);
  });

  it.runIf(hasServer()).each(OVERSIZED)("%s without a statement", async (_size, input) => {
    const pattern = /"(?:locations|decisions|mutations)"\./;
    expect(await statementsOf(pattern, () => graph.requested())).not.toEqual([]);
    // Its effects also send statements.
    await graph.outboxIsIdle();
    expect(await statementsOf(pattern, () => graph.request(input))).toEqual([]);
  });

  it.each([
    [`location_${"0".repeat(20)}`, `Cannot requestPlaylist: there is no location location_${"0".repeat(20)}`],
    ["location", 'Cannot read locationId: "location" is no location id'],
    ["campaign_1", 'Cannot read locationId: "campaign_1" is no location id'],
    ["", 'Cannot read locationId: "" is no location id'],
  ])("an unknown location: %s", async (id, message) => {
    const { errors } = await graph.request({ locationId: id });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument: "locationId" } }]);
  });

  it("an input without recording it or its key", async () => {
    const [before, idempotencyKey] = [await graph.countRequests(), randomUUID()];
    await graph.request({ startsAt: "2026-03-01T12:00:00Z", idempotencyKey });
    expect(await graph.countRequests()).toBe(before);
    expect(await graph.requested({ trackUris: tracks(30, 1), idempotencyKey })).toMatchObject({ status: "IN_REVIEW" });
  });
});
