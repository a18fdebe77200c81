import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Verdict } from "../../schema/verdict.ts";
import { locationId, playlistRequestId } from "../../schema/id.ts";
import { addPlaylistRequest } from "../../subgraphs/records/locations/store.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { trackId } from "../../subgraphs/sandbox/world/tracks.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { Answer, TestDecibel } from "../support/decibel.ts";

const DAY = 86_400_000;
/** Ahead of the database's own clock too, which says when an effect's time has come. */
const FAR = "2098-05-01T12:00:00Z";
const TEXT = (longest: number): string => `must be 1 to ${longest} characters, not all blank and none NUL`;
const NOBODY = "Tm9ib2R5LCwxbm9ib2R5Lw==";
const world = createWorld({ scale: 1, now: new Date(NOW) });
const profiles = new Map(world.locations.profiles.map((profile) => [profile.locationId, profile]));
/** Licensed, with more than one sound zone, in a country that no rule names. */
const [shop, other] = world.locations.locations.filter(
  ({ id, address: { country }, zones }) =>
    ["GB", "SE"].includes(country) && zones.length > 1 && profiles.get(id)?.licence?.status === "ACTIVE",
) as [Place, Place];
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
  for (const name of ["spotify-web", "soundtrack", "opentext"]) await graph.sandbox(name).behave();
  await settled();
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
  return data?.requestPlaylist.playlistRequest ?? expect.fail("nothing was answered");
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
async function settled(): Promise<void> {
  await expect.poll(() => graph.decibel.outbox.isIdle(), { timeout: 9000, interval: 50 }).toBe(true);
}

/** What Spotify was told since `forget`: `POST me/playlists 201`. */
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

