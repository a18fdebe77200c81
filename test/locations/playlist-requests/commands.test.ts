import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Verdict } from "../../../schema/verdict.ts";
import { locationId, playlistRequestId } from "../../../schema/id.ts";
import { addPlaylistRequest } from "../../../subgraphs/records/locations/store.ts";
import { createWorld } from "../../../subgraphs/sandbox/world/world.ts";
import { trackId } from "../../../subgraphs/sandbox/world/tracks.ts";
import { NOW, startTestDecibel } from "../../support/decibel.ts";
import type { Answer, TestDecibel } from "../../support/decibel.ts";
import { mutate, outboxIsIdle } from "../../support/mutations.ts";
import { setOutboxAhead } from "../../support/outbox-clock.ts";

const DAY = 86_400_000;
/** After the real time, by which the outbox schedules effects. */
const FAR = "2098-05-01T12:00:00Z";
const EARLIER = "2097-05-01T12:00:00Z";
const TEXT = (longest: number): string => `must be 1 to ${longest} characters, not all blank and none NUL`;
const MISSING_LOCATION = "Tm9ib2R5LCwxbm9ib2R5Lw==";
const world = createWorld({ scale: 1, now: new Date(NOW) });
const profiles = new Map(world.locations.profiles.map((profile) => [profile.locationId, profile]));
/** Licensed, with more than one sound zone, in a country that no rule names. */
const shop = world.locations.locations.find(
  ({ id, address: { country }, zones }) =>
    ["GB", "SE"].includes(country) && zones.length > 1 && profiles.get(id)?.licence?.status === "ACTIVE",
) as Place;
type Place = (typeof world.locations.locations)[number];

let graph: TestDecibel;
let clock = NOW;

beforeAll(async () => {
  graph = await startTestDecibel({
    variables: { OUTBOX_RETRIES: "30", OUTBOX_RETRY_SECONDS: "0" },
    now: () => clock,
  });
});
afterAll(() => graph.stop());
beforeEach(async () => {
  for (const name of ["spotify-web", "soundtrack", "opentext"]) await graph.sandbox(name).forget();
});
afterEach(async () => {
  clock = NOW;
  await setOutboxAhead(graph.decibel.database, 0);
  for (const name of ["spotify-web", "soundtrack", "opentext"]) await graph.sandbox(name).behave();
  await outboxIsIdle(graph);
});

interface Request {
  readonly id: string;
  readonly status: string;
  readonly playlistUri: string | null;
  readonly review: { readonly id: string } | null;
  readonly trackUris: readonly string[];
  readonly decision: { readonly verdict: string; readonly reasons: readonly { readonly code: string }[] } | null;
}

const FIELDS =
  "id status playlistUri review { id subject queue status } trackUris decision { verdict reasons { code } }";
const tracks = (count: number, explicit = 0, from = 0): readonly string[] =>
  Array.from({ length: count }, (_none, nth) => `spotify:track:${trackId(nth < explicit, "test", from + nth)}`);

const request = (input: object): Promise<Answer<{ requestPlaylist: { playlistRequest: Request } } | null>> =>
  graph.query(
    `mutation ($input: RequestPlaylistInput!) { requestPlaylist(input: $input) { playlistRequest { ${FIELDS} } } }`,
    {
      input: {
        locationId: locationId.encode(shop.id),
        title: "Spring mornings",
        usage: "IN_STORE",
        trackUris: tracks(30),
        ...input,
      },
    },
  );

async function requested(input: object): Promise<Request> {
  const { data, errors } = await request(input);
  expect(errors).toEqual([]);
  return data?.requestPlaylist.playlistRequest ?? expect.fail("the payload is empty");
}

async function read(id: string): Promise<Request> {
  const { data } = await graph.query<{ playlistRequest: Request }>(
    `query ($id: ID!) { playlistRequest(id: $id) { ${FIELDS} } }`,
    { id },
  );
  return data.playlistRequest;
}

