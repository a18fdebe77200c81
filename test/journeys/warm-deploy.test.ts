/** After a deployment the first pages cost no call where its classes were asked ahead, and many where they were not. */
import { afterAll, describe, expect, it } from "vitest";
import { FACTS_KEPT, NOW, startTestDecibel } from "../support/decibel.ts";
import type { Answer, TestDecibel } from "../support/decibel.ts";
import { eventually } from "../support/mutations.ts";
import { changedTable, deploy } from "../support/table-files.ts";
import { MINUTE_MS } from "../support/times.ts";

const PATHS = [
  "campaigns/campaign_targeting.otdt",
  "episodes/episode_publishing.otdt",
  "locations/location_playback.otdt",
  "listeners/audience_segment.otdt",
  "listeners/lead_routing.otdt",
];
const BOARD = `{
  campaigns(first: 20) { nodes { targeting { verdict origin } } }
  episodes(first: 100) { nodes { publishing { verdict origin } } }
  locations(first: 100) { nodes { playback { verdict origin } } }
  listeners(first: 200) { nodes { segments { verdict origin } lead { verdict origin } } }
}`;

const started: TestDecibel[] = [];
afterAll(async () => {
  for (const graph of started) await graph.stop();
});

/** The calls of the board after all its tables were deployed anew. */
async function callsAfterDeployment(warmCalls: string): Promise<{ readonly calls: number; readonly ahead: number }> {
  let clock = NOW;
  // By the clock that jumps: a version is believed for some intervals.
  const variables = { ...FACTS_KEPT, DECISIONS_WARM_CALLS: warmCalls, OPENTEXT_VERSION_INTERVAL_MS: "3600000" };
  const graph = await startTestDecibel({ variables, now: () => clock });
  started.push(graph);
  await graph.query(BOARD);
  // Megaphone answers 60 requests a minute: all episodes are known before.
  for (let after: string | null = null, more = true; more;) {
    clock += MINUTE_MS;
    const { data }: Answer<{ episodes: { pageInfo: { hasNextPage: boolean; endCursor: string | null } } }> =
      await graph.query(
        "query ($after: String) { episodes(first: 100, after: $after) { pageInfo { hasNextPage endCursor } } }",
        { after },
      );
    more = data.episodes.pageInfo.hasNextPage;
    after = data.episodes.pageInfo.endCursor;
  }
  clock += MINUTE_MS;
  for (const path of PATHS)
    await deploy(
      graph,
      changedTable(path, () => undefined),
    );
  const opentext = graph.sandbox("opentext");
  if (warmCalls !== "0")
    await eventually(() => graph.logged.filter(({ msg }) => msg === "new version asked ahead").length).toBe(
      PATHS.length,
    );
  const ahead = graph.logged
    .filter(({ msg }) => msg === "new version asked ahead")
    .reduce((sum, { calls }) => sum + Number(calls), 0);
  await opentext.forget();
  const { errors } = await graph.query(BOARD);
  expect(errors).toEqual([]);
  return { calls: (await opentext.calls()).executes, ahead };
}

describe("the board after a deployment", { timeout: 120_000 }, () => {
  it("costs nothing where it was asked ahead, and calls where it was not", async () => {
    const without = await callsAfterDeployment("0");
    const ahead = await callsAfterDeployment("100000");
    process.stdout.write(
      `calls of the board after a deployment: ${without.calls} without, ${ahead.calls} with asking ahead (${ahead.ahead})\n`,
    );
    expect(without.calls).toBeGreaterThan(50);
    expect(ahead.calls).toBe(0);
  });

  it("never asks ahead more than is allowed", async () => {
    const { ahead } = await callsAfterDeployment("8");
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThanOrEqual(PATHS.length * 12);
  });
});
