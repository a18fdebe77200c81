/**
 * What happens to an approved playlist request: the playlist in Spotify, and the sound zones in Soundtrack. Over 200
 * lines, because all tests share one started graph.
 */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { locationId, playlistRequestId } from "../../../schema/id.ts";
import type { Verdict } from "../../../schema/verdict.ts";
import { addPlaylistRequest } from "../../../subgraphs/records/locations/store.ts";
import type { WorldLocation } from "../../../subgraphs/sandbox/world/locations.ts";
import { eventually } from "../../support/mutations.ts";
import { NOW } from "../../support/now.ts";
import { CARRIED_OUT, LOST } from "../../support/sandbox-control.ts";
import { setOutboxAhead } from "../../support/outbox-clock.ts";
import { MISSING_LOCATION, shop, startPlaylistsGraph, tracks } from "../../support/playlists-graph.ts";
import type { PlaylistsGraph, ShownRequest } from "../../support/playlists-graph.ts";
import { DAY_MS, MINUTE_MS } from "../../support/times.ts";

let graph: PlaylistsGraph;
beforeAll(async () => {
  graph = await startPlaylistsGraph();
});
afterAll(() => graph.stop());
afterEach(async () => {
  await setOutboxAhead(graph.decibel.database, 0);
  await graph.reset();
});

const CREATED = "POST me/playlists 201";
const FILLED = "POST playlist/items 201";
const TOO_EARLY = /^Cannot write \S+ yet: an earlier write of it may not be listed$/;
/** Longer than the lists of an upstream are assumed to lag. */
const LAG_MS = 6 * MINUTE_MS;

