/** The worklist of locations: what it lists, in which order, in how many evaluations, and what a page of it costs. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { locationId } from "../../../schema/id.ts";
import { locationPlayback } from "../../../subgraphs/locations/decisions/location-playback.ts";
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import type { LocationProfile } from "../../../subgraphs/records/locations/types.ts";
import { expectFew } from "../../support/asks.ts";
import { NOW } from "../../support/now.ts";
import { idOf, locationOf, playbackFactsOf, profileOf, tableOf, world } from "../../support/location-world.ts";
import { idsOfPages, ownGraphs, startLocations } from "../../support/locations-graph.ts";
import type { Connection, LocationsGraph } from "../../support/locations-graph.ts";
import { misbehave } from "../../support/sandbox-control.ts";

interface Node {
  readonly id: string;
  readonly playback?: { readonly verdict: string; readonly priority: number } | null;
}

let graph: LocationsGraph;
beforeAll(async () => {
  graph = await startLocations();
});
afterAll(() => graph.stop());

const own = ownGraphs();
afterEach(() => own.stop());

function decidedLocally(facts: Facts): ReturnType<typeof judge<never, ReturnType<typeof locationPlayback.answer>>> {
  const evaluation = tableOf("location_playback").evaluate(facts);
  if (!("rows" in evaluation)) throw new RangeError("the table does not decide these facts");
  return judge(locationPlayback, evaluation.rows);
}

describe("locationWorklist", () => {
  /** Every location that needs attention, in order, decided without the graph. */
  function expected(profiles: ReadonlyMap<string, LocationProfile> = profileOf): readonly string[] {
    return world.locations
      .map((location) => {
        const profile = profiles.get(location.id);
        const { verdict, answer } = decidedLocally(playbackFactsOf(location, profile));
        const end = Number(profile?.licence?.expiresAt ?? Infinity);
        const isListed = verdict !== "ALLOW" || answer.licenceAction !== "NONE" || answer.priority <= 3;
        return { id: idOf(location), priority: answer.priority, end, isListed };
      })
      .filter(({ isListed }) => isListed)
      .toSorted((a, b) => a.priority - b.priority || (a.end === b.end ? (a.id < b.id ? -1 : 1) : a.end - b.end))
      .map(({ id }) => id);
  }

  it.each([7, 47, 200])(
    "lists every location that needs attention, the most urgent first, in pages of %i",
    async (size) => {
      const ids = await idsOfPages(graph, "locationWorklist", size);
      expect(ids.length).toBeGreaterThan(100);
      expect(ids).toEqual(expected());
    },
  );

  it("decides all locations in few batches, with few requests to Soundtrack, and for a page no more than the page", async () => {
    const other = await own.start();
    const page = `{ locationWorklist(first: 100) {
      asOf totalCount nodes { id name licence { status } zones { id } playback { verdict } } } }`;
    await other.sweep();
    const classes = new Set(
      world.locations.map((location) => tableOf("location_playback").identity(playbackFactsOf(location))),
    );
    expect([other.batches(), await other.soundtrackRequests()]).toEqual([3, 7]);
    expectFew(await other.evaluations(), classes.size);
    expect(other.recordReads).toEqual({ profiles: 3 });
    await other.resetCounts();
    const { data, errors } = await other.query<{ locationWorklist: { asOf: string } }>(page);
    expect(errors).toEqual([]);
    expect(data.locationWorklist.asOf).toBe(new Date(NOW).toISOString());
    expect([await other.evaluations(), await other.soundtrackRequests()]).toEqual([0, 0]);
    expect(other.recordReads).toEqual({ profiles: 1 });
  });

  it("asks nothing again at a sweep that was answered already, for an hour", async () => {
    const other = await own.start();
    await other.sweep();
    const sweepIn = async (minutes: number): Promise<number> => {
      await other.resetCounts();
      other.clock.now += minutes * 60_000;
      await other.pipeline.versions.refresh();
      await other.sweep();
      return other.evaluations();
    };
    // Every answer is shared for five minutes; some locations open or close in ten.
    expect(await sweepIn(10)).toBeLessThan(15);
    expect(await sweepIn(51)).toBeGreaterThan(20);
  });

  it("lists locations that could not be decided first, with the error", async () => {
    const one = locationOf("Harbour Lane Hotels", 1);
    const other = await own.start({ troubles: new Map([[`${one.id}.soundZones`, "INTERNAL_SERVER_ERROR"]]) });
    const { data, errors } = await other.query<{ locationWorklist: Connection<Node> }>(
      "{ locationWorklist(first: 2) { totalCount nodes { id playback { priority } } } }",
    );
    expect(data.locationWorklist).toEqual({
      totalCount: expected().length + 1,
      nodes: [
        { id: idOf(one), playback: null },
        { id: expected()[0], playback: { priority: 1 } },
      ],
    });
    expect(errors.map(({ path, extensions }) => [path?.join("."), extensions["code"]])).toEqual([
      ["locationWorklist.nodes.0.playback", "UPSTREAM_UNEXPECTED"],
    ]);
  });

  it("lists every location by the end of its licence while nothing can be decided", async () => {
    const other = await own.start();
    await misbehave(other.opentext, { rows: "empty" });
    const ids = await idsOfPages(other, "locationWorklist", 200);
    const ends = world.profiles.map(({ locationId: id, licence }) => ({
      id: locationId.encode(id),
      end: Number(licence?.expiresAt ?? Infinity),
    }));
    const byEnd = ends.toSorted((a, b) => (a.end === b.end ? (a.id < b.id ? -1 : 1) : a.end - b.end));
    expect(ids).toEqual(byEnd.map(({ id }) => id));
    const { data, errors } = await other.query<{ locationWorklist: Connection<Node> }>(
      "{ locationWorklist(first: 1) { nodes { id playback { verdict } } } }",
    );
    expect(data.locationWorklist.nodes).toEqual([{ id: ids[0], playback: null }]);
    expect(errors[0]?.extensions["code"]).toBe("DECISION_UNDETERMINED");
  });

  it("keeps its order while licences change between pages", async () => {
    const other = await own.start();
    const pageAfter = async (after: string | null): Promise<Connection<Node>> => {
      const { data } = await other.query<{ list: Connection<Node> }>(
        `query ($after: String) { list: locationWorklist(first: 30, after: $after) {
          totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
        { after },
      );
      return data.list;
    };
    const before = expected();
    const first = await pageAfter(null);
    // The last one shown and the one after it need no attention any more, and the last of all becomes urgent.
    const [last = "", next = "", lastOfAll = ""] = [before[29], before[30], before.at(-1)].map(
      (id) => locationId.decode(id ?? "")[0],
    );
    const renewed = { status: "ACTIVE", tier: "foreground", expiresAt: null } as const;
    const expired = { status: "EXPIRED", tier: "foreground", expiresAt: new Date(NOW - 1e9) } as const;
    for (const [id, licence] of [
      [last, renewed],
      [next, renewed],
      [lastOfAll, expired],
    ] as const) {
      const profile = other.profiles.get(id);
      if (profile) other.profiles.set(id, { ...profile, licence });
    }
    await other.sweep();
    const after = expected(other.profiles);
    const rest: string[] = [];
    for (let page = await pageAfter(first.pageInfo.endCursor); ; page = await pageAfter(page.pageInfo.endCursor)) {
      rest.push(...page.nodes.map(({ id }) => id));
      expect(page.totalCount).toBe(after.length);
      if (!page.pageInfo.hasNextPage) break;
    }
    // One whose rank changed may appear twice or not at all; no other does.
    const moved = new Set([last, next, lastOfAll].map((id) => locationId.encode(id)));
    const unmoved = (ids: readonly string[]): readonly string[] => ids.filter((id) => !moved.has(id));
    expect(unmoved([...first.nodes.map(({ id }) => id), ...rest])).toEqual(unmoved(after));
    expect(await idsOfPages(other, "locationWorklist", 200)).toEqual(after);
  });

  it("refuses a cursor of another list", async () => {
    const { errors } = await graph.query(`{ locationWorklist(after: "x") { totalCount } }`);
    expect(errors.map(({ message }) => message)).toEqual(["Cannot list: after is not a cursor of locationWorklist"]);
  });
});
