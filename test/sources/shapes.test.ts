/**
 * What processes of different versions share in Redis has one shape.
 *
 * Whoever changes what is kept of an entity increases the `shape` of its kind, and changes the line here with it: a process
 * of the other version then does not read it.
 */
import { hash } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import type { UpstreamFacts } from "../../subgraphs/platform/facts/facts.ts";
import type { Kind } from "../../subgraphs/platform/facts/kind.ts";
import { upstreams } from "../../subgraphs/registry.ts";
import { createEpisodeChanges } from "../../subgraphs/sandbox/episode-changes.ts";
import { trackId } from "../../subgraphs/sandbox/world/tracks.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { episodeKey } from "../../subgraphs/sources/megaphone/facts.ts";
import { unkeptFacts } from "../support/facts.ts";
import { NOW } from "../support/now.ts";
import { whole } from "../support/whole.ts";

/** The version of a shape, and its digest. */
const SHAPES: Readonly<Record<string, string>> = {
  "megaphone episode": "1 -mbMZI3E",
  "megaphone episode page": "1 jzztl9v9",
  "megaphone podcasts": "1 LD1J0WLG",
  "soundtrack accounts": "1 7JwL7BMa",
  "soundtrack location": "1 bSD4SI_l",
  "soundtrack location page": "1 ekD0wzEF",
  "soundtrack locations of an account": "1 ekD0wzEF",
  "spotify-ads ad sets": "1 KAM9xP_N",
  "spotify-ads ads": "1 r0qLNbMR",
  "spotify-ads campaign": "1 yPtS5RKd",
  "spotify-ads campaign page": "1 2XMp2aJp",
  "spotify-ads categories": "1 ylpD79zX",
  "spotify-ads currency": "1 RzKH-CmN",
  "spotify-ads report": "1 hpJ8YNZq",
  "spotify-web episode": "1 N7D5hR7y",
  "spotify-web track": "1 oIe_c9Z8",
};

const world = createWorld({ scale: 1, now: new Date(NOW) });
const { campaigns, episodes, locations } = whole(world);
const campaignIds = campaigns.campaigns.map(({ id }) => id);
const [show] = episodes.shows;
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "spotify-ads campaign": campaignIds,
  "spotify-ads ad sets": campaignIds,
  "spotify-ads ads": campaignIds,
  "spotify-ads report": campaignIds,
  "spotify-ads categories": [""],
  "spotify-ads currency": [""],
  "spotify-ads campaign page": ["0"],
  "spotify-web episode": episodes.episodes.flatMap(({ spotifyId }) => spotifyId ?? []),
  "spotify-web track": [trackId(true, "a"), trackId(false, "b")],
  "megaphone episode": episodes.episodes.map(({ podcastId, id }) => episodeKey({ podcastId, episodeId: id })),
  "megaphone podcasts": [""],
  "megaphone episode page": [`1 ${show?.podcastId}`],
  "soundtrack accounts": [""],
  "soundtrack location": locations.locations.map(({ id }) => id),
  "soundtrack location page": [JSON.stringify([100, null])],
  "soundtrack locations of an account": locations.accounts.map(({ id }) => id),
};

const open: { close(): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const one of open.toReversed()) await one.close();
});

it("no kind of facts changes its shape without saying so", async () => {
  const kinds = new Map<string, { readonly shape: number; readonly kind: Kind<unknown> }>();
  const all = unkeptFacts();
  const recording = (upstream: string, { kind }: UpstreamFacts): UpstreamFacts => ({
    kind: (options) => {
      const made = kind(options);
      kinds.set(`${upstream} ${options.entity}`, { shape: options.shape, kind: made });
      return made;
    },
  });
  for (const { settings, sandbox: replace, connect } of Object.values(upstreams)) {
    const elapsed = (): number => NOW;
    const { sandbox, account } = replace({
      world,
      changes: createEpisodeChanges(),
      scale: 1000,
      now: elapsed,
      elapsed,
    });
    const origin = await sandbox.listen();
    open.push(sandbox, connect(account(origin), { facts: { of: (...of) => recording(settings.name, all.of(...of)) } }));
  }
  const found: Record<string, string> = {};
  for (const [name, { shape, kind }] of kinds) {
    const facts = await kind.get(KEYS[name] ?? expect.fail(`${name} has no keys here`));
    const values = facts.map((fact) => (fact instanceof Error ? expect.fail(fact.message) : fact.value));
    found[name] = `${shape} ${hash("sha256", shapeOf(values), "base64url").slice(0, 8)}`;
  }
  expect(found).toEqual(SHAPES);
});

/** The fields of all values together, with the kinds of values that each has. */
function shapeOf(values: readonly unknown[]): string {
  const kinds = new Set<string>();
  const objects: Record<string, unknown>[] = [];
  const items: unknown[] = [];
  let hasItems = false;
  for (const value of values) {
    if (Array.isArray(value)) {
      hasItems = true;
      items.push(...(value as unknown[]));
    } else if (value instanceof Date) kinds.add("date");
    else if (typeof value === "object" && value !== null) objects.push(value as Record<string, unknown>);
    else kinds.add(value === null ? "null" : typeof value);
  }
  if (hasItems) kinds.add(`[${shapeOf(items)}]`);
  const names = [...new Set(objects.flatMap((each) => Object.keys(each)))].toSorted();
  const fields = names.map((name) => `${name}: ${shapeOf(objects.map((each) => each[name]))}`);
  if (objects.length > 0) kinds.add(`{${fields.join(", ")}}`);
  return [...kinds].toSorted().join(" | ");
}
