/** Every rule of every table is about somebody: the sandboxes' world reaches each one, through the sources and facts the graph uses. */
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { campaignServices } from "../subgraphs/campaigns/index.ts";
import { placementFacts, targetingFacts } from "../subgraphs/campaigns/decisions.ts";
import { toCampaign } from "../subgraphs/campaigns/loaders.ts";
import type { Context } from "../subgraphs/context.ts";
import { loadTables } from "../subgraphs/decisions/table/load.ts";
import type { Facts } from "../subgraphs/decisions/table/table.ts";
import { projectRoot, readEnvironment } from "../subgraphs/environment.ts";
import { catalogueOf } from "../subgraphs/episodes/catalogue.ts";
import { publishingFacts } from "../subgraphs/episodes/decisions.ts";
import { episodeServices } from "../subgraphs/episodes/index.ts";
import { toEpisode } from "../subgraphs/episodes/loaders.ts";
import { startSandboxes } from "../subgraphs/sandbox/sandboxes.ts";
import type { Sandboxes } from "../subgraphs/sandbox/sandboxes.ts";
import { createMegaphone } from "../subgraphs/sources/megaphone.ts";
import { createSpotifyAds } from "../subgraphs/sources/spotify-ads.ts";
import { createSpotifyWeb } from "../subgraphs/sources/spotify-web.ts";

const now = (): number => Date.parse("2026-03-10T12:00:00Z");
const context: Context = {
  requestId: "reach",
  caller: "test",
  signal: new AbortController().signal,
  log: pino({ enabled: false }),
};
const undecided = () => Promise.reject(new Error("nothing is decided here"));

let sandboxes: Sandboxes;
const closing: (() => Promise<void>)[] = [];
/** By table. */
const facts: Record<string, Facts[]> = {};

beforeAll(async () => {
  const ports = ["OPENTEXT", "SPOTIFY_ADS", "SPOTIFY_WEB", "MEGAPHONE"].map((name) => [`${name}_SANDBOX_PORT`, "0"]);
  sandboxes = await startSandboxes(readEnvironment(Object.fromEntries(ports), []), [], now);
  const ads = createSpotifyAds(sandboxes.accounts.spotifyAds);
  const web = createSpotifyWeb(sandboxes.accounts.spotifyWeb);
  const megaphone = createMegaphone(sandboxes.accounts.megaphone);
  closing.push(
    () => ads.close(),
    () => web.close(),
    () => megaphone.close(),
    () => sandboxes.close(),
  );

  const campaigns = campaignServices({ ads, records: sandboxes.records.campaigns, decide: undecided });
  const load = campaigns.load(context);
  const page = await ads.campaigns({ limit: 200, offset: 0 });
  const known = await Promise.all(page.campaigns.map((campaign) => load.facts.load(toCampaign(campaign))));

  const episodes = episodeServices({ megaphone, web, records: sandboxes.records.episodes, decide: undecided, now });
  const details = episodes.load(context);
  const catalogue = await catalogueOf(megaphone, {}).page(10_000, undefined);
  const heard = await Promise.all(
    catalogue.map(async ({ episode: source }) => {
      const episode = toEpisode(source);
      const [knowledge, status] = await Promise.all([details.knowledge.load(episode), details.status(episode)]);
      return { knowledge, facts: { ...knowledge, sponsors: source.advertisingTags, status } };
    }),
  );

  facts["campaign_targeting"] = known.map(targetingFacts);
  facts["placement_review"] = known.flatMap((campaign) =>
    heard.map((episode) => placementFacts(campaign, episode.facts)),
  );
  facts["episode_publishing"] = heard.map(({ knowledge }) => publishingFacts(knowledge));
}, 60_000);

afterAll(() => Promise.all(closing.map((close) => close())));

const folders = ["campaigns", "episodes"].map((name) => join(projectRoot(), "subgraphs", name));
const tables = (await Promise.all(folders.map(loadTables))).flat();

describe("the sandboxes' world", () => {
  it.each(tables.map((compiled) => [compiled.table.key, compiled] as const))(
    "reaches every rule of %s",
    (key, compiled) => {
      const reached = new Set<number>();
      for (const one of facts[key] ?? []) {
        const evaluation = compiled.evaluate(one);
        if ("rules" in evaluation) for (const rule of evaluation.rules) reached.add(rule);
      }
      const rules = compiled.table.rules.map(({ row }, index) => ({ rule: index + 1, code: row["reason_code"] }));
      expect(rules.filter(({ rule }) => !reached.has(rule))).toEqual([]);
    },
  );
});
