/**
 * A list is shown with one bad item in an upstream's reply.
 *
 * As clients see it: every other item with all its fields and decisions; the item itself with `unknown` for what its owner
 * may leave out, with an error at the field or decision that needs it, or left out if it cannot be shown at all.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Spoil } from "../../subgraphs/sandbox/spoil.ts";
import { NOW, SANDBOXES } from "../support/decibel.ts";
import { STARTING, startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";

type Node = Readonly<Record<string, unknown>> & { readonly id: string };
interface Listed {
  readonly nodes: readonly Node[];
  readonly totalCount: number;
  readonly errors: readonly { readonly path: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

let graph: Deployment;
let clock = NOW;
beforeAll(async () => {
  graph = await startDeployment({ now: () => clock });
}, STARTING.timeout);
afterEach(async () => {
  for (const name of SANDBOXES) await graph.sandbox(name).behave();
});
afterAll(() => graph.stop());

const LISTS = {
  campaigns: `totalCount nodes { id name status advertiser category startsAt endsAt budget { amount }
    targets { countries minAge topics } performance { impressions clicks spend { amount } } targeting { verdict } }`,
  episodes: `totalCount nodes { id title description durationMs explicit languages status show { name publisher }
    publishing { verdict } }`,
  locations: `totalCount nodes { id name account country city timezone zones { id name online subscription nowPlaying }
    playback { verdict } }`,
  locationWorklist: "totalCount nodes { id name timezone zones { id } playback { verdict } }",
} as const;
type List = keyof typeof LISTS;

/** Nothing of an earlier answer is fresh. */
async function list(name: List): Promise<Listed> {
  clock += 3_600_001;
  const { data, errors } = await graph.query<Record<List, Listed>>(`{ ${name}(first: 10) { ${LISTS[name]} } }`);
  const { nodes, totalCount } = data[name];
  return {
    nodes,
    totalCount,
    errors: errors.map(({ path, extensions }) => ({ path: path?.join(".") ?? "", extensions })),
  };
}

