/** A location: its fields, its playback, and its absence. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { playlistRequestId } from "../../../schema/id.ts";
import { idOf, locationOf, requests } from "../../support/location-world.ts";
import { ownGraphs, startLocations } from "../../support/locations-graph.ts";
import type { LocationsGraph } from "../../support/locations-graph.ts";

let graph: LocationsGraph;
beforeAll(async () => {
  graph = await startLocations();
});
afterAll(() => graph.stop());

const own = ownGraphs();
afterEach(() => own.stop());

describe("location", () => {
  it("joins what Soundtrack and the records have of a location", async () => {
    const location = locationOf("Harbour Lane Hotels", 1);
    const { data, errors } = await graph.query(
      `query ($id: ID!) { location(id: $id) {
        id name account country city timezone storeType openingHours { day opens closes }
        licence { status tier expiresAt } zones { id name online subscription }
        playback { verdict eligible playlists licenceAction priority reasons { code } model { key } }
      } }`,
      { id: idOf(location) },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      location: {
        id: idOf(location),
        name: "New York, Main Street",
        account: "Harbour Lane Hotels",
        country: "US",
        city: "New York",
        timezone: "America/New_York",
        storeType: "HOTEL",
        openingHours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, opens: "00:00", closes: "24:00" })),
        licence: { status: "ACTIVE", tier: "background", expiresAt: null },
        zones: location.zones
          .toSorted((left, right) => (left.name < right.name ? -1 : 1))
          .map(({ id, name }) => ({
            id: `zone_${id.replaceAll("=", "~3d")}`,
            name,
            online: true,
            subscription: "ACTIVE",
          })),
        playback: {
          verdict: "ALLOW",
          eligible: true,
          playlists: ["lobby-lounge", "morning-acoustic", "brand-default"],
          licenceAction: "NONE",
          priority: 5,
          reasons: [{ code: "HOTEL" }, { code: "CLEAR" }],
          model: { key: "location_playback" },
        },
      },
    });
  });

  it("shows a location without records as OTHER, closed and without a licence", async () => {
    const other = await own.start();
    other.profiles.clear();
    const { data, errors } = await other.query(
      `{ locations(first: 1) { nodes { storeType openingHours { day } licence { status } playback { verdict licenceAction } } } }`,
    );
    expect([data, errors]).toEqual([
      {
        locations: {
          nodes: [
            {
              storeType: "OTHER",
              openingHours: [],
              licence: null,
              playback: { verdict: "DENY", licenceAction: "ESCALATE" },
            },
          ],
        },
      },
      [],
    ]);
  });

  it("fails to decide playback if the zones are unknown, instead of assuming no zones", async () => {
    const location = locationOf("Harbour Lane Hotels", 1);
    const other = await own.start({ troubles: new Map([[`${location.id}.soundZones`, "INTERNAL_SERVER_ERROR"]]) });
    const { data, errors } = await other.query(
      `query ($id: ID!) { location(id: $id) { name storeType playback { verdict } } }`,
      { id: idOf(location) },
    );
    expect(data).toEqual({ location: { name: "New York, Main Street", storeType: "HOTEL", playback: null } });
    expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual([
      [["location", "playback"], { code: "UPSTREAM_UNEXPECTED", upstream: "soundtrack", retryable: false }],
    ]);
  });
});

describe("a lookup by id", () => {
  it.each([
    ["location", "campaign_1"],
    ["playlistRequest", "location_1"],
  ])("%s refuses the id of another type", async (field, id) => {
    const { data, errors } = await graph.query(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id });
    expect([data, errors.map(({ extensions }) => extensions["code"])]).toEqual([{ [field]: null }, ["BAD_USER_INPUT"]]);
  });

  it("gives null for an unknown id", async () => {
    expect(
      await graph.query(`{ location(id: "location_nobody") { id } playlistRequest(id: "playlist-request_x") { id } }`),
    ).toEqual({
      data: { location: null, playlistRequest: null },
      errors: [],
    });
  });
});

describe("while Soundtrack refuses the token", () => {
  it("playlist requests are shown, and what needs locations is an error", async () => {
    const other = await own.start({ token: "changed" });
    const { data, errors } = await other.query(
      `query ($id: ID!) { playlistRequest(id: $id) { title decision { verdict } } }`,
      { id: playlistRequestId.encode(requests[3]?.id ?? "") },
    );
    expect(data).toEqual({ playlistRequest: { title: requests[3]?.title, decision: null } });
    expect(errors.map(({ path, extensions }) => [path, extensions["code"]])).toEqual([
      [["playlistRequest", "decision"], "UPSTREAM_UNAVAILABLE"],
    ]);
    const lists = await other.query("{ locationWorklist { totalCount } }");
    expect(lists.errors.map(({ extensions }) => extensions["code"])).toEqual(["UPSTREAM_UNAVAILABLE"]);
  });
});
