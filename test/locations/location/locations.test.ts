/** The list of locations: its order, pages, filters and cursors, and the requests and evaluations it takes. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { locationId } from "../../../schema/id.ts";
import type { WorldLocation } from "../../../subgraphs/sandbox/world/locations.ts";
import { expectFew } from "../../support/asks.ts";
import { idOf, playbackFactsOf, profileOf, tableOf, world, worldLocationOf } from "../../support/location-world.ts";
import { idsOfPages, ownGraphs, startLocations } from "../../support/locations-graph.ts";
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

describe("locations", () => {
  it("lists every location once, by business, then by name", async () => {
    const ids = await idsOfPages(graph, "locations", 120);
    expect([ids.length, new Set(ids).size]).toEqual([500, 500]);
    expect(new Set(ids)).toEqual(new Set(world.locations.map(idOf)));
    const { data } = await graph.query<{ locations: Connection<{ account: string; name: string }> }>(
      "{ locations(first: 200) { nodes { account name } } }",
    );
    const keys = data.locations.nodes.map(({ account, name }) => [account, name].join("\n"));
    expect(keys).toEqual(keys.toSorted(new Intl.Collator("en").compare));
  });

  it("takes one request to Soundtrack for a page, and one for more zones", async () => {
    const other = await own.start();
    await other.query("{ locations(first: 1) { nodes { id } } }");
    await other.resetCounts();
    await other.query("{ locations(first: 200) { totalCount nodes { id name zones { id } } } }");
    expect(await other.soundtrackRequests()).toBe(2);
    await other.resetCounts();
    expect((await other.query("{ locations { totalCount } }")).data).toEqual({ locations: { totalCount: 500 } });
    expect(await other.soundtrackRequests()).toBe(2);
  });

  it("decides a page in one batch: few evaluations for each class of facts, one read of the records", async () => {
    const other = await own.start();
    const all = await other.query<{ locations: Connection<Node> }>(
      "{ locations(first: 200) { nodes { id playback { verdict } } } }",
    );
    expect(all.errors).toEqual([]);
    const shown = all.data.locations.nodes.map(({ id }) => worldLocationOf.get(locationId.decode(id)[0]));
    const classes = new Set(
      shown.map((location) => location && tableOf("location_playback").identity(playbackFactsOf(location))),
    );
    expect([shown.length, other.batches()]).toEqual([200, 1]);
    expectFew(await other.evaluations(), classes.size);
    expect(other.recordReads).toEqual({ profiles: 1 });
  });

  it.each([
    ["country", 'country: "PL"', ({ address }: WorldLocation) => address.country === "PL"],
    ["store type", "storeType: BAR", ({ id }: WorldLocation) => profileOf.get(id)?.storeType === "BAR"],
    [
      "both",
      'storeType: BAR, country: "FR"',
      ({ id, address }: WorldLocation) => profileOf.get(id)?.storeType === "BAR" && address.country === "FR",
    ],
    ["a country without any", 'country: "FI"', () => false],
  ])("filters by %s", async (_name, filter, matches) => {
    const ids = await idsOfPages(graph, "locations", 5, `, ${filter}`);
    const expected = world.locations.filter(matches).map(idOf);
    expect([ids.length, new Set(ids)]).toEqual([expected.length, new Set(expected)]);
  });

  it("filters by the cached list of all locations", async () => {
    const other = await own.start();
    await other.query('{ locations(first: 5, country: "DE") { totalCount nodes { id } } }');
    expect(await other.soundtrackRequests()).toBe(7);
    await other.resetCounts();
    await other.query("{ locations(first: 50, storeType: HOTEL) { totalCount nodes { id playback { verdict } } } }");
    expect(await other.soundtrackRequests()).toBe(0);
  });

  it("continues a filtered list without the filter, and the other way round", async () => {
    const all = await idsOfPages(graph, "locations", 200);
    const cursorOf = async (filter: string): Promise<readonly [id: string, cursor: string | null]> => {
      const { data } = await graph.query<{ locations: Connection<Node> }>(
        `{ locations(first: 3${filter}) { nodes { id } pageInfo { endCursor } } }`,
      );
      return [data.locations.nodes.at(-1)?.id ?? "", data.locations.pageInfo.endCursor];
    };
    const nextOf = async (after: string | null, filter: string): Promise<string | undefined> => {
      const { data } = await graph.query<{ locations: Connection<Node> }>(
        `query ($after: String) { locations(first: 1, after: $after${filter}) { nodes { id } } }`,
        { after },
      );
      return data.locations.nodes[0]?.id;
    };
    const italy = ', country: "IT"';
    const [filtered, afterFiltered] = await cursorOf(italy);
    expect(await nextOf(afterFiltered, "")).toBe(all[all.indexOf(filtered) + 1]);
    const [unfiltered, afterUnfiltered] = await cursorOf("");
    const isItalian = (id: string): boolean => worldLocationOf.get(locationId.decode(id)[0])?.address.country === "IT";
    expect(await nextOf(afterUnfiltered, italy)).toBe(all.slice(all.indexOf(unfiltered) + 1).find(isItalian));
  });

  const position = { accountId: "a", cursor: "c", passed: 1 };
  const cursor = (list: string, value: unknown): string =>
    Buffer.from(JSON.stringify([list, value])).toString("base64url");
  it.each([
    ["of another list", cursor("episodes", position)],
    ["of the worklist", cursor("locationWorklist", [1, 2, "x"])],
    ["with an invalid position", cursor("locations", { ...position, passed: 0 })],
    ["without an account", cursor("locations", { cursor: "c", passed: 1 })],
    ["that is no cursor", "x"],
  ])("refuses a cursor %s", async (_name, after) => {
    const { data, errors } = await graph.query("query ($after: String) { locations(after: $after) { totalCount } }", {
      after,
    });
    expect([data, errors]).toEqual([
      null,
      [
        {
          message: "Cannot list: after is not a cursor of locations",
          path: ["locations"],
          extensions: { code: "BAD_USER_INPUT", argument: "after" },
        },
      ],
    ]);
  });

  it("ends after a cursor in an account that was deleted", async () => {
    for (const filter of ["", ', country: "IT"']) {
      const { data, errors } = await graph.query(
        `query ($after: String) { locations(after: $after${filter}) { nodes { id } pageInfo { hasNextPage } } }`,
        { after: cursor("locations", { ...position, accountId: "gone" }) },
      );
      expect([data, errors]).toEqual([{ locations: { nodes: [], pageInfo: { hasNextPage: false } } }, []]);
    }
  });
});
