import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { locationId, playlistRequestId } from "../../../schema/id.ts";
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import { locationPlayback, playbackFacts } from "../../../subgraphs/locations/decisions/location-playback.ts";
import { playlistFacts, playlistRequest } from "../../../subgraphs/locations/decisions/playlist-request.ts";
import type { PlaybackFacts } from "../../../subgraphs/locations/decisions/location-playback.ts";
import type { LocationProfile } from "../../../subgraphs/records/locations/types.ts";
import type { WorldLocation } from "../../../subgraphs/sandbox/world/locations.ts";
import type { Answer } from "../../support/decibel.ts";
import { NOW, requests, startLocations, tables, world } from "../../support/locations-graph.ts";
import type { GraphOptions, LocationsGraph } from "../../support/locations-graph.ts";

interface Connection<Node> {
  readonly totalCount: number;
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
  };
}
interface Playback {
  readonly verdict: string;
  readonly eligible: boolean;
  readonly playlists: readonly string[];
  readonly licenceAction: string;
  readonly priority: number;
  readonly reasons: readonly { readonly code: string }[];
}
interface Node {
  readonly id: string;
  readonly playback?: Playback | null;
}

let graph: LocationsGraph;
const others: LocationsGraph[] = [];
beforeAll(async () => {
  graph = await startLocations();
});
afterAll(() => graph.stop());
afterEach(async () => {
  for (const other of others.splice(0)) await other.stop();
});
async function fresh(options: GraphOptions = {}): Promise<LocationsGraph> {
  const other = await startLocations(options);
  others.push(other);
  return other;
}

const profileOf = new Map<string, LocationProfile>(world.profiles.map((profile) => [profile.locationId, profile]));
const locationOf = new Map(world.locations.map((location) => [location.id, location]));
const table = (key: string) => {
  const found = tables.find((compiled) => compiled.table.key === key);
  if (!found) throw new Error(`no table ${key}`);
  return found;
};
/** What the world says of a location, without the graph. */
function factsOf(location: WorldLocation, profile = profileOf.get(location.id)): PlaybackFacts {
  const { address, timezone, zones } = location;
  if (!profile) throw new Error("no profile");
  const states = zones.map(({ online, subscription }) => ({ online, subscription: subscription.state }));
  return playbackFacts({ country: address.country, timezone, zones: states, profile }, NOW);
}
function decidedHere(facts: Facts): ReturnType<typeof judge<never, ReturnType<typeof locationPlayback.answer>>> {
  const evaluation = table("location_playback").evaluate(facts);
  if (!("rows" in evaluation)) throw new Error("undecided");
  return judge(locationPlayback, evaluation.rows);
}
function placed(chain: string, nth: number): WorldLocation {
  const accounts = world.accounts.findIndex(({ businessName }) => businessName === chain);
  const location = world.locations[nth * 40 + accounts];
  if (!location) throw new Error(`no location ${nth} of ${chain}`);
  return location;
}
const idOf = ({ id }: { readonly id: string }): string => locationId.encode(id);