/** What Soundtrack was told since `forget`. */
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
  it("makes it in Spotify at once, has the location's zones play it, and says that it is fulfilled", async () => {
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

  it("whose first day lies ahead makes it now, and has it played from then on", async () => {
    const { id } = await requested({ startsAt: FAR });
    await expect.poll(async () => (await read(id)).playlistUri).toMatch(/^spotify:playlist:/);
    await settled();
    expect(await statusOf(id)).toBe("APPROVED");
    expect(await assignments()).toEqual([]);
    const rows = await rowsOf(
      sql`select start_after from outbox.job where singleton_key = ${id} and state = 'created'`,
    );
    expect(rows.map(({ start_after: at }) => new Date(String(at)).toISOString())).toEqual([
      new Date(FAR).toISOString(),
    ]);
  });

  it("is played when its first day begins", async () => {
    clock = Date.now();
    await licensed(other);
    const startsAt = new Date(Date.now() + 4000);
    const { id } = await requested({ locationId: locationId.encode(other.id), startsAt });
    await expect.poll(async () => (await read(id)).playlistUri).toMatch(/^spotify:playlist:/);
    expect(await assignments()).toEqual([]);
    await becomes(id, "FULFILLED");
    expect(Date.now()).toBeGreaterThanOrEqual(Number(startsAt));
    expect(await assignments()).toHaveLength(1);
  });

  it("that the rules reject is rejected, with their reasons", async () => {
    expect(await requested({ trackUris: tracks(30, 6) })).toMatchObject({
      status: "REJECTED",
      review: null,
      decision: { verdict: "DENY", reasons: expect.arrayContaining([{ code: "EXPLICIT_IN_STORE" }]) },
    });
    expect(await requested({ trackUris: [] })).toMatchObject({ status: "REJECTED" });
    await settled();
    expect(await writes()).toEqual([]);
  });

  it("of a location without a valid licence is rejected", async () => {
    const { locationId: unlicensed = "" } =
      [...profiles.values()].find(({ licence }) => licence?.status === "EXPIRED") ?? {};
    expect(await requested({ locationId: locationId.encode(unlicensed) })).toMatchObject({
      status: "REJECTED",
      decision: { reasons: expect.arrayContaining([{ code: "LICENCE_INVALID" }]) },
    });
  });

  it("that somebody has to look at first opens a review in the decided queue", async () => {
    const { id, status, review } = await requested({ trackUris: tracks(30, 1) });
    expect(status).toBe("IN_REVIEW");
    expect(review).toEqual({
      id: expect.stringMatching(/^review_/),
      subject: id,
      queue: "music-curation",
      status: "OPEN",
    });
    await settled();
    expect(await writes()).toEqual([]);
  });

  it("with guidelines that nobody has rated the tracks by is looked at by the brand's people", async () => {
    expect(await requested({ brandGuidelines: "Warm, no vocals" })).toMatchObject({
      status: "IN_REVIEW",
      decision: { reasons: expect.arrayContaining([{ code: "OFF_BRAND" }]) },
    });
  });

  it.each([
    ["ALLOW", "FULFILLED", 2],
    ["DENY", "REJECTED", 0],
  ] as const)("is carried out as a reviewer says: %s → %s", async (verdict, status, told) => {
    const made = await requested({ trackUris: tracks(30, 1) });
    const { id } = made;
    await resolve(made, verdict);
    await becomes(id, status);
    expect(await writes()).toHaveLength(told);
    expect((await resolve(made, "ALLOW")).errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
  });

  it("counts tracks and episodes as explicit that Spotify does not know", async () => {
    const unknown = `spotify:track:${"0".repeat(22)}`;
    const { status, decision } = await requested({ trackUris: [...tracks(30), unknown] });
    expect([status, decision?.reasons]).toEqual(["IN_REVIEW", expect.arrayContaining([{ code: "EXPLICIT_TRACKS" }])]);
    const episode = `spotify:episode:${"0".repeat(22)}`;
    expect(await requested({ trackUris: [...tracks(30), episode] })).toMatchObject({ status: "IN_REVIEW" });
  });

  it("looks 10,000 tracks up in lists of 50", async () => {
    const made = await requested({ trackUris: tracks(10_000) });
    expect(made).toMatchObject({
      status: "IN_REVIEW",
      decision: { reasons: expect.arrayContaining([{ code: "TOO_MANY_TRACKS" }]) },
    });
    expect((await graph.sandbox("spotify-web").calls()).requests).toBeGreaterThanOrEqual(200);
    expect(made.trackUris).toHaveLength(10_000);
  });
});

describe("while an upstream is away", () => {
  it("the Web API: nobody knows which tracks are explicit, so it is decided once that is known", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const { id, status } = await requestedUndecided({});
    expect(status).toBe("UNDECIDED");
    await graph.sandbox("spotify-web").behave();
    await becomes(id, "FULFILLED");
  });

  it("the Web API: the playlist is made once it is back, and once only", async () => {
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

  it("the Web API: what it did without saying so is not done again", async () => {
    await graph.sandbox("spotify-web").misbehave({ body: "reset", only: "write" });
    const { id } = await requested({});
    await expect.poll(async () => (await writes()).length, { timeout: 9000 }).toBeGreaterThan(1);
    await graph.sandbox("spotify-web").behave();
    await becomes(id, "FULFILLED");
    const all = await writes();
    expect(all.filter((one) => one.startsWith("POST me/playlists"))).toHaveLength(1);
    expect(all.filter((one) => one.startsWith("POST playlist/items"))).toHaveLength(1);
  });

  it("Soundtrack: the zones are assigned once it is back", async () => {
    await graph.sandbox("soundtrack").misbehave({ status: 503, only: "write" });
    const { id } = await requested({});
    await expect.poll(async () => (await read(id)).playlistUri, { timeout: 5000 }).not.toBeNull();
    await graph.sandbox("soundtrack").behave();
    await becomes(id, "FULFILLED");
    expect((await assignments()).length).toBeGreaterThanOrEqual(1);
  });

  it("the decision service: the request is kept undecided, and decided once it is back", async () => {
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
    return data?.requestPlaylist.playlistRequest ?? expect.fail("nothing was answered");
  }
});

describe("a playlist that cannot be made", () => {
  it("for good is FAILED, and FULFILLED once somebody has tried it again", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 403, only: "write" });
    const { id } = await requested({});
    await becomes(id, "FAILED");
    expect(await writes()).toEqual(["POST me/playlists 403"]);
    await graph.sandbox("spotify-web").behave();
    await tryAgain(id);
    await becomes(id, "FULFILLED");
  });

  it("because its location has gone is FAILED, and says so", async () => {
    const id = await written({ locationId: NOBODY });
    await becomes(id, "FAILED");
    expect(await outputOf(id)).toBe(`Cannot carry out ${id}: its location does not exist any more`);
    expect(await writes()).toEqual([]);
  });

  it("before its last day has passed is not played any more", async () => {
    const id = await written(
      { endsAt: new Date(NOW - DAY), playlistUri: `spotify:playlist:${"1".repeat(22)}` },
      "assign-zones",
    );
    await becomes(id, "FAILED");
    expect(await outputOf(id)).toBe(`Cannot play ${id}: its last day has passed`);
    expect(await assignments()).toEqual([]);
  });

  /** As if it had been approved at some time. */
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

  async function tryAgain(id: string): Promise<void> {
    const [job] = await rowsOf(sql`select id from outbox.job where singleton_key = ${id} and state = 'failed'`);
    await graph.decibel.outbox.retry("locations", String(job?.["id"]));
  }
});