describe("an approved playlist request", () => {
  it("is created in Spotify, assigned to the sound zones of its location, and fulfilled", async () => {
    const { id, ...shown } = await graph.requested({ trackUris: tracks(250) });
    expect(shown).toMatchObject({ status: "APPROVED", review: null, decision: { verdict: "ALLOW" } });
    await graph.becomes(id, "FULFILLED");
    const { playlistUri } = await graph.read(id);
    expect(playlistUri).toMatch(/^spotify:playlist:\w{22}$/);
    expect(await graph.playlistWrites()).toEqual([
      "POST me/playlists 201",
      ...Array(3).fill("POST playlist/items 201"),
    ]);
    expect(await graph.assignments()).toEqual([{ soundZones: zoneIdsOf(shop), source: playlistUri }]);
    const { data } = await graph.query<{ location: { playlistRequests: { nodes: { id: string }[] } } }>(
      `{ location(id: "${locationId.encode(shop.id)}") { playlistRequests(first: 1) { nodes { id } } } }`,
    );
    expect(data.location.playlistRequests.nodes).toEqual([{ id }]);
  });

  it("is created at once and assigned when its first day begins", async () => {
    const startsAt = NOW + 20 * DAY_MS;
    await setOutboxClock(NOW);
    const { id } = await graph.requested({ startsAt: new Date(startsAt) });
    await eventually(async () => (await graph.read(id)).playlistUri).toMatch(/^spotify:playlist:/);
    await graph.outboxIsIdle();
    expect((await graph.read(id)).status).toBe("APPROVED");
    const scheduled = await graph.rows(
      sql`select start_after from outbox.job where singleton_key = ${id} and state = 'created'`,
    );
    expect(scheduled.map(({ start_after: at }) => Number(new Date(String(at))))).toEqual([startsAt]);

    expect(await graph.assignments()).toEqual([]);

    await setOutboxClock(startsAt - MINUTE_MS);
    // The outbox has polled by the time it has carried out a later effect.
    const { id: laterId } = await graph.requested();
    await graph.becomes(laterId, "FULFILLED");
    const [{ playlistUri }, later] = await Promise.all([graph.read(id), graph.read(laterId)]);
    const soundZones = zoneIdsOf(shop);
    expect((await graph.read(id)).status).toBe("APPROVED");
    expect(await graph.assignments()).toEqual([{ soundZones, source: later.playlistUri }]);

    await setOutboxClock(startsAt);
    await graph.becomes(id, "FULFILLED");
    expect(await graph.assignments()).toEqual([
      { soundZones, source: later.playlistUri },
      { soundZones, source: playlistUri },
    ]);
  });

  it("is created and assigned once the Web API works, and once only", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 503, only: "write" });
    const { id } = await graph.requested();
    await eventually(async () => (await graph.playlistWrites()).length).toBeGreaterThan(0);
    expect((await graph.read(id)).status).toBe("APPROVED");
    // A proxy may answer 503 to what was written, so it is looked for until the lists are certain to show it.
    await eventually(() => waitingFor(id)).toMatch(TOO_EARLY);
    await graph.sandbox("spotify-web").behave();
    await setOutboxAhead(graph.decibel.database, LAG_MS);
    await graph.becomes(id, "FULFILLED");
    expect(await graph.playlistWrites()).toEqual(["POST me/playlists 503", CREATED, FILLED]);
  });

  it("is created once and has each track once, though the Web API answers 503 to what it has written", async () => {
    await graph.sandbox("spotify-web").misbehave(CARRIED_OUT);
    const { id } = await graph.requested({ trackUris: tracks(130) });
    await graph.becomes(id, "FULFILLED");
    expect(await graph.playlistWrites()).toEqual([
      "POST me/playlists 503",
      "POST playlist/items 503",
      "POST playlist/items 503",
    ]);
  });

  it("has each track once, though the number of its items lags too", async () => {
    await setOutboxClock(NOW);
    await graph.sandbox("spotify-web").misbehave({ ...CARRIED_OUT, listsLagMs: 2 * MINUTE_MS });
    const { id } = await graph.requested({ trackUris: tracks(130) });
    for (const write of ["", "/items/0", "/items/100"]) {
      await eventually(() => waitingFor(id)).toMatch(new RegExp(`^Cannot write [^/ ]+${write} yet`));
      graph.clock.now += 2 * MINUTE_MS;
      await setOutboxClock(graph.clock.now);
    }
    await graph.becomes(id, "FULFILLED");
    expect(await graph.playlistWrites()).toEqual([
      "POST me/playlists 503",
      "POST playlist/items 503",
      "POST playlist/items 503",
    ]);
  }, 60_000);

  it("is created once, also if the responses of the Web API are lost", async () => {
    await graph.sandbox("spotify-web").misbehave({ body: "reset", only: "write" });
    const { id } = await graph.requested();
    await eventually(async () => (await graph.playlistWrites()).length).toBeGreaterThan(1);
    await graph.sandbox("spotify-web").behave();
    await graph.becomes(id, "FULFILLED");
    const all = await graph.playlistWrites();
    expect(all.filter((one) => one.startsWith("POST me/playlists"))).toHaveLength(1);
    expect(all.filter((one) => one.startsWith("POST playlist/items"))).toHaveLength(1);
  });

  it("is filled once it is there, though Spotify answers 404 to what was just made", async () => {
    await graph.sandbox("spotify-web").misbehave({ absentMs: MINUTE_MS });
    const { id } = await graph.requested();
    await eventually(() => graph.playlistWrites()).toEqual([CREATED, "POST playlist/items 404"]);
    expect((await graph.read(id)).status).toBe("APPROVED");
    await eventually(() => waitingFor(id)).toBe("Cannot ask spotify-web: it answered 404");
    graph.clock.now += MINUTE_MS;
    await setOutboxAhead(graph.decibel.database, MINUTE_MS);
    await graph.becomes(id, "FULFILLED");
    expect((await graph.playlistWrites()).filter((one) => !one.endsWith("404"))).toEqual([CREATED, FILLED]);
  });

  it("is FAILED if it is not there after some minutes", async () => {
    await graph.sandbox("spotify-web").misbehave({ absentMs: DAY_MS });
    const { id } = await graph.requested();
    await eventually(() => graph.playlistWrites()).toEqual([CREATED, "POST playlist/items 404"]);
    await eventually(() => waitingFor(id)).toBe("Cannot ask spotify-web: it answered 404");
    const { requests } = await graph.sandbox("spotify-web").calls();
    await setOutboxAhead(graph.decibel.database, 9 * MINUTE_MS);
    await eventually(async () => (await graph.sandbox("spotify-web").calls()).requests).toBe(requests + 3);
    expect((await graph.read(id)).status).toBe("APPROVED");
    await setOutboxAhead(graph.decibel.database, 11 * MINUTE_MS);
    await graph.becomes(id, "FAILED");
    expect(await failureOf(id)).toBe("Cannot ask spotify-web: it answered 404");
  });

  it("is created once, also if the response is lost and the list of playlists lags", async () => {
    await setOutboxClock(NOW);
    await graph.sandbox("spotify-web").misbehave({ ...LOST, listsLagMs: 2 * MINUTE_MS });
    const { id } = await graph.requested();
    // It has looked again since.
    await eventually(() => waitingFor(id)).toMatch(TOO_EARLY);
    await graph.sandbox("spotify-web").behave();
    graph.clock.now += 2 * MINUTE_MS;
    await setOutboxClock(graph.clock.now);
    await graph.becomes(id, "FULFILLED");
    expect(await graph.playlistWrites()).toEqual([CREATED, FILLED]);
  });

  it("is looked for again if it was created twice, and a twin is reported", async () => {
    await setOutboxClock(NOW);
    await graph.sandbox("spotify-web").misbehave({ ...LOST, listsLagMs: 10 * MINUTE_MS });
    const { id } = await graph.requested();
    await eventually(() => waitingFor(id)).toMatch(/^Cannot write/);
    await graph.sandbox("spotify-web").misbehave({ listsLagMs: 10 * MINUTE_MS });
    await setOutboxClock(NOW + 6 * MINUTE_MS);
    await graph.becomes(id, "FULFILLED");
    expect(await graph.playlistWrites()).toEqual([CREATED, CREATED, FILLED]);
    graph.clock.now += 30 * MINUTE_MS;
    await setOutboxClock(graph.clock.now);
    expect(await failureOf(id)).toMatch(/^Cannot keep one playlist for \S+: remove spotify:playlist:\w{22}$/);
    expect((await graph.read(id)).status).toBe("FULFILLED");
  });

  it("is looked for again though it is assigned weeks later", async () => {
    await setOutboxClock(NOW);
    await graph.sandbox("spotify-web").misbehave({ ...LOST, listsLagMs: 10 * MINUTE_MS });
    const { id } = await graph.requested({ startsAt: new Date(NOW + 20 * DAY_MS) });
    await eventually(() => waitingFor(id)).toMatch(TOO_EARLY);
    await graph.sandbox("spotify-web").misbehave({ listsLagMs: 10 * MINUTE_MS });
    await setOutboxClock(NOW + LAG_MS);
    await eventually(async () => (await graph.read(id)).playlistUri).toMatch(/^spotify:playlist:/);
    graph.clock.now += 30 * MINUTE_MS;
    await setOutboxClock(graph.clock.now);
    expect(await failureOf(id)).toMatch(/^Cannot keep one playlist/);
    graph.clock.now += 20 * DAY_MS;
    await setOutboxClock(graph.clock.now);
    await graph.becomes(id, "FULFILLED");
  });

  it("is counted again if tracks were added twice, and the repeated ones are reported", async () => {
    await setOutboxClock(NOW);
    await graph.sandbox("spotify-web").misbehave({ absentMs: MINUTE_MS });
    const { id } = await graph.requested();
    await eventually(() => waitingFor(id)).toBe("Cannot ask spotify-web: it answered 404");
    graph.clock.now += 10 * MINUTE_MS;
    await graph.sandbox("spotify-web").misbehave({ ...CARRIED_OUT, listsLagMs: 10 * MINUTE_MS });
    await setOutboxClock(NOW + MINUTE_MS);
    await eventually(() => waitingFor(id)).toMatch(TOO_EARLY);
    await graph.sandbox("spotify-web").misbehave({ listsLagMs: 10 * MINUTE_MS });
    await setOutboxClock(NOW + 7 * MINUTE_MS);
    await graph.becomes(id, "FULFILLED");
    graph.clock.now += 30 * MINUTE_MS;
    await setOutboxClock(graph.clock.now);
    expect(await failureOf(id)).toMatch(
      /^Cannot keep each item of \S+ once: spotify:playlist:\w{22} has 60 items instead of 30; remove the repeated ones$/,
    );
  }, 60_000);

  it("is assigned once Soundtrack works", async () => {
    await graph.sandbox("soundtrack").misbehave({ status: 503, only: "write" });
    const { id } = await graph.requested();
    await eventually(async () => (await graph.read(id)).playlistUri).not.toBeNull();
    await graph.sandbox("soundtrack").behave();
    await graph.becomes(id, "FULFILLED");
    expect((await graph.assignments()).length).toBeGreaterThanOrEqual(1);
  });

  it("is FAILED after a permanent failure, and FULFILLED after an operator's retry", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 400, only: "write" });
    const { id } = await graph.requested();
    await graph.becomes(id, "FAILED");
    expect(await graph.playlistWrites()).toEqual(["POST me/playlists 400"]);
    await graph.sandbox("spotify-web").behave();
    await retryEffect(id);
    await graph.becomes(id, "FULFILLED");
  });

  it("is FAILED after a 403 to it alone: another one is accepted", async () => {
    const REFUSED = "Cannot ask spotify-web: it answered 403";
    await graph.sandbox("spotify-web").misbehave({ status: 403, only: "write", mentions: "Not this one" });
    const { id } = await graph.requested({ title: "Not this one" });
    await eventually(() => waitingFor(id)).toBe(REFUSED);
    const { id: another } = await graph.requested();
    await graph.becomes(another, "FULFILLED");
    const { requests } = await graph.sandbox("spotify-web").calls();
    await setOutboxAhead(graph.decibel.database, MINUTE_MS);
    await eventually(async () => (await graph.sandbox("spotify-web").calls()).requests).toBeGreaterThan(requests + 2);
    await eventually(() => waitingFor(id)).toBe(REFUSED);
    await setOutboxAhead(graph.decibel.database, 3 * MINUTE_MS);
    await graph.becomes(id, "FAILED");
    expect(await failureOf(id)).toBe(REFUSED);
  });

  it("waits, with all the others, while our account must not write, and goes on by itself", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 403, only: "write" });
    const ids: string[] = [];
    // One after the other: two that are refused in the same moment see each other at their next attempt.
    for (let count = 0; count < 2; count += 1) {
      const id = await addApproved({});
      await eventually(() => waitingFor(id)).toBe("Cannot ask spotify-web: it answered 403");
      ids.push(id);
    }
    const loud = graph.logged.filter(({ level, msg }) => level >= 50 && msg?.includes("with the right to write"));
    expect(loud).toHaveLength(1);
    await setOutboxAhead(graph.decibel.database, 60 * MINUTE_MS);
    for (const id of ids) expect((await graph.read(id)).status).toBe("APPROVED");
    await graph.sandbox("spotify-web").behave();
    await setOutboxAhead(graph.decibel.database, 120 * MINUTE_MS);
    for (const id of ids) await graph.becomes(id, "FULFILLED");
  });

  it("waits while Spotify answers 404 to everything, says what to check, and goes on by itself", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 404 });
    const id = await addApproved({});
    await eventually(() => waitingFor(id)).toBe("Cannot ask spotify-web: it answered 404");
    const loud = graph.logged.filter(({ level, msg }) => level >= 50 && msg?.includes("check SPOTIFY_WEB_BASE_URL"));
    expect(loud).toHaveLength(1);
    await setOutboxAhead(graph.decibel.database, DAY_MS);
    await graph.sandbox("spotify-web").behave();
    await graph.becomes(id, "FULFILLED");
  });

  it("waits while our account is refused, with all its attempts, and goes on by itself", async () => {
    await graph.sandbox("spotify-web").misbehave({ account: "invalid_grant" });
    const ids = [await addApproved({}), await addApproved({})];
    const waiting = sql`select retry_count from outbox.job where state = 'retry'`;
    await eventually(async () => (await graph.rows(waiting)).length).toBe(2);
    const words = "spotify-web-accounts refuses our account: renew SPOTIFY_WEB_REFRESH_TOKEN";
    const loud = graph.logged.filter(({ level, msg }) => level >= 50 && msg?.includes(words));
    expect(loud).toHaveLength(1);
    await graph.sandbox("spotify-web").behave();
    await setOutboxAhead(graph.decibel.database, MINUTE_MS);
    for (const id of ids) await graph.becomes(id, "FULFILLED");
  });

  it("is created though Soundtrack once answers without its location", async () => {
    await graph.sandbox("soundtrack").misbehave({ spoil: { path: "data.*", value: null } });
    const id = await addApproved({});
    await eventually(() => waitingFor(id)).toBe(`Cannot carry out ${id}: its location does not exist any more`);
    await graph.sandbox("soundtrack").behave();
    graph.clock.now += 2 * MINUTE_MS;
    await setOutboxAhead(graph.decibel.database, 2 * MINUTE_MS);
    await graph.becomes(id, "FULFILLED");
    expect(await graph.playlistWrites()).toEqual([CREATED, FILLED]);
  });

  it("is FAILED if its location was deleted, with the reason on the effect", async () => {
    const id = await addApproved({ locationId: MISSING_LOCATION });
    await staysAbsent(id, `Cannot carry out ${id}: its location does not exist any more`);
    await graph.becomes(id, "FAILED");
    expect((await failedEffectOf(id)).output).toEqual({
      message: `Cannot carry out ${id}: its location does not exist any more`,
      upstream: "soundtrack",
    });
    expect(await graph.playlistWrites()).toEqual([]);
  });

  it("is FAILED and not assigned if its last day has passed", async () => {
    const id = await addApproved(
      { endsAt: new Date(NOW - DAY_MS), playlistUri: `spotify:playlist:${"1".repeat(22)}` },
      "assign-zones",
    );
    await graph.becomes(id, "FAILED");
    expect(await failureOf(id)).toBe(`Cannot play ${id}: its last day has passed`);
    expect(await graph.assignments()).toEqual([]);
  });
});