const statusOf = async (id: string): Promise<string> => (await read(id)).status;
async function becomes(id: string, status: string): Promise<void> {
  await expect.poll(() => statusOf(id), { timeout: 9000, interval: 50 }).toBe(status);
}

/** The writes that Spotify received since `forget`: `POST me/playlists 201`. */
async function writes(): Promise<readonly string[]> {
  const { recent } = await graph.sandbox("spotify-web").calls();
  return recent
    .filter(({ method, path }) => method !== "GET" && path !== "/api/token")
    .map(({ method, path, status }) =>
      `${String(method)} ${String(path)} ${String(status)}`
        .replace(/\/v1\/(playlists\/)?\w{22}/, "playlist")
        .replace("/v1/", ""),
    );
}

/** The assignments that Soundtrack received since `forget`. */
async function assignments(): Promise<readonly unknown[]> {
  const { recent } = await graph.sandbox("soundtrack").calls();
  return recent
    .filter(({ body }) => JSON.stringify(body).includes("mutation"))
    .map(({ body }) => (body as { variables: { input: unknown } }).variables.input);
}

async function countRequests(): Promise<number> {
  const rows = await rowsOf(sql`select count(*)::int as n from locations.playlist_requests`);
  return Number(rows[0]?.["n"]);
}

describe("requesting a playlist", () => {
  it("creates it in Spotify, assigns it to the location's zones, and fulfils the request", async () => {
    const { id, ...made } = await requested({ trackUris: tracks(250) });
    expect(made).toMatchObject({ status: "APPROVED", review: null, decision: { verdict: "ALLOW" } });
    await becomes(id, "FULFILLED");
    const { playlistUri } = await read(id);
    expect(playlistUri).toMatch(/^spotify:playlist:\w{22}$/);
    expect(await writes()).toEqual(["POST me/playlists 201", ...Array(3).fill("POST playlist/items 201")]);
    expect(await assignments()).toEqual([{ soundZones: zonesOf(shop), source: playlistUri }]);
    const { data } = await graph.query<{ location: { playlistRequests: { nodes: { id: string }[] } } }>(
      `{ location(id: "${locationId.encode(shop.id)}") { playlistRequests(first: 1) { nodes { id } } } }`,
    );
    expect(data.location.playlistRequests.nodes).toEqual([{ id }]);
  });

  it("with a first day in the future creates it now, and schedules its assignment", async () => {
    const { id } = await requested({ startsAt: FAR });
    await expect.poll(async () => (await read(id)).playlistUri).toMatch(/^spotify:playlist:/);
    await outboxIsIdle(graph);
    expect(await statusOf(id)).toBe("APPROVED");
    expect(await assignments()).toEqual([]);
    const rows = await rowsOf(
      sql`select start_after from outbox.job where singleton_key = ${id} and state = 'created'`,
    );
    expect(rows.map(({ start_after: at }) => new Date(String(at)).toISOString())).toEqual([
      new Date(FAR).toISOString(),
    ]);
  });

  it("assigns it when its first day begins", async () => {
    const { id } = await requested({ startsAt: EARLIER });
    await expect.poll(async () => (await read(id)).playlistUri).toMatch(/^spotify:playlist:/);
    await outboxIsIdle(graph);
    expect([await statusOf(id), await assignments()]).toEqual(["APPROVED", []]);
    await setOutboxAhead(graph.decibel.database, Date.parse(EARLIER) - Date.now());
    await becomes(id, "FULFILLED");
    expect(await assignments()).toHaveLength(1);
  });

  it("rejects it if the rules deny it, with their reasons", async () => {
    expect(await requested({ trackUris: tracks(30, 6) })).toMatchObject({
      status: "REJECTED",
      review: null,
      decision: { verdict: "DENY", reasons: expect.arrayContaining([{ code: "EXPLICIT_IN_STORE" }]) },
    });
    expect(await requested({ trackUris: [] })).toMatchObject({ status: "REJECTED" });
    await outboxIsIdle(graph);
    expect(await writes()).toEqual([]);
  });

  it("rejects it for a location without a valid licence", async () => {
    const { locationId: unlicensed = "" } =
      [...profiles.values()].find(({ licence }) => licence?.status === "EXPIRED") ?? {};
    expect(await requested({ locationId: locationId.encode(unlicensed) })).toMatchObject({
      status: "REJECTED",
      decision: { reasons: expect.arrayContaining([{ code: "LICENCE_INVALID" }]) },
    });
  });

  it("opens a review in the decided queue", async () => {
    const { id, status, review } = await requested({ trackUris: tracks(30, 1) });
    expect(status).toBe("IN_REVIEW");
    expect(review).toEqual({
      id: expect.stringMatching(/^review_/),
      subject: id,
      queue: "music-curation",
      status: "OPEN",
    });
    await outboxIsIdle(graph);
    expect(await writes()).toEqual([]);
  });

  it("opens a review for guidelines without a rating of the tracks", async () => {
    expect(await requested({ brandGuidelines: "Warm, no vocals" })).toMatchObject({
      status: "IN_REVIEW",
      decision: { reasons: expect.arrayContaining([{ code: "OFF_BRAND" }]) },
    });
  });

  it.each([
    ["ALLOW", "FULFILLED", 2],
    ["DENY", "REJECTED", 0],
  ] as const)("follows the review: %s → %s", async (verdict, status, writeCount) => {
    const made = await requested({ trackUris: tracks(30, 1) });
    const { id } = made;
    await resolve(made, verdict);
    await becomes(id, status);
    expect(await writes()).toHaveLength(writeCount);
    expect((await resolve(made, "ALLOW")).errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
  });

  it("counts tracks and episodes that Spotify does not know as explicit", async () => {
    const unknown = `spotify:track:${"0".repeat(22)}`;
    const { status, decision } = await requested({ trackUris: [...tracks(30), unknown] });
    expect([status, decision?.reasons]).toEqual(["IN_REVIEW", expect.arrayContaining([{ code: "EXPLICIT_TRACKS" }])]);
    const episode = `spotify:episode:${"0".repeat(22)}`;
    expect(await requested({ trackUris: [...tracks(30), episode] })).toMatchObject({ status: "IN_REVIEW" });
  });

  it("reads 10,000 tracks in batches of 50", async () => {
    const made = await requested({ trackUris: tracks(10_000) });
    expect(made).toMatchObject({
      status: "IN_REVIEW",
      decision: { reasons: expect.arrayContaining([{ code: "TOO_MANY_TRACKS" }]) },
    });
    expect((await graph.sandbox("spotify-web").calls()).requests).toBeGreaterThanOrEqual(200);
    expect(made.trackUris).toHaveLength(10_000);
  });
});

describe("a playlist request without an upstream", () => {
  it("is decided when the Web API answers which tracks are explicit", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const { id, status } = await requestedUndecided({});
    expect(status).toBe("UNDECIDED");
    await graph.sandbox("spotify-web").behave();
    await becomes(id, "FULFILLED");
  });

  it("creates the playlist once when the Web API is back", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 503, only: "write" });
    const { id } = await requested({});
    await expect.poll(async () => (await writes()).length).toBeGreaterThan(0);
    expect(await statusOf(id)).toBe("APPROVED");
    await graph.sandbox("spotify-web").behave();
    await becomes(id, "FULFILLED");
    expect((await writes()).filter((one) => one.endsWith("201"))).toEqual([
      "POST me/playlists 201",
      "POST playlist/items 201",
    ]);
  });

  it("does not repeat a write whose response was lost", async () => {
    await graph.sandbox("spotify-web").misbehave({ body: "reset", only: "write" });
    const { id } = await requested({});
    await expect.poll(async () => (await writes()).length, { timeout: 9000 }).toBeGreaterThan(1);
    await graph.sandbox("spotify-web").behave();
    await becomes(id, "FULFILLED");
    const all = await writes();
    expect(all.filter((one) => one.startsWith("POST me/playlists"))).toHaveLength(1);
    expect(all.filter((one) => one.startsWith("POST playlist/items"))).toHaveLength(1);
  });

  it("assigns the zones when Soundtrack is back", async () => {
    await graph.sandbox("soundtrack").misbehave({ status: 503, only: "write" });
    const { id } = await requested({});
    await expect.poll(async () => (await read(id)).playlistUri, { timeout: 5000 }).not.toBeNull();
    await graph.sandbox("soundtrack").behave();
    await becomes(id, "FULFILLED");
    expect((await assignments()).length).toBeGreaterThanOrEqual(1);
  });

  it("is UNDECIDED without the decision service, and decided when it is back", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { id, status } = await requestedUndecided();
    expect(status).toBe("UNDECIDED");
    await graph.sandbox("opentext").behave();
    await expect.poll(() => statusOf(id), { timeout: 9000, interval: 100 }).toBe("FULFILLED");
    expect((await writes()).filter((one) => one === "POST me/playlists 201")).toHaveLength(1);
  });

  async function requestedUndecided(input: object = { trackUris: tracks(31) }): Promise<Request> {
    const { data, errors } = await request(input);
    for (const { path } of errors) expect(path?.at(-1)).toBe("decision");
    return data?.requestPlaylist.playlistRequest ?? expect.fail("the payload is empty");
  }
});

