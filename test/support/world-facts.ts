/** The facts of decisions about the sandboxes' world, from the graph's own sources and facts functions, in its list order. */
import { pino } from "pino";
import { requireAll } from "../../subgraphs/platform/results.ts";
import { connectUpstreams } from "../../subgraphs/registry.ts";
import { unkeptFacts } from "./facts.ts";
import { campaignServices } from "../../subgraphs/campaigns/index.ts";
import { placementFacts } from "../../subgraphs/campaigns/decisions/placement-review.ts";
import { targetingFacts } from "../../subgraphs/campaigns/decisions/campaign-targeting.ts";
import { toCampaign } from "../../subgraphs/campaigns/campaign/to-campaign.ts";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";
import { catalogueOf } from "../../subgraphs/episodes/episode/catalogue.ts";
import { publishingFacts } from "../../subgraphs/episodes/decisions/episode-publishing.ts";
import { episodeServices } from "../../subgraphs/episodes/index.ts";
import { factsOf, toEpisode } from "../../subgraphs/episodes/services.ts";
import type { Sandboxes } from "../../subgraphs/sandboxes.ts";
import { memoryRecords } from "./memory-records.ts";
import { UNFILTERED, unused } from "./unused.ts";

export interface WorldFacts {
  readonly targeting: readonly Facts[];
  readonly publishing: readonly Facts[];
  /** By the campaign's id in Spotify Ads; one entry for each episode. */
  readonly placement: ReadonlyMap<string, readonly Facts[]>;
}

export async function readWorldFacts(sandboxes: Sandboxes, now: () => number): Promise<WorldFacts> {
  const context = backgroundContext(pino({ enabled: false }), "test");
  const decide = () => Promise.reject(new Error("reading facts does not decide"));
  const records = memoryRecords(sandboxes.firstParty);
  const clients = connectUpstreams(sandboxes.accounts, { facts: unkeptFacts() }, (client) => client);
  const { ads, web, megaphone } = clients;
  try {
    const load = campaignServices({
      ...UNFILTERED,
      ads,
      register: unused(),
      ...records,
      records: records.campaigns,
      decide,
      recall: unused(),
      now,
    }).load(context);
    const campaigns = requireAll((await ads.campaigns(context, { limit: 200, offset: 0 })).campaigns).map(
      ({ value, asOf }) => toCampaign(value, asOf),
    );
    const campaignFacts = await Promise.all(campaigns.map((campaign) => load.facts.load(campaign)));

    const details = episodeServices({ ...UNFILTERED, megaphone, web, records: records.episodes, decide, now }).load(
      context,
    );
    const catalogue = await catalogueOf(megaphone, { context }).page(10_000, undefined);
    const episodes = await Promise.all(
      catalogue.map(async ({ episode: source, asOf }) => {
        const episode = toEpisode(source, asOf);
        return { knowledge: await details.knowledge.load(episode), facts: await factsOf(episode, details) };
      }),
    );
    return {
      targeting: campaignFacts.map(targetingFacts),
      publishing: episodes.map(({ knowledge }) => publishingFacts(knowledge)),
      placement: new Map(
        campaigns.map(({ adsId: id }, index) => {
          const campaign = campaignFacts[index];
          return [id, campaign ? episodes.map((episode) => placementFacts(campaign, episode.facts)) : []];
        }),
      ),
    };
  } finally {
    await Promise.all([ads.close(), web.close(), megaphone.close()]);
  }
}
