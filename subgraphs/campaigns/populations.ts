/**
 * Which campaigns, cases and sponsorships are there to decide about, and which episodes and listeners for each campaign?
 *
 * A pair is decided by the facts of both: as many pairs as there are of the one for each of the other.
 */
import { caseId, episodeId, sponsorshipId } from "../../schema/id.ts";
import type { Context } from "../platform/context.ts";
import { readable } from "../platform/items.ts";
import { withoutErrors } from "../platform/results.ts";
import type { CaseWorklistRecords, SponsorshipRecord } from "../records/campaigns/types.ts";
import type { Neighbours } from "../server/neighbours.ts";
import { batchesOf, memberOf, orError } from "../server/populations.ts";
import type { Member, Population } from "../server/populations.ts";
import type { Campaign } from "./campaign/campaign.ts";
import { campaignPages } from "./campaign/list.ts";
import { campaignTargeting, targetingFacts } from "./decisions/campaign-targeting.ts";
import type { CampaignFacts } from "./decisions/campaign-facts.ts";
import { caseRouting } from "./decisions/case-routing.ts";
import {
  campaignActivationFacts,
  listenerActivationFacts,
  marketingActivation,
} from "./decisions/marketing-activation.ts";
import { placementFacts, placementReview, sponsorshipFacts } from "./decisions/placement-review.ts";
import type { CampaignServices } from "./services.ts";

export interface CampaignPopulationSources extends Pick<CampaignServices, "list" | "load" | "sponsorships"> {
  readonly unresolved: CaseWorklistRecords["unresolved"];
  readonly neighbours: Pick<Neighbours, "episodes" | "listeners">;
}

/** What is known of a campaign. */
interface Known {
  readonly campaign: Campaign;
  readonly facts: CampaignFacts | Error;
}

export function campaignPopulations(sources: CampaignPopulationSources): readonly Population[] {
  const { neighbours } = sources;
  return [
    {
      field: "Campaign.targeting",
      model: campaignTargeting.key,
      async *members(context) {
        for await (const campaigns of everyCampaign(sources, context))
          yield campaigns.map(({ campaign, facts }) => memberOf(campaign.id, by(facts, targetingFacts)));
      },
    },
    {
      field: "Campaign.activation",
      model: marketingActivation.key,
      async *members(context) {
        for await (const campaigns of everyCampaign(sources, context))
          yield campaigns.map(({ campaign: { id, status }, facts }) =>
            memberOf(
              id,
              by(facts, (known) => campaignActivationFacts(status, known)),
            ),
          );
      },
    },
    {
      field: "Listener.activation",
      model: marketingActivation.key,
      async *members(context) {
        const campaigns = await allOf(everyCampaign(sources, context));
        for await (const listeners of neighbours.listeners(context))
          for (const { campaign, facts } of campaigns)
            yield listeners.map((listener) =>
              memberOf(
                listener.subject,
                by(facts, (known) => listenerActivationFacts(campaign.status, known, listener.facts)),
                campaign.id,
              ),
            );
      },
    },
    {
      field: "Episode.placement",
      model: placementReview.key,
      async *members(context) {
        const campaigns = await allOf(everyCampaign(sources, context));
        for await (const episodes of neighbours.episodes(context))
          for (const { campaign, facts } of campaigns)
            yield episodes.map((episode) =>
              memberOf(
                episode.subject,
                by(facts, (known) => by(episode.facts, (of) => placementFacts(known, of))),
                campaign.id,
              ),
            );
      },
    },
    {
      field: "Sponsorship.decision",
      model: placementReview.key,
      async *members(context) {
        const campaigns = await allOf(everyCampaign(sources, context));
        const byEpisode = Map.groupBy(await openSponsorships(sources, campaigns), ({ episode }) => episode);
        for await (const episodes of byEpisode.size === 0 ? [] : neighbours.episodes(context))
          yield episodes.flatMap((episode) =>
            (byEpisode.get(episode.subject) ?? []).map(({ record, facts }) =>
              memberOf(
                sponsorshipId.encode(record.id),
                by(facts, (known) => by(episode.facts, (of) => sponsorshipFacts(known, of, record.competitors))),
              ),
            ),
          );
      },
    },
    { field: "SupportCase.routing", model: caseRouting.key, members: (context) => unresolvedCases(sources, context) },
  ];
}

/** Of facts that are known; else why they are not. */
function by<Facts, T>(facts: Facts | Error, make: (facts: Facts) => T | Error): T | Error {
  return facts instanceof Error ? facts : orError(() => make(facts));
}

async function* everyCampaign(
  { list, load }: Pick<CampaignPopulationSources, "list" | "load">,
  context: Context,
): AsyncGenerator<readonly Known[]> {
  for await (const { campaigns: listed } of campaignPages((range) => list(context, range))) {
    const campaigns = readable(context.log, listed);
    const facts = await load(context).facts.loadMany(campaigns);
    yield campaigns.map((campaign, index) => ({
      campaign,
      facts: facts[index] ?? new Error(`nothing is known of ${campaign.id}`),
    }));
  }
}

/** Those whose decision is not recorded. */
async function openSponsorships({ sponsorships }: CampaignPopulationSources, campaigns: readonly Known[]) {
  const lists = await sponsorships.lists(
    campaigns.map(({ campaign }) => campaign.adsId),
    { limit: OF_ONE, after: undefined },
  );
  return lists.flatMap((list, index) =>
    list
      .filter(({ evaluationId = null }) => evaluationId === null)
      .map((record) => ({
        record,
        facts: campaigns[index]?.facts ?? new Error("nothing is known of its campaign"),
        episode: episodeOf(record),
      })),
  );
}

/** The latest sponsorships of a campaign. */
const OF_ONE = 1000;

function episodeOf({ episodeId: { podcastId, episodeId: id } }: SponsorshipRecord): string {
  return episodeId.encode(podcastId, id);
}

async function* unresolvedCases(
  { unresolved, load: loadersOf }: CampaignPopulationSources,
  context: Context,
): AsyncGenerator<readonly Member[]> {
  const load = loadersOf(context);
  const batches = batchesOf(
    (limit, after: string | undefined) => unresolved(limit, after),
    ({ id }) => id,
  );
  for await (const page of batches) {
    // Those that exist for the caller.
    const own = withoutErrors(await load.cases.item.loadMany(page.map(({ id }) => id))).filter((one) => one !== null);
    const known = await load.routing.loadMany(own);
    yield own.map(({ id }, index) => memberOf(caseId.encode(id), known[index]));
  }
}

async function allOf<T>(batches: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}
