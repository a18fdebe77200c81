/** The payload of requestPlaylist: it shows the recorded decision, which is never evaluated a second time. */
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { locationId } from "../../../schema/id.ts";
import { playlistRequests } from "../../../subgraphs/records/locations/tables.ts";
import { eventually } from "../../support/mutations.ts";
import { other, startPlaylistsGraph, tracks } from "../../support/playlists-graph.ts";
import type { PlaylistsGraph } from "../../support/playlists-graph.ts";

let graph: PlaylistsGraph;
beforeAll(async () => {
  graph = await startPlaylistsGraph();
});
afterAll(() => graph.stop());
afterEach(() => graph.reset());

describe("the payload of requestPlaylist", () => {
  it.each([
    ["ALLOW", "APPROVED", 0],
    ["REVIEW", "IN_REVIEW", 1],
    ["DENY", "REJECTED", 6],
  ])("agrees with the status after one evaluation: %s", async (verdict, status, explicit) => {
    const { data, errors } = await graph.request({ trackUris: tracks(30, explicit) });
    expect(errors).toEqual([]);
    const { id = "", decision } = data?.requestPlaylist.playlistRequest ?? {};
    expect(data?.requestPlaylist.playlistRequest).toMatchObject({ status, decision: { verdict } });
    expect(await graph.executes()).toBe(1);
    expect(await graph.evaluationsOf(id)).toEqual([decision?.id]);
    const recorded = await graph.decibel.database.db
      .select()
      .from(playlistRequests)
      .where(eq(playlistRequests.evaluationId, decision?.id ?? ""));
    expect(recorded.map((row) => `playlist-request_${row.id}`)).toEqual([id]);
  });

  it("repeats the evaluation of its key after the rules have changed", async () => {
    const input = { idempotencyKey: "rules", trackUris: tracks(30, 1) };
    const first = await graph.request(input);
    expect(first.data?.requestPlaylist.playlistRequest).toMatchObject({
      status: "IN_REVIEW",
      decision: { verdict: "REVIEW" },
    });
    const { id = "", decision } = first.data?.requestPlaylist.playlistRequest ?? {};
    await graph.withRules("playlist_request", { verdict: "DENY", action: "HOLD", queue: "brand" }, async () => {
      await graph.sandbox("opentext").forget();
      expect(await graph.request(input)).toEqual(first);
      expect(await graph.executes()).toBe(0);
      const { data } = await graph.request({ trackUris: tracks(30, 1) });
      expect(data?.requestPlaylist.playlistRequest).toMatchObject({
        status: "REJECTED",
        decision: { verdict: "DENY" },
      });
      expect(data?.requestPlaylist.playlistRequest.decision?.model).not.toEqual(decision?.model);
    });
    expect(await graph.evaluationsOf(id)).toEqual([decision?.id]);
  });

  it("repeats the evaluation of its key after the licence has changed", async () => {
    const input = { idempotencyKey: "licence", locationId: locationId.encode(other.id) };
    const first = await graph.requested(input);
    expect(first).toMatchObject({ status: "APPROVED", decision: { verdict: "ALLOW" } });
    await graph.becomes(first.id, "FULFILLED");
    const licence = await graph.recordLicence({ status: "EXPIRED", expiresAt: "2026-03-01T00:00:00Z" });
    expect(licence.errors).toEqual([]);
    await graph.sandbox("opentext").forget();
    const repeat = await graph.requested(input);
    expect([repeat.id, repeat.status, repeat.decision]).toEqual([first.id, "FULFILLED", first.decision]);
    expect(await graph.executes()).toBe(0);
    const { status, decision } = await graph.requested({ locationId: locationId.encode(other.id) });
    expect([status, decision]).toEqual(["REJECTED", expect.objectContaining({ verdict: "DENY" })]);
    expect(await graph.evaluationsOf(first.id)).toEqual([first.decision?.id]);
    expect((await graph.recordLicence()).errors).toEqual([]);
  });

  it("has no decision while the request is undecided, and the recorded one once it is decided", async () => {
    const input = { idempotencyKey: "undecided" };
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await graph.request(input);
    const { id = "" } = data?.requestPlaylist.playlistRequest ?? {};
    expect(data?.requestPlaylist.playlistRequest).toMatchObject({ status: "UNDECIDED", decision: null });
    expect(errors).toMatchObject([
      {
        path: ["requestPlaylist", "playlistRequest", "decision"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "playlist_request", retryable: true },
      },
    ]);
    expect(await graph.evaluationsOf(id)).toEqual([]);
    await graph.sandbox("opentext").behave();
    await eventually(() => graph.evaluationsOf(id)).toHaveLength(1);
    await graph.becomes(id, "FULFILLED");
    const repeat = await graph.requested(input);
    expect(repeat).toMatchObject({ id, status: "FULFILLED", decision: { verdict: "ALLOW" } });
    expect(await graph.evaluationsOf(id)).toEqual([repeat.decision?.id]);
  });

  it("has no decision while the Web API fails, and does not evaluate", async () => {
    await graph.sandbox("spotify-web").misbehave({ status: 500 });
    const { data, errors } = await graph.request();
    const { id = "" } = data?.requestPlaylist.playlistRequest ?? {};
    expect(data?.requestPlaylist.playlistRequest).toMatchObject({ status: "UNDECIDED", decision: null });
    expect(errors).toMatchObject([
      {
        path: ["requestPlaylist", "playlistRequest", "decision"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "playlist_request", retryable: true },
      },
    ]);
    expect([await graph.executes(), await graph.evaluationsOf(id)]).toEqual([0, []]);
    await graph.sandbox("spotify-web").behave();
    await graph.becomes(id, "FULFILLED");
  });
});