describe("an undecided playlist request", () => {
  it.each([
    ["have no answer", { rows: "empty" }, /^Cannot decide playlist_request: /],
    [
      "refuse its facts",
      { status: 400, only: "execute" },
      /^Cannot decide playlist_request: decision service answered 400$/,
    ],
  ] as const)("is FAILED if the rules %s, and decided by an operator's retry", async (_title, faults, reason) => {
    await graph.sandbox("opentext").misbehave(faults);
    const id = await addApproved({ status: "UNDECIDED", trackUris: tracks(30) }, "decide-playlist-request");
    await graph.becomes(id, "FAILED");
    expect(await failureOf(id)).toMatch(reason);
    await graph.sandbox("opentext").behave();
    await retryEffect(id);
    await graph.becomes(id, "IN_REVIEW");
  });

  it("is FAILED if its location was deleted, with the reason on the effect, and decided by an operator's retry", async () => {
    const id = await addApproved(
      { locationId: MISSING_LOCATION, status: "UNDECIDED", trackUris: tracks(30) },
      "decide-playlist-request",
    );
    await staysAbsent(id, `Cannot carry out ${id}: its location does not exist any more`);
    await graph.becomes(id, "FAILED");
    expect(await failureOf(id)).toBe(`Cannot carry out ${id}: its location does not exist any more`);
    const [record] = playlistRequestId.decode(id);
    await graph.rows(sql`update locations.playlist_requests set location_id = ${shop.id} where id = ${record}`);
    await retryEffect(id);
    await graph.becomes(id, "IN_REVIEW");
  });
});