async function pages(of: LocationsGraph, field: string, first: number, more = ""): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | null = null, next = true; next && ids.length < 2000;) {
    const { data, errors } = await of.query<{ list: Connection<Node> }>(
      `query ($after: String) { list: ${field}(first: ${first}, after: $after${more}) {
        totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
      { after },
    );
    expect(errors).toEqual([]);
    const page: Connection<Node> = data.list;
    ids.push(...page.nodes.map(({ id }) => id));
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    expect(page.pageInfo.hasNextPage).toBe(ids.length < page.totalCount);
    [after, next] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  return ids;
}

describe("the sandboxes' world", () => {
  const knowledge = (id: string) => {
    const [location, profile] = [locationOf.get(id), profileOf.get(id)];
    if (!location || !profile) throw new Error(`nothing is known of ${id}`);
    return { country: location.address.country, timezone: location.timezone, profile };
  };
  const facts: Readonly<Record<string, readonly Facts[]>> = {
    location_playback: world.locations.map((location) => factsOf(location)),
    playlist_request: requests.map((request) => playlistFacts(request, knowledge(request.locationId), NOW)),
  };

  it.each(["location_playback", "playlist_request"])("reaches every rule of %s", (key) => {
    const compiled = table(key);
    const reached = new Set<number>();
    for (const one of facts[key] ?? []) {
      const evaluation = compiled.evaluate(one);
      if ("rules" in evaluation) for (const rule of evaluation.rules) reached.add(rule);
    }
    const rules = compiled.table.rules.map(({ row }, index) => ({ rule: index + 1, code: row["reason_code"] }));
    expect(rules.filter(({ rule }) => !reached.has(rule))).toEqual([]);
    expect([locationPlayback, playlistRequest].map((decision) => decision.key)).toContain(key);
  });
});

describe("a location", () => {
  it("combines the data of Soundtrack and of our records", async () => {
    const location = placed("Harbour Lane Hotels", 1);
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

  it.each([
    ["Café Morgenrot", 0, "DENY", "LICENCE_EXPIRED", "ESCALATE", 1],
    ["Tiny Orchard Toys", 0, "DENY", "LICENCE_MISSING", "ESCALATE", 1],
    ["Osteria del Ponte", 0, "DENY", "LICENCE_DATE_PASSED", "ESCALATE", 1],
    ["Saltbush Outfitters", 0, "DENY", "NO_SOUND_ZONE", "NONE", 4],
    ["Burger Billabong", 0, "DENY", "NO_ACTIVE_SUBSCRIPTION", "NONE", 2],
    ["Stride Fitness Clubs", 0, "REVIEW", "FITNESS_NEEDS_FOREGROUND", "ESCALATE", 2],
    ["Kneipe Zum Anker", 0, "REVIEW", "BAR_NEEDS_FOREGROUND", "ESCALATE", 3],
    ["Thistle & Thread", 0, "REVIEW", "LICENCE_TIER_UNKNOWN", "RENEW", 3],
    ["Lakeside Aquarium", 0, "REVIEW", "UNPROGRAMMED_AND_EXPIRING", "RENEW", 2],
    ["Modehuis Van Aerden", 0, "ALLOW", "EXPIRES_THIS_WEEK", "ESCALATE", 2],
    ["Modehuis Van Aerden", 1, "ALLOW", "EXPIRES_THIS_MONTH", "RENEW", 3],
    ["Modehuis Van Aerden", 2, "ALLOW", "EXPIRES_THIS_QUARTER", "RENEW", 4],
    ["Hôtel Lumière", 0, "ALLOW", "MANY_ZONES_OFFLINE", "NONE", 2],
    ["Harbour Lane Hotels", 0, "ALLOW", "ZONE_OFFLINE", "NONE", 3],
    ["Kontorhuset", 0, "ALLOW", "CLOSED", "NONE", 5],
  ])("%s %i is decided: %s, because of %s", async (chain, nth, verdict, reason, licenceAction, priority) => {
    const { data } = await graph.query<{ location: { playback: Playback } }>(
      `query ($id: ID!) { location(id: $id) { playback { verdict licenceAction priority reasons { code } } } }`,
      { id: idOf(placed(chain, nth)) },
    );
    const { playback } = data.location;
    expect({ ...playback, reasons: playback.reasons[0]?.code }).toEqual({
      verdict,
      licenceAction,
      priority,
      reasons: reason,
    });
  });

  it("without a record has the store type OTHER, no opening hours and no licence", async () => {
    const other = await fresh();
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

  it("with unknown zones is an error, not a location without zones", async () => {
    const location = placed("Harbour Lane Hotels", 1);
    const other = await fresh({ troubles: new Map([[`${location.id}.soundZones`, "INTERNAL_SERVER_ERROR"]]) });
    const { data, errors } = await other.query(
      `query ($id: ID!) { location(id: $id) { name storeType playback { verdict } } }`,
      { id: idOf(location) },
    );
    expect(data).toEqual({ location: { name: "New York, Main Street", storeType: "HOTEL", playback: null } });
    expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual([
      [["location", "playback"], { code: "UPSTREAM_UNEXPECTED", upstream: "soundtrack", retryable: false }],
    ]);
  });

  it("reads what plays in its zones only if it is selected, all zones in one query", async () => {
    const other = await fresh();
    await other.query("{ locations(first: 50) { nodes { zones { id } } } }");
    await other.forget();
    const { data, errors } = await other.query<{
      locations: Connection<{ zones: readonly { online: boolean; nowPlaying: string | null }[] }>;
    }>("{ locations(first: 50) { nodes { zones { online nowPlaying } } } }");
    const zones = data.locations.nodes.flatMap((node) => node.zones);
    expect(errors).toEqual([]);
    expect(zones.filter(({ nowPlaying }) => nowPlaying !== null).length).toBeGreaterThan(90);
    expect(zones.filter(({ online, nowPlaying }) => !online && nowPlaying !== null)).toEqual([]);
    // The page is known; a query asks for a hundred zones.
    expect(await other.asked()).toBe(Math.ceil(zones.filter(({ online }) => online).length / 100));
  });
});

describe("locations", () => {
  it("are listed once each, account by account", async () => {
    const ids = await pages(graph, "locations", 120);
    expect([ids.length, new Set(ids).size]).toEqual([500, 500]);
    expect(new Set(ids)).toEqual(new Set(world.locations.map(idOf)));
    const { data } = await graph.query<{ locations: Connection<{ account: string; name: string }> }>(
      "{ locations(first: 200) { nodes { account name } } }",
    );
    const keys = data.locations.nodes.map(({ account, name }) => [account, name].join("\n"));
    expect(keys).toEqual(keys.toSorted(new Intl.Collator("en").compare));
  });

  it("cost one query a page, and no query for the total", async () => {
    const other = await fresh();
    await other.query("{ locations(first: 1) { nodes { id } } }");
    await other.forget();
    await other.query("{ locations(first: 200) { totalCount nodes { id name zones { id } } } }");
    expect(await other.asked()).toBe(1);
    await other.forget();
    expect((await other.query("{ locations { totalCount } }")).data).toEqual({ locations: { totalCount: 500 } });
    expect(await other.asked()).toBe(1);
  });

  it("are decided in one batch, with one evaluation for each distinct set of rules and one read for each kind of record", async () => {
    const other = await fresh();
    const all = await other.query<{ locations: Connection<Node> }>(
      "{ locations(first: 200) { nodes { id playback { verdict } } } }",
    );
    expect(all.errors).toEqual([]);
    const shown = all.data.locations.nodes.map(({ id }) => locationOf.get(locationId.decode(id)[0]));
    const classes = new Set(
      shown.map((location) => location && table("location_playback").identity(factsOf(location))),
    );
    expect([shown.length, other.batches(), await other.executed()]).toEqual([200, 1, classes.size]);
    expect(other.lookUps).toEqual({ profiles: 1 });
  });

  it.each([
    ["country", 'country: "PL"', ({ address }: WorldLocation) => address.country === "PL"],
    ["kind of store", "storeType: BAR", ({ id }: WorldLocation) => profileOf.get(id)?.storeType === "BAR"],
    [
      "both",
      'storeType: BAR, country: "FR"',
      ({ id, address }: WorldLocation) => profileOf.get(id)?.storeType === "BAR" && address.country === "FR",
    ],
    ["a country without any", 'country: "FI"', () => false],
  ])("are filtered by %s", async (_what, filter, matches) => {
    const ids = await pages(graph, "locations", 5, `, ${filter}`);
    const expected = world.locations.filter(matches).map(idOf);
    expect([ids.length, new Set(ids)]).toEqual([expected.length, new Set(expected)]);
  });

  it("are filtered from a cache for a minute, without more queries within a page", async () => {
    const other = await fresh();
    await other.query('{ locations(first: 5, country: "DE") { totalCount nodes { id } } }');
    expect(await other.asked()).toBe(4);
    await other.forget();
    await other.query("{ locations(first: 50, storeType: HOTEL) { totalCount nodes { id playback { verdict } } } }");
    expect(await other.asked()).toBe(0);
  });

  it("continue after a cursor of the filtered list in the unfiltered one, and vice versa", async () => {
    const all = await pages(graph, "locations", 200);
    const cursorOf = async (arguments_: string): Promise<readonly [id: string, cursor: string | null]> => {
      const { data } = await graph.query<{ locations: Connection<Node> }>(
        `{ locations(first: 3${arguments_}) { nodes { id } pageInfo { endCursor } } }`,
      );
      return [data.locations.nodes.at(-1)?.id ?? "", data.locations.pageInfo.endCursor];
    };
    const nextOf = async (after: string | null, arguments_: string): Promise<string | undefined> => {
      const { data } = await graph.query<{ locations: Connection<Node> }>(
        `query ($after: String) { locations(first: 1, after: $after${arguments_}) { nodes { id } } }`,
        { after },
      );
      return data.locations.nodes[0]?.id;
    };
    const filter = ', country: "IT"';
    const [filtered, behindFiltered] = await cursorOf(filter);
    expect(await nextOf(behindFiltered, "")).toBe(all[all.indexOf(filtered) + 1]);
    const [unfiltered, behindUnfiltered] = await cursorOf("");
    const italian = (id: string): boolean => locationOf.get(locationId.decode(id)[0])?.address.country === "IT";
    expect(await nextOf(behindUnfiltered, filter)).toBe(all.slice(all.indexOf(unfiltered) + 1).find(italian));
  });

  const position = { accountId: "a", cursor: "c", passed: 1 };
  const cursor = (list: string, value: unknown): string =>
    Buffer.from(JSON.stringify([list, value])).toString("base64url");
  it.each([
    ["of another list", cursor("episodes", position)],
    ["of the worklist", cursor("locationWorklist", [1, 2, "x"])],
    ["at no place", cursor("locations", { ...position, passed: 0 })],
    ["without an account", cursor("locations", { cursor: "c", passed: 1 })],
    ["that somebody made up", "x"],
  ])("refuse a cursor %s", async (_what, after) => {
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

  it("end after a cursor of a deleted account", async () => {
    for (const filter of ["", ', country: "IT"']) {
      const { data, errors } = await graph.query(
        `query ($after: String) { locations(after: $after${filter}) { nodes { id } pageInfo { hasNextPage } } }`,
        { after: cursor("locations", { ...position, accountId: "gone" }) },
      );
      expect([data, errors]).toEqual([{ locations: { nodes: [], pageInfo: { hasNextPage: false } } }, []]);
    }
  });
});

describe("the worklist", () => {
  /** Worked out without the graph: every location that needs attention, in order. */
  function expected(profiles: ReadonlyMap<string, LocationProfile> = profileOf): readonly string[] {
    return world.locations
      .map((location) => {
        const profile = profiles.get(location.id);
        const { verdict, answer } = decidedHere(factsOf(location, profile));
        const end = Number(profile?.licence?.expiresAt ?? Infinity);
        const isListed = verdict !== "ALLOW" || answer.licenceAction !== "NONE" || answer.priority <= 3;
        return { id: idOf(location), priority: answer.priority, end, isListed };
      })
      .filter(({ isListed }) => isListed)
      .toSorted((a, b) => a.priority - b.priority || (a.end === b.end ? (a.id < b.id ? -1 : 1) : a.end - b.end))
      .map(({ id }) => id);
  }

  it.each([7, 47, 200])("lists all that need attention, the most urgent first, in pages of %i", async (size) => {
    const ids = await pages(graph, "locationWorklist", size);
    expect(ids.length).toBeGreaterThan(100);
    expect(ids).toEqual(expected());
  });

  it("decides all locations in one batch, with a few queries", async () => {
    const other = await fresh();
    const { errors } = await other.query(
      `{ locationWorklist(first: 100) { totalCount nodes { id name licence { status } zones { id } playback { verdict } } } }`,
    );
    const classes = new Set(world.locations.map((location) => table("location_playback").identity(factsOf(location))));
    expect(errors).toEqual([]);
    expect([other.batches(), await other.executed(), await other.asked()]).toEqual([1, classes.size, 4]);
    expect(other.lookUps).toEqual({ profiles: 1 });
    await other.forget();
    await other.query("{ locationWorklist(first: 100) { nodes { id playback { priority } } } }");
    expect([await other.executed(), await other.asked()]).toEqual([0, 0]);
  });

  it("lists undecided locations first, with their errors", async () => {
    const one = placed("Harbour Lane Hotels", 1);
    const other = await fresh({ troubles: new Map([[`${one.id}.soundZones`, "INTERNAL_SERVER_ERROR"]]) });
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

  it("lists all locations by the end of their licences while decisions are unavailable", async () => {
    const other = await fresh();
    await other.opentext.app.inject({ method: "PUT", url: "/sandbox/faults", payload: { rows: "empty" } });
    const ids = await pages(other, "locationWorklist", 200);
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

  it("keeps its position while licences are renewed between pages", async () => {
    const other = await fresh();
    const turn = async (after: string | null): Promise<Connection<Node>> => {
      const { data } = await other.query<{ list: Connection<Node> }>(
        `query ($after: String) { list: locationWorklist(first: 30, after: $after) {
          totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
        { after },
      );
      return data.list;
    };
    const before = expected();
    const opening = await turn(null);
    // The last shown and the one after it are settled, and one far behind becomes urgent.
    const [last = "", next = "", far = ""] = [before[29], before[30], before.at(-1)].map(
      (id) => locationId.decode(id ?? "")[0],
    );
    const renewed = { status: "ACTIVE", tier: "foreground", expiresAt: null } as const;
    const expired = { status: "EXPIRED", tier: "foreground", expiresAt: new Date(NOW - 1e9) } as const;
    for (const [id, licence] of [
      [last, renewed],
      [next, renewed],
      [far, expired],
    ] as const) {
      const profile = other.profiles.get(id);
      if (profile) other.profiles.set(id, { ...profile, licence });
    }
    const after = expected(other.profiles);
    const rest: string[] = [];
    for (let page = await turn(opening.pageInfo.endCursor); ; page = await turn(page.pageInfo.endCursor)) {
      rest.push(...page.nodes.map(({ id }) => id));
      expect(page.totalCount).toBe(after.length);
      if (!page.pageInfo.hasNextPage) break;
    }
    // Whoever has moved may show twice or not at all; nobody else does.
    const moved = new Set([last, next, far].map((id) => locationId.encode(id)));
    const unmoved = (ids: readonly string[]): readonly string[] => ids.filter((id) => !moved.has(id));
    expect(unmoved([...opening.nodes.map(({ id }) => id), ...rest])).toEqual(unmoved(after));
    expect(await pages(other, "locationWorklist", 200)).toEqual(after);
  });

  it("rejects a cursor of another list", async () => {
    const { errors } = await graph.query(`{ locationWorklist(after: "x") { totalCount } }`);
    expect(errors.map(({ message }) => message)).toEqual(["Cannot list: after is not a cursor of locationWorklist"]);
  });
});