describe("a list", () => {
  it.each([
    ["campaigns", "spotify-ads", "campaigns.1.description", 7],
    ["campaigns", "spotify-ads", "campaigns.1.updated_at", null],
    ["campaigns", "spotify-ads", "ad_sets.1.name", null],
    ["campaigns", "spotify-ads", "ads.*.assets", null],
    ["episodes", "megaphone", "1.subtitle", 7],
    ["episodes", "megaphone", "1.episodeNumber", "x"],
    ["episodes", "spotify-web", "episodes.1.description", null],
  ] as const)("%s is the same where %s has %s = %j, which nobody uses", async (name, upstream, path, value) => {
    const before = await list(name);
    await spoil(upstream, path, value);
    const after = await list(name);
    expect(after.errors).toEqual([]);
    expect(after.nodes.map(({ id }) => id)).toEqual(before.nodes.map(({ id }) => id));
    expect(withoutTime(after)).toEqual(withoutTime(before));
  });

  it.each([
    // What an owner may leave out is shown as not known.
    ["campaigns", "spotify-ads", "campaigns.1.name", null, { name: "unknown" }, []],
    ["episodes", "megaphone", "1.title", null, { title: "unknown" }, []],
    ["locations", "soundtrack", "data.a0.locations.edges.1.node.name", null, { name: "unknown" }, []],
    ["locations", "soundtrack", "data.a0.businessName", null, { account: "unknown" }, []],
    // A decision that needs it is an error, or says that it is not known.
    ["locations", "soundtrack", "data.a0.locations.edges.1.node.timezone", null, { timezone: "unknown" }, ["playback"]],
    [
      "locations",
      "soundtrack",
      "data.a0.locations.edges.1.node.physicalAddress",
      null,
      { country: "ZZ", city: null },
      [],
    ],
    ["locations", "soundtrack", "data.a0.locations.edges.1.node.physicalAddress.country", "UK", { country: "ZZ" }, []],
    ["locations", "soundtrack", "data.a0.locations.edges.1.node.soundZones", null, { zones: [] }, ["playback"]],
    [
      "locations",
      "soundtrack",
      "data.a0.locations.edges.1.node.soundZones.edges.0.node.online",
      null,
      {},
      ["playback"],
    ],
    ["locations", "soundtrack", "data.a0.locations.edges.1.node.soundZones.edges.0.node", null, {}, ["playback"]],
    [
      "campaigns",
      "spotify-ads",
      "ad_sets.0.targets",
      null,
      {},
      ["targeting", "startsAt", "endsAt", "budget", "category"],
    ],
    ["campaigns", "spotify-ads", "ad_sets.0.targets.geo_targets.country_code", "UK", {}, []],
    ["campaigns", "spotify-ads", "ads.0.advertiser_name", 7, {}, ["advertiser"]],
    ["campaigns", "spotify-ads", "rows.0.stats.0.field_value", "many", {}, ["performance.impressions"]],
    ["campaigns", "spotify-ads", "currency_code", 7, {}, ["performance.spend"]],
    ["episodes", "spotify-web", "episodes.1.explicit", "no", {}, ["publishing"]],
  ] as const)("of %s shows all where %s has %s = %j", async (name, upstream, path, value, shown, failed) => {
    const before = await list(name);
    await spoil(upstream, path, value);
    const after = await list(name);
    expect(after.nodes.map(({ id }) => id)).toEqual(before.nodes.map(({ id }) => id));
    expect(after.totalCount).toBe(before.totalCount);
    const fields = after.errors.map((error) => error.path.split(".").slice(3).join("."));
    expect(failed).toEqual(expect.arrayContaining([...new Set(fields)]));
    for (const { extensions } of after.errors)
      expect(extensions).toMatchObject({ code: "UPSTREAM_UNEXPECTED", upstream });
    const changed = after.nodes.filter((node, index) => textOf(node) !== textOf(before.nodes[index]));
    if (Object.keys(shown).length > 0) expect(changed[0]).toMatchObject(shown);
    const hit = new Set(after.errors.map((error) => error.path.split(".")[2]));
    // The currency and the name of the business are of several.
    const isShared = /currency_code|businessName/.test(path);
    expect(isShared || changed.length <= 1).toBe(true);
    expect(isShared || hit.size <= 1).toBe(true);
  });

  it.each([
    ["campaigns", "spotify-ads", "campaigns.1.id"],
    ["campaigns", "spotify-ads", "campaigns.1.name"],
    ["episodes", "megaphone", "1.draft"],
    ["locations", "soundtrack", "data.a0.locations.edges.1.node.id"],
    ["locations", "soundtrack", "data.a0.locations.edges.1.cursor"],
    ["locationWorklist", "soundtrack", "data.a0.locations.edges.1.node.timezone"],
  ] as const)(
    "of %s leaves out the one that cannot be shown, where %s has no readable %s",
    async (name, upstream, path) => {
      const before = await list(name);
      await spoil(upstream, path, { of: "another type" });
      const after = await list(name);
      expect(after.errors).toEqual([]);
      const kept = new Set(after.nodes.map(({ id }) => id));
      const lost = before.nodes.filter(({ id }) => !kept.has(id));
      expect(lost.length).toBeLessThanOrEqual(1);
      const said = graph.logged.filter(({ msg }) => msg?.startsWith("shown without what cannot be read"));
      expect(said.at(-1)).toMatchObject({
        upstream,
        items: expect.arrayContaining([expect.stringMatching(/ .+: \w+/)]),
      });
      const known = new Map(before.nodes.map((node) => [node.id, textOf(node)]));
      for (const node of after.nodes) expect(known.get(node.id) ?? textOf(node)).toBe(textOf(node));
    },
  );
});

async function spoil(upstream: string, path: string, value: Spoil["value"]): Promise<void> {
  await graph.sandbox(upstream).misbehave({ spoil: { path, value } });
}

/** What plays changes with the time. */
function withoutTime({ nodes }: Listed): readonly string[] {
  return nodes.map(textOf);
}

function textOf(node: Node | undefined): string {
  return JSON.stringify(node, (key, value: unknown) => (key === "nowPlaying" ? undefined : value));
}
