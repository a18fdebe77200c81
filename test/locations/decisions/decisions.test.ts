/** The decisions about locations and playlist requests: their verdicts, the rules they reach, and their answers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playlistRequestId } from "../../../schema/id.ts";
import { locationPlayback } from "../../../subgraphs/locations/decisions/location-playback.ts";
import { playlistFacts, playlistRequest } from "../../../subgraphs/locations/decisions/playlist-request.ts";
import { UndecidedError } from "../../../subgraphs/pipeline/decision.ts";
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { NOW } from "../../support/now.ts";
import {
  idOf,
  locationOf,
  playbackFactsOf,
  profileOf,
  requests,
  tableOf,
  world,
  worldLocationOf,
} from "../../support/location-world.ts";
import { startLocations } from "../../support/locations-graph.ts";
import type { LocationsGraph } from "../../support/locations-graph.ts";

interface Playback {
  readonly verdict: string;
  readonly licenceAction: string;
  readonly priority: number;
  readonly playlists: readonly string[];
  readonly reasons: readonly { readonly code: string }[];
}

let graph: LocationsGraph;
beforeAll(async () => {
  graph = await startLocations();
});
afterAll(() => graph.stop());

describe("the world of the sandboxes", () => {
  const knowledge = (id: string) => {
    const [location, profile] = [worldLocationOf.get(id), profileOf.get(id)];
    if (!location || !profile) throw new RangeError(`the world has no location ${id}`);
    return { country: location.address.country, timezone: location.timezone, profile };
  };
  const facts: Readonly<Record<string, readonly Facts[]>> = {
    location_playback: world.locations.map((location) => playbackFactsOf(location)),
    playlist_request: requests.map((request) => playlistFacts(request, knowledge(request.locationId), NOW)),
  };

  it.each(["location_playback", "playlist_request"])("reaches every rule of %s", (key) => {
    const compiled = tableOf(key);
    const reached = new Set<number>();
    for (const each of facts[key] ?? []) {
      const evaluation = compiled.evaluate(each);
      if ("rules" in evaluation) for (const rule of evaluation.rules) reached.add(rule);
    }
    const rules = compiled.table.rules.map(({ row }, index) => ({ rule: index + 1, code: row["reason_code"] }));
    expect(rules.filter(({ rule }) => !reached.has(rule))).toEqual([]);
    expect([locationPlayback, playlistRequest].map((decision) => decision.key)).toContain(key);
  });
});

describe("location_playback", () => {
  it.each([
    ["Café Morgenrot", 0, "DENY", "LICENCE_EXPIRED", "ESCALATE", 1],
    ["Tiny Orchard Toys", 0, "DENY", "LICENCE_MISSING", "ESCALATE", 1],
    ["Osteria del Ponte", 0, "DENY", "LICENCE_DATE_PASSED", "ESCALATE", 1],
    ["Saltbush Outfitters", 0, "DENY", "NO_SOUND_ZONE", "NONE", 4],
    ["Burger Billabong", 0, "DENY", "NO_ACTIVE_SUBSCRIPTION", "NONE", 2],
    ["Stride Fitness Clubs", 0, "REVIEW", "FITNESS_NEEDS_FOREGROUND", "ESCALATE", 2],
    ["Kneipe Zum Anker", 0, "REVIEW", "BAR_NEEDS_FOREGROUND", "ESCALATE", 3],
    ["Thistle & Thread", 0, "REVIEW", "LICENCE_TIER_UNKNOWN", "RENEW", 3],
    ["Thistle & Thread", 1, "REVIEW", "LICENCE_TIER_UNKNOWN_AND_EXPIRING", "ESCALATE", 2],
    ["Lakeside Aquarium", 0, "REVIEW", "UNPROGRAMMED_AND_EXPIRING", "RENEW", 2],
    ["Lakeside Aquarium", 1, "REVIEW", "COUNTRY_UNKNOWN", "ESCALATE", 2],
    ["Lakeside Aquarium", 4, "REVIEW", "UNPROGRAMMED_AND_EXPIRING_THIS_QUARTER", "RENEW", 4],
    ["Modehuis Van Aerden", 0, "ALLOW", "EXPIRES_THIS_WEEK", "ESCALATE", 2],
    ["Modehuis Van Aerden", 1, "ALLOW", "EXPIRES_THIS_MONTH", "RENEW", 3],
    ["Modehuis Van Aerden", 2, "ALLOW", "EXPIRES_THIS_QUARTER", "RENEW", 4],
    ["Hôtel Lumière", 0, "ALLOW", "MANY_ZONES_OFFLINE", "NONE", 2],
    ["Harbour Lane Hotels", 0, "ALLOW", "ZONE_OFFLINE", "NONE", 3],
    ["Kontorhuset", 0, "ALLOW", "CLOSED", "NONE", 5],
  ])("decides %s %i: %s by %s", async (business, index, verdict, reason, licenceAction, priority) => {
    const { data } = await graph.query<{ location: { playback: Playback } }>(
      `query ($id: ID!) { location(id: $id) { playback { verdict licenceAction priority reasons { code } } } }`,
      { id: idOf(locationOf(business, index)) },
    );
    const { playback } = data.location;
    expect({ ...playback, reasons: playback.reasons[0]?.code }).toEqual({
      verdict,
      licenceAction,
      priority,
      reasons: reason,
    });
  });

  it("answers the first licence action, the most urgent priority and every playlist once", () => {
    expect(
      locationPlayback.answer([
        { licence_action: "ESCALATE", priority: 3, playlists: "lobby-lounge, brand-default" },
        { licence_action: "NONE", priority: 5, playlists: "brand-default" },
        { priority: 2 },
      ]),
    ).toEqual({ licenceAction: "ESCALATE", priority: 2, playlists: ["lobby-lounge", "brand-default"] });
  });

  it.each([
    ["Lakeside Aquarium", 1, ["royalty-free"]],
    ["Thistle & Thread", 1, ["instrumental-background"]],
    ["Lakeside Aquarium", 0, ["brand-default"]],
    ["Kontorhuset", 0, ["after-hours", "easy-listening", "brand-default"]],
  ])("lets %s %i play %j", async (business, index, playlists) => {
    const { data } = await graph.query<{ location: { playback: Playback } }>(
      `query ($id: ID!) { location(id: $id) { playback { playlists } } }`,
      { id: idOf(locationOf(business, index)) },
    );
    expect(data.location.playback).toEqual({ playlists });
  });

  it("answers the first safe list instead of all playlists", () => {
    const row = { licence_action: "ESCALATE", priority: 3 };
    const rows = [{ ...row, playlists: "lobby-lounge" }, { ...row, safe_list: "royalty-free" }, { safe_list: "other" }];
    expect(locationPlayback.answer(rows)).toMatchObject({ playlists: ["royalty-free"] });
  });

  it.each([
    [[{ priority: 3 }], "no row says licence_action"],
    [[{ priority: 3, licence_action: "PRAY" }], "a row has an unknown licence_action"],
    [[{ licence_action: "NONE" }], "no row says priority"],
  ])("is undecided by rows without a known answer: %j", (rows, message) => {
    expect(() => locationPlayback.answer(rows)).toThrow(new UndecidedError(message));
  });
});

describe("playlist_request", () => {
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
    [15, "ALLOW", "FIELD_MARKETING_LATER", "SCHEDULE", "field-marketing"],
    [16, "DENY", "START_PASSED", "HOLD", null],
    [17, "DENY", "NO_DURATION", "HOLD", null],
    [18, "REVIEW", "COUNTRY_UNKNOWN", "HOLD", "licensing"],
  ])("decides request %i: %s by %s", async (index, verdict, reason, action, queue) => {
    const { data } = await graph.query<{
      playlistRequest: { decision: { reasons: readonly { code: string }[]; [field: string]: unknown } };
    }>(`query ($id: ID!) { playlistRequest(id: $id) { decision { verdict action queue reasons { code } } } }`, {
      id: playlistRequestId.encode(requests[index]?.id ?? ""),
    });
    const { decision } = data.playlistRequest;
    expect({ ...decision, reasons: decision.reasons[0]?.code }).toEqual({ verdict, action, queue, reasons: reason });
  });

  it("answers an action, and the queue of its row", () => {
    expect(playlistRequest.answer([{ queue: "brand" }, { action: "HOLD", queue: "rights" }])).toEqual({
      action: "HOLD",
      queue: "rights",
    });
    expect(playlistRequest.answer([{ action: "CREATE" }])).toEqual({ action: "CREATE", queue: null });
    expect(() => playlistRequest.answer([{}])).toThrow(new UndecidedError("no row says action"));
  });
});