describe("a playlist that cannot be created", () => {
  it("because of a permanent failure is FAILED, and FULFILLED after a retry", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 403, only: "write" });
    const { id } = await requested({});
    await becomes(id, "FAILED");
    expect(await writes()).toEqual(["POST me/playlists 403"]);
    await graph.sandbox("spotify-web").behave();
    await retry(id);
    await becomes(id, "FULFILLED");
  });

  it("because its location was deleted is FAILED", async () => {
    const id = await written({ locationId: MISSING_LOCATION });
    await becomes(id, "FAILED");
    expect(await outputOf(id)).toBe(`Cannot carry out ${id}: its location does not exist any more`);
    expect(await writes()).toEqual([]);
  });

  it("before its last day is not assigned", async () => {
    const id = await written(
      { endsAt: new Date(NOW - DAY), playlistUri: `spotify:playlist:${"1".repeat(22)}` },
      "assign-zones",
    );
    await becomes(id, "FAILED");
    expect(await outputOf(id)).toBe(`Cannot play ${id}: its last day has passed`);
    expect(await assignments()).toEqual([]);
  });

  /** An approved request whose effect waits. */
  async function written(more: object, kind: "create-playlist" | "assign-zones" = "create-playlist"): Promise<string> {
    const { database, outbox } = graph.decibel;
    const id = randomUUID();
    await database.transaction(async (tx) => {
      await addPlaylistRequest(tx, {
        id,
        locationId: shop.id,
        title: "Approved before",
        usage: "EVENT",
        trackUris: tracks(3),
        explicitTracks: 0,
        brandGuidelines: null,
        brandFit: null,
        requestedBy: "somebody",
        requestedAt: new Date(NOW),
        status: "APPROVED",
        playlistUri: null,
        startsAt: null,
        endsAt: null,
        ...more,
      });
      const subject = playlistRequestId.encode(id);
      await outbox.send(
        tx,
        { name: `locations.${kind}`, data: z.object({ id: z.string() }) },
        { subject, data: { id } },
      );
    });
    return playlistRequestId.encode(id);
  }

  async function outputOf(id: string): Promise<unknown> {
    const rows = await rowsOf(sql`select output from outbox.job where singleton_key = ${id}`);
    return (rows[0]?.["output"] as { message: string } | undefined)?.message;
  }

  async function retry(id: string): Promise<void> {
    const [job] = await rowsOf(sql`select id from outbox.job where singleton_key = ${id} and state = 'failed'`);
    await graph.decibel.outbox.retry("locations", String(job?.["id"]));
  }
});

