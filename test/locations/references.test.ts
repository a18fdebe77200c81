/** References of other subgraphs to locations and playlist requests. */
import { afterEach, describe, expect, it } from "vitest";
import { playlistRequestId } from "../../schema/id.ts";
import { idOf, locationOf, requests } from "../support/location-world.ts";
import { ownGraphs } from "../support/locations-graph.ts";

const own = ownGraphs();
afterEach(() => own.stop());

describe("_entities", () => {
  it("resolves locations and playlist requests with one request to Soundtrack and one for more zones, and unknown ids to null", async () => {
    const other = await own.start();
    const [one, two] = [locationOf("Sakura Stay", 0), locationOf("Kontorhuset", 0)];
    const request = playlistRequestId.encode(requests[3]?.id ?? "");
    const { data, errors } = await other.entities(
      [
        { __typename: "Location", id: idOf(one) },
        { __typename: "PlaylistRequest", id: request },
        { __typename: "Location", id: "location_nobody" },
        { __typename: "Location", id: idOf(two) },
        { __typename: "PlaylistRequest", id: "playlist-request_nobody" },
      ],
      "... on Location { id playback { verdict } } ... on PlaylistRequest { id }",
    );
    expect([data._entities, errors]).toEqual([
      [
        { __typename: "Location", id: idOf(one), playback: { verdict: "ALLOW" } },
        { __typename: "PlaylistRequest", id: request },
        null,
        { __typename: "Location", id: idOf(two), playback: { verdict: "ALLOW" } },
        null,
      ],
      [],
    ]);
    expect([await other.soundtrackRequests(), other.recordReads]).toEqual([2, { byIds: 1, profiles: 1 }]);
  });
});