describe("playlist requests", () => {
  const newest = (id: string) =>
    requests
      .filter((request) => request.locationId === id)
      .toSorted((a, b) => Number(b.requestedAt) - Number(a.requestedAt) || (a.id > b.id ? -1 : 1))
      .map((request) => playlistRequestId.encode(request.id));

  it("have the requested values and a decision", async () => {
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
        location: { id: idOf(placed("Kneipe Zum Anker", 1)), name: "Hamburg, Hauptstraße" },
        decision: {
          verdict: "REVIEW",
          eligible: false,
          action: "HOLD",
          queue: "licensing",
          reasons: [
            { code: "EVENT_NOTICE", message: "Collecting societies here must be told of an event well before" },
            { code: "STARTS_LATER", message: "The playlist is made for a day that lies ahead" },
            { code: "FIELD_MARKETING", message: "Field marketing prepares events and promotions" },
            { code: "CLEAR", message: "No rule objects to this playlist" },
          ],
          model: { key: "playlist_request" },
        },
      },
    });
  });

  it.each([
    [0, "DENY", "LICENCE_INVALID", "HOLD", "licensing"],
    [1, "REVIEW", "OUTLIVES_LICENCE", "HOLD", "licensing"],
    [2, "DENY", "NO_TRACKS", "HOLD", null],
    [3, "REVIEW", "TOO_FEW_TRACKS", "HOLD", "music-curation"],
    [4, "ALLOW", "CLEAR", "CREATE", null],
    [5, "REVIEW", "TOO_MANY_TRACKS", "HOLD", "music-curation"],
    [6, "REVIEW", "EXPLICIT_TRACKS", "HOLD", "music-curation"],
    [7, "DENY", "EXPLICIT_IN_STORE", "HOLD", null],
    [8, "REVIEW", "OFF_BRAND", "HOLD", "brand"],
    [10, "REVIEW", "PROMOTION_FIT", "HOLD", "brand"],
    [11, "REVIEW", "PROMOTION_RIGHTS", "HOLD", "rights"],
    [13, "REVIEW", "EVENT_NOTICE", "HOLD", "licensing"],
    [14, "REVIEW", "LONG_CAMPAIGN", "HOLD", "brand"],
    [15, "ALLOW", "STARTS_LATER", "SCHEDULE", "field-marketing"],
    [16, "DENY", "START_PASSED", "HOLD", null],
    [17, "DENY", "NO_DURATION", "HOLD", null],
    [18, "REVIEW", "COUNTRY_UNKNOWN", "HOLD", "licensing"],
  ])("request %i is decided: %s, because of %s", async (index, verdict, reason, action, queue) => {
    const { data } = await graph.query<{
      playlistRequest: { decision: { reasons: readonly { code: string }[]; [field: string]: unknown } };
    }>(`query ($id: ID!) { playlistRequest(id: $id) { decision { verdict action queue reasons { code } } } }`, {
      id: playlistRequestId.encode(requests[index]?.id ?? ""),
    });
    const { decision } = data.playlistRequest;
    expect({ ...decision, reasons: decision.reasons[0]?.code }).toEqual({ verdict, action, queue, reasons: reason });
  });

  it("are listed by location, newest first, in pages", async () => {
    const location = placed("Birchwood Offices", 0);
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

  it("of many locations are one read and one batch of decisions, without reading the locations twice", async () => {
    const other = await fresh();
    await other.query("{ locations(first: 1) { nodes { id } } }");
    await other.forget();
    const { data, errors } = await other.query<{
      locations: Connection<{ playlistRequests: Connection<{ decision: object | null }> }>;
    }>(
      `{ locations(first: 200) { nodes { playlistRequests { totalCount nodes { decision { verdict } location { name } } } } } }`,
    );
    const found = data.locations.nodes.flatMap(({ playlistRequests: { nodes } }) => nodes);
    expect([errors, found.length > 10, found.every(({ decision }) => decision !== null)]).toEqual([[], true, true]);
    expect([other.batches(), other.lookUps, await other.asked()]).toEqual([1, { lists: 1, counts: 1, profiles: 1 }, 1]);
  });

  it("of a deleted location are listed without a decision", async () => {
    const [request] = requests;
    const gone = { ...world, locations: world.locations.filter(({ id }) => id !== request?.locationId) };
    const other = await fresh({ world: gone });
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

  it("reject a cursor of another list", async () => {
    const { errors } = await graph.query(
      `query ($id: ID!) { location(id: $id) { playlistRequests(after: "x") { totalCount } } }`,
      { id: idOf(placed("Birchwood Offices", 0)) },
    );
    expect(errors.map(({ message }) => message)).toEqual(["Cannot list: after is not a cursor of playlistRequests"]);
  });
});

describe("a reference", () => {
  it("resolves locations and requests in one query; null for those that do not exist", async () => {
    const other = await fresh();
    const [one, two] = [placed("Sakura Stay", 0), placed("Kontorhuset", 0)];
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
    expect([await other.asked(), other.lookUps]).toEqual([1, { byIds: 1, profiles: 1 }]);
  });

  it.each([
    ["location", "campaign_1"],
    ["playlistRequest", "location_1"],
  ])("of %s must be an id of its type", async (field, id) => {
    const { data, errors } = await graph.query(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id });
    expect([data, errors.map(({ extensions }) => extensions["code"])]).toEqual([{ [field]: null }, ["BAD_USER_INPUT"]]);
  });

  it("of something that does not exist is null in a query", async () => {
    expect(
      await graph.query(`{ location(id: "location_nobody") { id } playlistRequest(id: "playlist-request_x") { id } }`),
    ).toEqual({
      data: { location: null, playlistRequest: null },
      errors: [],
    });
  });
});

describe("without Soundtrack", () => {
  it("lists and locations are errors, and playlist requests are still listed", async () => {
    const other = await fresh({ token: "changed" });
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