describe("the same request twice", () => {
  it("with one key is one request", async () => {
    const idempotencyKey = randomUUID();
    const first = await requested({ idempotencyKey });
    const second = await requested({ idempotencyKey });
    expect(second.id).toBe(first.id);
  });

  it("with one key by twenty at the same time is one request and one playlist", async () => {
    const [before, idempotencyKey] = [await countRequests(), randomUUID()];
    const all = await Promise.all(Array.from({ length: 20 }, () => requested({ idempotencyKey })));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await countRequests()).toBe(before + 1);
    await becomes(all[0]?.id ?? "", "FULFILLED");
    expect((await writes()).filter((one) => one === "POST me/playlists 201")).toHaveLength(1);
  });

  it("with one key and another input is an error", async () => {
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

describe("a request for a playlist is refused", () => {
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

  it("that ends before it starts", async () => {
    const { errors } = await request({ startsAt: "2026-05-02T12:00:00Z", endsAt: "2026-05-02T12:00:00Z" });
    expect(errors).toMatchObject([
      {
        message: "Cannot requestPlaylist: endsAt must be after startsAt",
        extensions: { code: "BAD_USER_INPUT", fields: { endsAt: ["must be after startsAt"] } },
      },
    ]);
  });

  it("with all that is wrong with it at once", async () => {
    const { errors } = await request({ title: "", brandGuidelines: "\0", trackUris: [""] });
    expect(Object.keys(errors[0]?.extensions["fields"] ?? {}).toSorted()).toEqual([
      "brandGuidelines",
      "title",
      "trackUris",
    ]);
  });

  it("but not where its first day has begun already", async () => {
    expect(await requested({ startsAt: "2026-03-10T11:00:00Z", trackUris: tracks(30, 1) })).toMatchObject({
      status: "IN_REVIEW",
    });
  });

  it("of 100,000 tracks, or of a title of a million letters, in no time", async () => {
    const startedAt = performance.now();
    await request({ trackUris: Array(100_000).fill(uri) });
    await request({ title: `${"a".repeat(1_000_000)}\0` });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it.each([
    [`location_${"0".repeat(20)}`, `Cannot requestPlaylist: there is no location location_${"0".repeat(20)}`],
    ["location", 'Cannot read locationId: "location" is no location id'],
    ["campaign_1", 'Cannot read locationId: "campaign_1" is no location id'],
    ["", 'Cannot read locationId: "" is no location id'],
  ])("of a location that is not there: %s", async (id, message) => {
    const { errors } = await request({ locationId: id });
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument: "locationId" } }]);
  });

  it("is not found by an id that no database could hold", async () => {
    const { data, errors } = await graph.query(`{ playlistRequest(id: "playlist-request_~00") { id } }`);
    expect([data, errors]).toEqual([{ playlistRequest: null }, []]);
  });

  it("and nothing is written down, nor its key used up", async () => {
    const [before, idempotencyKey] = [await countRequests(), randomUUID()];
    await request({ startsAt: "2026-03-01T12:00:00Z", idempotencyKey });
    expect(await countRequests()).toBe(before);
    expect(await requested({ trackUris: tracks(30, 1), idempotencyKey })).toMatchObject({ status: "IN_REVIEW" });
  });
});

describe("recording a licence", () => {
  interface Licensed {
    readonly licence: { readonly status: string; readonly tier: string; readonly expiresAt: string | null };
    readonly playback: { readonly verdict: string; readonly reasons: readonly { readonly code: string }[] };
  }
  const LOCATION = "licence { status tier expiresAt } playback { verdict reasons { code } }";
  const record = (input: object) =>
    graph.query<{ recordLicence: { location: Licensed } } | null>(
      `mutation ($input: RecordLicenceInput!) { recordLicence(input: $input) { location { ${LOCATION} } } }`,
      { input: { locationId: locationId.encode(other.id), status: "ACTIVE", tier: "foreground", ...input } },
    );

  it("counts for the very next decision, in its own answer and for everybody else", async () => {
    const { data } = await record({ status: "EXPIRED", tier: "background", expiresAt: "2026-03-01T00:00:00Z" });
    const expected = {
      licence: { status: "EXPIRED", tier: "background", expiresAt: "2026-03-01T00:00:00.000Z" },
      playback: { verdict: "DENY", reasons: expect.arrayContaining([{ code: "LICENCE_EXPIRED" }]) },
    };
    expect(data?.recordLicence.location).toMatchObject(expected);
    const read = await graph.query(`{ location(id: "${locationId.encode(other.id)}") { ${LOCATION} } }`);
    expect(read.data).toMatchObject({ location: expected });
    const again = await record({});
    expect(again.data?.recordLicence.location).toMatchObject({
      licence: { status: "ACTIVE", tier: "foreground", expiresAt: null },
      playback: { verdict: expect.not.stringMatching("DENY") },
    });
  });

  it("twice in one operation is seen twice, in their order", async () => {
    const { data, errors } = await graph.query<Record<"first" | "second", { location: Licensed }>>(
      `mutation ($id: ID!) {
        first: recordLicence(input: { locationId: $id, status: NONE, tier: "none" }) { location { ${LOCATION} } }
        second: recordLicence(input: { locationId: $id, status: ACTIVE, tier: "events" }) { location { ${LOCATION} } }
      }`,
      { id: locationId.encode(other.id) },
    );
    expect(errors).toEqual([]);
    expect(data.first.location).toMatchObject({ licence: { status: "NONE" }, playback: { verdict: "DENY" } });
    expect(data.second.location.licence).toEqual({ status: "ACTIVE", tier: "events", expiresAt: null });
    expect(data.second.location.playback.verdict).not.toBe("DENY");
  });

  it("remembers who recorded it, and when", async () => {
    await record({});
    const rows = await rowsOf(
      sql`select recorded_by, (extract(epoch from recorded_at) * 1000)::bigint::text as at from locations.licences where location_id = ${other.id}`,
    );
    expect(rows).toEqual([{ recorded_by: "anonymous", at: String(NOW) }]);
  });

  it("by twenty at the same time leaves one of theirs, whole", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_none, nth) => record({ tier: `tier ${nth}`, expiresAt: new Date(NOW + nth * DAY) })),
    );
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
    const { data } = await graph.query<{ location: Licensed }>(
      `{ location(id: "${locationId.encode(other.id)}") { licence { tier expiresAt } } }`,
    );
    const { tier, expiresAt } = data.location.licence;
    expect(expiresAt).toBe(new Date(NOW + Number(tier.split(" ")[1]) * DAY).toISOString());
  });

  it("under a key that was used answers with the location, and changes nothing", async () => {
    const idempotencyKey = randomUUID();
    await record({ tier: "events", idempotencyKey });
    await record({ tier: "background" });
    const { data } = await record({ tier: "events", idempotencyKey });
    expect(data?.recordLicence.location.licence.tier).toBe("background");
    const { errors } = await record({ tier: "foreground", idempotencyKey });
    expect(errors).toMatchObject([{ message: "Cannot recordLicence: idempotencyKey was used for another input" }]);
  });

  it.each([
    [{ status: "NONE", expiresAt: "2027-01-01T00:00:00Z" }, "expiresAt must be omitted if the status is NONE"],
    [{ expiresAt: "0001-01-01T00:00:00Z" }, "expiresAt must be in the years 1900 to 9999"],
    [{ expiresAt: "9999-12-31T23:59:59-12:00" }, "expiresAt must be in the years 1900 to 9999"],
    [{ tier: " " }, `tier ${TEXT(100)}`],
    [{ tier: "t".repeat(101) }, `tier ${TEXT(100)}`],
    [{ tier: "\0" }, `tier ${TEXT(100)}`],
  ])("is refused: %j", async (input, problem) => {
    const { data, errors } = await record(input);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot recordLicence: ${problem}`, extensions: { code: "BAD_USER_INPUT", argument: "input" } },
    ]);
  });

  it("of a location that Soundtrack does not know is refused, and nothing is written down", async () => {
    const id = locationId.encode(NOBODY);
    const { errors } = await record({ locationId: id });
    expect(errors).toMatchObject([
      {
        message: `Cannot recordLicence: there is no location ${id}`,
        extensions: { code: "BAD_USER_INPUT", argument: "locationId" },
      },
    ]);
    const rows = await rowsOf(sql`select 1 from locations.licences where location_id = ${NOBODY}`);
    expect(rows).toEqual([]);
  });
});

function zonesOf({ id }: Place): readonly string[] {
  const { zones } = world.locations.locations.find((location) => location.id === id) ?? { zones: [] };
  return zones.toSorted((left, right) => (left.name < right.name ? -1 : 1)).map((zone) => zone.id);
}

async function licensed({ id }: Place): Promise<void> {
  await graph.query(
    `mutation ($id: ID!) { recordLicence(input: { locationId: $id, status: ACTIVE, tier: "events" }) { location { id } } }`,
    { id: locationId.encode(id) },
  );
}

const resolve = ({ review }: Request, verdict: Verdict): Promise<Answer<unknown>> =>
  graph.query(`mutation ($input: ResolveReviewInput!) { resolveReview(input: $input) { review { status } } }`, {
    input: { reviewId: review?.id, verdict, note: "seen" },
  });

async function rowsOf(statement: SQL): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await graph.decibel.database.db.execute(statement)).rows;
}