describe("the payload of requestPlaylist", () => {
  const DECIDED = "id status decision { id verdict model { version } }";
  interface Decided {
    readonly id: string;
    readonly status: string;
    readonly decision: { readonly id: string; readonly verdict: string } | null;
  }
  const send = (input: object) =>
    mutate<{ readonly playlistRequest: Decided }>(
      graph,
      "requestPlaylist",
      {
        locationId: locationId.encode(shop.id),
        title: "Evenings",
        usage: "IN_STORE",
        trackUris: tracks(12, 0, 500),
        ...input,
      },
      `{ playlistRequest { ${DECIDED} } }`,
    );
  const executes = async (): Promise<number> => (await graph.sandbox("opentext").calls()).executes;
  const evaluationsOf = (subject: string) =>
    rowsOf(sql`select id from decisions.evaluations where subject = ${subject} and model = 'playlist_request'`);

  it("shows the recorded decision, evaluated once", async () => {
    const { data, errors } = await send({ trackUris: tracks(77, 0, 700) });
    expect(errors).toEqual([]);
    const { id, status, decision } = data?.playlistRequest ?? expect.fail("the payload is empty");
    expect([status, decision?.verdict]).toEqual(["APPROVED", "ALLOW"]);
    expect(await executes()).toBe(1);
    expect(await evaluationsOf(id)).toEqual([
      { id: expect.stringContaining(decision?.id.replace("evaluation_", "") ?? "-") },
    ]);
  });

  it("shows the same decision for a repeated key, after the licence has changed", async () => {
    const idempotencyKey = randomUUID();
    const first = await send({ idempotencyKey });
    const change = { locationId: locationId.encode(shop.id), status: "EXPIRED", tier: "background" };
    expect((await mutate(graph, "recordLicence", change, "{ location { id } }")).errors).toEqual([]);
    const second = await send({ idempotencyKey });
    expect((await send({})).data?.playlistRequest).toMatchObject({ status: "REJECTED", decision: { verdict: "DENY" } });
    await mutate(graph, "recordLicence", { ...change, status: "ACTIVE" }, "{ location { id } }");
    expect(second.errors).toEqual([]);
    expect(second.data?.playlistRequest.decision).toEqual(first.data?.playlistRequest.decision);
    expect(second.data?.playlistRequest.decision?.verdict).not.toBe("DENY");
  });

  it("has no decision while the request is UNDECIDED", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503 });
    const { data, errors } = await send({ trackUris: tracks(78, 0, 900) });
    expect(data?.playlistRequest).toMatchObject({ status: "UNDECIDED", decision: null });
    expect(errors).toMatchObject([
      { path: ["requestPlaylist", "playlistRequest", "decision"], extensions: { code: "DECISION_UNAVAILABLE" } },
    ]);
    await graph.sandbox("opentext").behave();
  });
});

