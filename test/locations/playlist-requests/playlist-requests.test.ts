/** Playlist requests: their fields, decision and lists. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { playlistRequestId } from "../../../schema/id.ts";
import type { Answer } from "../../support/decibel.ts";
import { idOf, locationOf, requests, world } from "../../support/location-world.ts";
import { ownGraphs, startLocations } from "../../support/locations-graph.ts";
import type { Connection, LocationsGraph } from "../../support/locations-graph.ts";

interface Node {
  readonly id: string;
}

let graph: LocationsGraph;
beforeAll(async () => {
  graph = await startLocations();
});
afterAll(() => graph.stop());

const own = ownGraphs();
afterEach(() => own.stop());

describe("playlistRequest", () => {
  const newest = (id: string) =>
    requests
      .filter((request) => request.locationId === id)
      .toSorted((a, b) => Number(b.requestedAt) - Number(a.requestedAt) || (a.id > b.id ? -1 : 1))
      .map((request) => playlistRequestId.encode(request.id));

  it("shows a request and its decision", async () => {
    const request = requests[12];
    const { data, errors } = await graph.query(
      `query ($id: ID!) { playlistRequest(id: $id) {
        id title usage trackUris brandGuidelines startsAt endsAt status playlistUri requestedBy requestedAt location { id name }
        decision { verdict eligible action queue reasons { code message } model { key } }
      } }`,
      { id: playlistRequestId.encode(request?.id ?? "") },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      playlistRequest: {
        id: playlistRequestId.encode(request?.id ?? ""),
        title: request?.title,
        usage: "EVENT",
        trackUris: request?.trackUris,
        brandGuidelines: request?.brandGuidelines,
        startsAt: "2026-03-18T12:00:00.000Z",
        endsAt: "2026-03-18T12:00:00.000Z",
        status: request?.status,
        playlistUri: request?.playlistUri,
        requestedBy: request?.requestedBy,
        requestedAt: request?.requestedAt.toISOString(),
        location: { id: idOf(locationOf("Kneipe Zum Anker", 1)), name: "Hamburg, Hauptstraße" },
        decision: {
          verdict: "REVIEW",
          eligible: false,
          action: "HOLD",
          queue: "licensing",
          reasons: [
            { code: "EVENT_NOTICE", message: "Collecting societies here must be told of an event well before" },
            {
              code: "FIELD_MARKETING_LATER",
              message: "Field marketing prepares what is played on a day that lies ahead",
            },
            { code: "STARTS_LATER", message: "The playlist is made for a day that lies ahead" },
            { code: "FIELD_MARKETING", message: "Field marketing prepares events and promotions" },
            { code: "CLEAR", message: "No rule objects to this playlist" },
          ],
          model: { key: "playlist_request" },
        },
      },
    });
  });

  it("is listed by location in pages, the newest first", async () => {
    const location = locationOf("Birchwood Offices", 0);
    const ids: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const answer: Answer<{ location: { list: Connection<Node> } }> = await graph.query(
        `query ($id: ID!, $after: String) { location(id: $id) { list: playlistRequests(first: 2, after: $after) {
          totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`,
        { id: idOf(location), after },
      );
      expect(answer.errors).toEqual([]);
      const { list } = answer.data.location;
      ids.push(...list.nodes.map(({ id }) => id));
      expect(list.totalCount).toBe(newest(location.id).length);
      [after, more] = [list.pageInfo.endCursor, list.pageInfo.hasNextPage];
    }
    expect(ids.length).toBeGreaterThan(2);
    expect(ids).toEqual(newest(location.id));
  });

  it("takes one read and one batch of decisions for many locations, without reading the locations twice", async () => {
    const other = await own.start();
    await other.query("{ locations(first: 1) { nodes { id } } }");
    await other.resetCounts();
    const { data, errors } = await other.query<{
      locations: Connection<{ playlistRequests: Connection<{ decision: object | null }> }>;
    }>(
      `{ locations(first: 200) { nodes { playlistRequests { totalCount nodes { decision { verdict } location { name } } } } } }`,
    );
    const found = data.locations.nodes.flatMap(({ playlistRequests: { nodes } }) => nodes);
    expect([errors, found.length > 10, found.every(({ decision }) => decision !== null)]).toEqual([[], true, true]);
    expect([other.batches(), other.recordReads, await other.soundtrackRequests()]).toEqual([
      1,
      { lists: 1, counts: 1, profiles: 1 },
      2,
    ]);
  });

  it("shows a request whose location was deleted, without a decision", async () => {
    const [request] = requests;
    const gone = { ...world, locations: world.locations.filter(({ id }) => id !== request?.locationId) };
    const other = await own.start({ world: gone });
    const id = playlistRequestId.encode(request?.id ?? "");
    const { data, errors } = await other.query(
      `query ($id: ID!) { playlistRequest(id: $id) { title decision { verdict } } }`,
      { id },
    );
    expect(data).toEqual({ playlistRequest: { title: request?.title, decision: null } });
    expect(errors).toEqual([
      {
        message: "Cannot decide playlist_request: its location does not exist any more",
        path: ["playlistRequest", "decision"],
        extensions: { code: "NOT_FOUND" },
      },
    ]);
    const lost = await other.query(`query ($id: ID!) { playlistRequest(id: $id) { location { id } } }`, { id });
    expect([lost.data, lost.errors.map(({ message }) => message)]).toEqual([
      { playlistRequest: null },
      [`Cannot read the location of ${id}: it does not exist any more`],
    ]);
  });

  it("refuses a cursor of another list", async () => {
    const { errors } = await graph.query(
      `query ($id: ID!) { location(id: $id) { playlistRequests(after: "x") { totalCount } } }`,
      { id: idOf(locationOf("Birchwood Offices", 0)) },
    );
    expect(errors.map(({ message }) => message)).toEqual(["Cannot list: after is not a cursor of playlistRequests"]);
  });
});