describe("a reviewed playlist request", () => {
  it.each([
    ["ALLOW", "FULFILLED", 2],
    ["DENY", "REJECTED", 0],
  ] as const)("follows the verdict of its reviewer, once: %s → %s", async (verdict, status, writes) => {
    const shown = await graph.requested({ trackUris: tracks(30, 1) });
    const { id } = shown;
    await resolveReview(shown, verdict);
    await graph.becomes(id, status);
    expect(await graph.playlistWrites()).toHaveLength(writes);
    const repeat = await resolveReview(shown, "ALLOW");
    expect(repeat.errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
  });
});

function resolveReview({ review }: ShownRequest, verdict: Verdict) {
  return graph.query(`mutation ($input: ResolveReviewInput!) { resolveReview(input: $input) { review { status } } }`, {
    input: { reviewId: review?.id, verdict, note: "seen" },
  });
}

/** Makes the effects due that are due at this time, in milliseconds since the epoch. */
async function setOutboxClock(at: number): Promise<void> {
  await setOutboxAhead(graph.decibel.database, at - Date.now());
}

function zoneIdsOf({ zones }: WorldLocation): readonly string[] {
  return zones.toSorted((left, right) => (left.name < right.name ? -1 : 1)).map(({ id }) => id);
}

/** An approved request, without the decision that a client's request would need. */
async function addApproved(
  more: object,
  kind: "create-playlist" | "assign-zones" | "decide-playlist-request" = "create-playlist",
): Promise<string> {
  const { database, outbox } = graph.decibel;
  const id = randomUUID();
  const subject = playlistRequestId.encode(id);
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
    const effect = { name: `locations.${kind}`, data: z.object({ id: z.string() }) };
    await outbox.send(tx, effect, { subject, data: { id } });
  });
  return subject;
}