describe("a repeated playlist request", () => {
  it("with the same key is one request", async () => {
    const idempotencyKey = randomUUID();
    const first = await requested({ idempotencyKey });
    const second = await requested({ idempotencyKey });
    expect(second.id).toBe(first.id);
  });

  it("with the same key from twenty concurrent callers is one request and one playlist", async () => {
    const [before, idempotencyKey] = [await countRequests(), randomUUID()];
    const all = await Promise.all(Array.from({ length: 20 }, () => requested({ idempotencyKey })));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await countRequests()).toBe(before + 1);
    await becomes(all[0]?.id ?? "", "FULFILLED");
    expect((await writes()).filter((one) => one === "POST me/playlists 201")).toHaveLength(1);
  });

  it("with the same key and another input is an error", async () => {
    const idempotencyKey = randomUUID();
    await requested({ idempotencyKey });
    const { data, errors } = await request({ idempotencyKey, title: "Another" });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: "Cannot requestPlaylist: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });
});

describe("an invalid playlist request", () => {
  const uri = tracks(1)[0] ?? "";
  it.each([
    ["title", "", TEXT(100)],
    ["title", "   ", TEXT(100)],
    ["title", "a".repeat(101), TEXT(100)],
    ["title", "NUL \0 here", TEXT(100)],
    ["brandGuidelines", "b".repeat(5001), TEXT(5000)],
    ["brandGuidelines", "\0", TEXT(5000)],
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
  ] as const)("whose %s is wrong: %#", async (field, value, problem) => {
    const { data, errors } = await request({ [field]: value });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: `Cannot requestPlaylist: ${field} ${problem}`,
        path: ["requestPlaylist"],
        extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
      },
    ]);
  });

  it("that ends before it starts is rejected", async () => {
    const { errors } = await request({ startsAt: "2026-05-02T12:00:00Z", endsAt: "2026-05-02T12:00:00Z" });
    expect(errors).toMatchObject([
      {
        message: "Cannot requestPlaylist: endsAt must be after startsAt",
        extensions: { code: "BAD_USER_INPUT", fields: { endsAt: ["must be after startsAt"] } },
      },
    ]);
  });

  it("lists all problems at once", async () => {
    const { errors } = await request({ title: "", brandGuidelines: "\0", trackUris: [""] });
    expect(Object.keys(errors[0]?.extensions["fields"] ?? {}).toSorted()).toEqual([
      "brandGuidelines",
      "title",
      "trackUris",
    ]);
  });

  it("is not one that starts today", async () => {
    expect(await requested({ startsAt: "2026-03-10T11:00:00Z", trackUris: tracks(30, 1) })).toMatchObject({
      status: "IN_REVIEW",
    });
  });

  it.each([
    ["100,000 tracks", { trackUris: Array(100_000).fill(uri) }],
    ["a title of a million letters", { title: `${"a".repeat(1_000_000)}\0` }],
  ])("with %s is rejected before any upstream is called", async (_size, input) => {
    const { errors } = await request(input);
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    const calls = await Promise.all(["spotify-web", "soundtrack"].map((name) => graph.sandbox(name).calls()));
    expect(calls.map(({ requests }) => requests)).toEqual([0, 0]);
  });

  it.each([
    [`location_${"0".repeat(20)}`, `Cannot requestPlaylist: there is no location location_${"0".repeat(20)}`],
    ["location", 'Cannot read locationId: "location" is no location id'],
    ["campaign_1", 'Cannot read locationId: "campaign_1" is no location id'],
    ["", 'Cannot read locationId: "" is no location id'],
  ])("of a location that does not exist is rejected: %s", async (id, message) => {
    const { errors } = await request({ locationId: id });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument: "locationId" } }]);
  });

  it("is not found by an id with NUL", async () => {
    const { data, errors } = await graph.query(`{ playlistRequest(id: "playlist-request_~00") { id } }`);
    expect([data, errors]).toEqual([{ playlistRequest: null }, []]);
  });

  it("records nothing, and leaves its key unused", async () => {
    const [before, idempotencyKey] = [await countRequests(), randomUUID()];
    await request({ startsAt: "2026-03-01T12:00:00Z", idempotencyKey });
    expect(await countRequests()).toBe(before);
    expect(await requested({ trackUris: tracks(30, 1), idempotencyKey })).toMatchObject({ status: "IN_REVIEW" });
  });
});

function zonesOf({ id }: Place): readonly string[] {
  const { zones } = world.locations.locations.find((location) => location.id === id) ?? { zones: [] };
  return zones.toSorted((left, right) => (left.name < right.name ? -1 : 1)).map((zone) => zone.id);
}

const resolve = ({ review }: Request, verdict: Verdict): Promise<Answer<unknown>> =>
  graph.query(`mutation ($input: ResolveReviewInput!) { resolveReview(input: $input) { review { status } } }`, {
    input: { reviewId: review?.id, verdict, note: "reviewed" },
  });

async function rowsOf(statement: SQL): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await graph.decibel.database.db.execute(statement)).rows;
}
