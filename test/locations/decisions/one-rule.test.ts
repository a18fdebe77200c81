/** Outputs that belong together come of one rule, whatever the facts. */
import { describe, expect, it } from "vitest";
import { locationPlayback } from "../../../subgraphs/locations/decisions/location-playback.ts";
import type { PlaybackFacts } from "../../../subgraphs/locations/decisions/location-playback.ts";
import { playlistRequest } from "../../../subgraphs/locations/decisions/playlist-request.ts";
import type { PlaylistFacts } from "../../../subgraphs/locations/decisions/playlist-request.ts";
import type { Facts, Row } from "../../../subgraphs/pipeline/table/table.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import { tableOf } from "../../support/location-world.ts";
import { createRandom } from "../../support/random.ts";

const ROUNDS = 2000;
const random = createRandom(23);

function rowsOf(key: string, facts: Facts): readonly Row[] {
  const evaluation = tableOf(key).evaluate(facts);
  return "failed" in evaluation ? expect.fail("the evaluation failed") : evaluation.rows;
}

/** One of the values that the table's author listed, or another one. */
function anyOf(key: string, input: string): string {
  const entries = tableOf(key).table.inputs.find(({ name }) => name === input)?.entries ?? [];
  return random.pick([...entries, "other"]);
}

describe("playlist_request", () => {
  it("answers the action and the queue of one rule", () => {
    const any = (input: string): string => anyOf("playlist_request", input);
    for (let round = 0; round < ROUNDS; round++) {
      const facts: PlaylistFacts = {
        usage: any("usage"),
        licence_status: random.isLucky(0.8) ? "ACTIVE" : any("licence_status"),
        country: any("country"),
        tracks: random.pick([0, 10, 50, 600]),
        explicit_tracks: random.pick([0, 0, 1, 6]),
        brand_fit: random.pick([30, 60, 90, 100]),
        duration_days: random.pick([0, 1, 20, 60, 100]),
        lead_days: random.pick([-1, 0, 1, 5, 30]),
      };
      const rows = rowsOf("playlist_request", facts);
      const { action, queue } = judge(playlistRequest, rows).answer;
      const said = rows.map((row) => ({ action: row["action"], queue: row["queue"] ?? null }));
      expect({ facts, said }).toEqual({ facts, said: expect.arrayContaining([{ action, queue }]) });
    }
  });
});

describe("location_playback", () => {
  it("answers one safe list while somebody has to look, and no other playlist", () => {
    const any = (input: string): string => anyOf("location_playback", input);
    for (let round = 0; round < ROUNDS; round++) {
      const facts: PlaybackFacts = {
        store_type: any("store_type"),
        licence_status: "ACTIVE",
        licence_tier: any("licence_tier"),
        days_left: random.pick([0, 7, 30, 90, 400]),
        country: any("country"),
        zones: 3,
        offline_zones: random.pick([0, 1, 3]),
        subscriptions: ["ACTIVE"],
        open_now: random.isLucky(0.5),
      };
      const rows = rowsOf("location_playback", facts);
      const { verdict, answer } = judge(locationPlayback, rows);
      if (verdict !== "REVIEW") continue;
      const first = rows.find((row) => row["verdict"] === "REVIEW");
      expect({ facts, playlists: answer.playlists }).toEqual({ facts, playlists: [first?.["safe_list"]] });
    }
  });
});