interface FailedEffect {
  readonly id: string;
  readonly output: { readonly message: string };
}

/** Of a request that is FAILED. Waits for it, because the request is marked before its effect. */
async function failedEffectOf(id: string): Promise<FailedEffect> {
  const failed = () =>
    graph.rows(
      sql`select id, output from outbox.job where split_part(singleton_key, ' ', 1) = ${id} and state = 'failed'`,
    );
  await eventually(failed).toHaveLength(1);
  const [effect] = await failed();
  return effect as unknown as FailedEffect;
}

async function failureOf(id: string): Promise<string> {
  return (await failedEffectOf(id)).output.message;
}

/** Why its effect waits. */
async function waitingFor(id: string): Promise<string> {
  const [effect] = await graph.rows(
    sql`select output->>'message' as message from outbox.job where singleton_key = ${id} and state = 'retry'`,
  );
  return String(effect?.["message"]);
}

/** For as long as that may be a mistake. */
async function staysAbsent(id: string, message: string): Promise<void> {
  for (const minutes of [0, 9]) {
    await setOutboxAhead(graph.decibel.database, minutes * MINUTE_MS);
    await eventually(() => waitingFor(id)).toBe(message);
  }
  await setOutboxAhead(graph.decibel.database, 11 * MINUTE_MS);
}

async function retryEffect(id: string): Promise<void> {
  const effect = { queue: "locations", id: (await failedEffectOf(id)).id };
  await graph.decibel.database.transaction((tx) => graph.decibel.outbox.retry(tx, effect));
}
