/** What plays in the sound zones of locations. */
import { afterEach, describe, expect, it } from "vitest";
import { ownGraphs } from "../../support/locations-graph.ts";
import type { Connection } from "../../support/locations-graph.ts";

const own = ownGraphs();
afterEach(() => own.stop());

describe("nowPlaying", () => {
  it("is read for the online zones of all locations in batches of a hundred", async () => {
    const other = await own.start();
    await other.query("{ locations(first: 50) { nodes { zones { id } } } }");
    await other.resetCounts();
    const { data, errors } = await other.query<{
      locations: Connection<{ zones: readonly { online: boolean; nowPlaying: string | null }[] }>;
    }>("{ locations(first: 50) { nodes { zones { online nowPlaying } } } }");
    const zones = data.locations.nodes.flatMap((node) => node.zones);
    expect(errors).toEqual([]);
    expect(zones.filter(({ nowPlaying }) => nowPlaying !== null).length).toBeGreaterThan(90);
    expect(zones.filter(({ online, nowPlaying }) => !online && nowPlaying !== null)).toEqual([]);
    // The page of locations is cached.
    expect(await other.soundtrackRequests()).toBe(Math.ceil(zones.filter(({ online }) => online).length / 100));
  });
});
