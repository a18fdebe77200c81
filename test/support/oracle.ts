/**
 * Which decisions are expected for everything in the sandboxes' world?
 *
 * The facts come from the sources and the facts functions of the graph. The evaluation shares no code with it: every
 * rule of the parsed table is tested cell by cell, without bits, classes, cache or service. All data is read once, so
 * the oracle is valid only while no episode is published. Over 200 lines, because it has the facts of every decision.
 */
import { pino } from "pino";
import { requireAll } from "../../subgraphs/platform/results.ts";
import { connectUpstreams } from "../../subgraphs/registry.ts";
import { unkeptFacts } from "./facts.ts";
import { caseId, episodeId, locationId, playlistRequestId, sponsorshipId } from "../../schema/id.ts";
import {
  campaignActivationFacts,
  listenerActivationFacts,
} from "../../subgraphs/campaigns/decisions/marketing-activation.ts";
import { placementFacts, sponsorshipFacts } from "../../subgraphs/campaigns/decisions/placement-review.ts";
import { routingFacts } from "../../subgraphs/campaigns/decisions/case-routing.ts";
import { targetingFacts } from "../../subgraphs/campaigns/decisions/campaign-targeting.ts";
import { campaignServices } from "../../subgraphs/campaigns/index.ts";
import { toCampaign } from "../../subgraphs/campaigns/campaign/to-campaign.ts";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import type { Facts, Row, Table, Test } from "../../subgraphs/pipeline/table/table.ts";
import { catalogueOf } from "../../subgraphs/episodes/episode/catalogue.ts";
import { publishingFacts } from "../../subgraphs/episodes/decisions/episode-publishing.ts";
import { episodeServices } from "../../subgraphs/episodes/index.ts";
import { factsOf, toEpisode } from "../../subgraphs/episodes/services.ts";
import { grantedPurposes, refusedPurposes } from "../../subgraphs/listeners/consents/consents.ts";
import { leadFacts } from "../../subgraphs/listeners/decisions/lead-routing.ts";
import { segmentFacts } from "../../subgraphs/listeners/decisions/audience-segment.ts";
import { toListener } from "../../subgraphs/listeners/services.ts";
import { countedZones } from "../../subgraphs/locations/sound-zones/sound-zone.ts";
import { playbackFacts } from "../../subgraphs/locations/decisions/location-playback.ts";
import { playlistFacts } from "../../subgraphs/locations/decisions/playlist-request.ts";
import { toLocation } from "../../subgraphs/locations/location/location.ts";
import type { Sandboxes } from "../../subgraphs/sandboxes.ts";
import { memoryRecords } from "./memory-records.ts";
import { UNFILTERED, unused } from "./unused.ts";

export interface ExpectedDecision {
  readonly verdict: string;
  /** The codes of the reasons, in the table's order. */
  readonly codes: readonly string[];
}

/** A decision field of one subject. */
export interface Question {
  /** `Episode.placement` */
  readonly field: string;
  readonly id: string;
  /** If the field has a campaign as its argument. */
  readonly campaignId?: string | undefined;
}

export interface Oracle {
  /** Ids in the order of the graph's list. */
  readonly campaigns: readonly string[];
  /** The decision's key; undefined if the field is not a decision. */
  decisionOf(field: string): string | undefined;
  expected(question: Question, table: Table): ExpectedDecision;
}

/** The decision of a table for facts. */
function evaluate({ inputs, rules }: Pick<Table, "inputs" | "rules">, facts: Facts): ExpectedDecision {
  const rows = rules
    .filter(({ conditions }) =>
      conditions.every((condition, column) => {
        const { name = "", type = "string" } = inputs[column] ?? {};
        return condition === null || condition.holds === meets(condition.test, type, facts[name] ?? null);
      }),
    )
    .map(({ row }) => row);
  return decisionOf(rows);
}

function decisionOf(rows: readonly Row[]): ExpectedDecision {
  const verdicts = new Set(rows.map((row) => row["verdict"]));
  const verdict = ["DENY", "REVIEW", "ALLOW"].find((severe) => verdicts.has(severe)) ?? "none";
  return { verdict, codes: rows.map((row) => String(row["reason_code"])) };
}

function meets({ kind, values }: Test, type: string, fact: Facts[string]): boolean {
  if (fact === null || fact === undefined) return false;
  const known: readonly unknown[] = typeof fact === "object" ? fact : [type === "date" ? Date.parse(`${fact}`) : fact];
  const [left, right] = [Number(known[0]), Number(values[0])];
  if (kind === "<") return left < right;
  if (kind === "<=") return left <= right;
  if (kind === ">") return left > right;
  if (kind === ">=") return left >= right;
  if (kind === "in" || kind === "any of") return values.some((value) => known.includes(value));
  return values.every((value) => known.includes(value));
}

type FactsFor = (id: string, campaignId: string) => Facts;
const PAGE = 1000;

/** `now` is the graph's clock. */
export async function createOracle({ accounts, firstParty }: Sandboxes, now: () => number): Promise<Oracle> {
  const context = backgroundContext(pino({ enabled: false }), "test");
  const decide = () => Promise.reject(new Error("the oracle does not decide by the pipeline"));
  const records = memoryRecords(firstParty);
  const clients = connectUpstreams(accounts, { facts: unkeptFacts() }, (client) => client);
  const { ads, web, megaphone, soundtrack } = clients;
  const everything = { limit: PAGE, after: undefined };

  try {
    const adsCampaigns = requireAll((await ads.campaigns(context, { limit: PAGE, offset: 0 })).campaigns).map(
      ({ value, asOf }) => toCampaign(value, asOf),
    );
    const campaignLoaders = campaignServices({
      ...UNFILTERED,
      ads,
      register: unused(),
      ...records,
      records: records.campaigns,
      decide,
      recall: unused(),
      now,
    }).load(context);
    const campaigns = await keyed(adsCampaigns, async (campaign) => ({
      status: campaign.status,
      facts: await campaignLoaders.facts.load(campaign),
      tier: (await campaignLoaders.profile.load(campaign.adsId)).tier,
    }));
    const adsIds = adsCampaigns.map(({ adsId }) => adsId);
    const byAdsId = new Map(adsCampaigns.map((campaign) => [campaign.adsId, of(campaigns, campaign.id)]));
    const cases = index([...firstParty.cases], ({ id }) => caseId.encode(id));
    const sponsorships = index((await records.sponsorships.lists(adsIds, everything)).flat(), ({ id }) =>
      sponsorshipId.encode(id),
    );

    const load = episodeServices({ ...UNFILTERED, megaphone, web, records: records.episodes, decide, now }).load(
      context,
    );
    const catalogue = await catalogueOf(megaphone, { context }).page(PAGE, undefined);
    const episodes = await keyed(
      catalogue.map(({ episode, asOf }) => toEpisode(episode, asOf)),
      async (episode) => ({ knowledge: await load.knowledge.load(episode), facts: await factsOf(episode, load) }),
    );

    const sources = (await soundtrack.everyLocation(context)).found.map(({ location }) => location);
    const profiles = await records.locations.profiles(sources.map(({ id }) => id));
    const locations = new Map(
      sources.map((source, index) => {
        const profile = profiles[index] ?? { storeType: "OTHER" as const, openingHours: [], licence: null };
        return [toLocation(source, 0).id, { ...source, zones: countedZones(source), profile }];
      }),
    );
    const requests = index(
      (
        await records.playlistRequests.lists(
          sources.map(({ id }) => id),
          everything,
        )
      ).flat(),
      ({ id }) => playlistRequestId.encode(id),
    );
    const listeners = index((await records.listeners.listeners({ limit: Infinity })).map(toListener), ({ id }) => id);

    const factsFor: Readonly<Record<string, readonly [decision: string, facts: FactsFor]>> = {
      "Campaign.targeting": ["campaign_targeting", (id) => targetingFacts(of(campaigns, id).facts)],
      "Campaign.activation": [
        "marketing_activation",
        (id) => campaignActivationFacts(of(campaigns, id).status, of(campaigns, id).facts),
      ],
      "Episode.publishing": ["episode_publishing", (id) => publishingFacts(of(episodes, id).knowledge)],
      "Episode.placement": [
        "placement_review",
        (id, campaignId) => placementFacts(of(campaigns, campaignId).facts, of(episodes, id).facts),
      ],
      "Sponsorship.decision": [
        "placement_review",
        (id) => {
          const record = of(sponsorships, id);
          const { podcastId, episodeId: own } = record.episodeId;
          const { facts } = of(episodes, episodeId.encode(podcastId, own));
          return sponsorshipFacts(of(byAdsId, record.campaignId).facts, facts, record.competitors);
        },
      ],
      "SupportCase.routing": [
        "case_routing",
        (id) => {
          const { campaignId } = of(cases, id);
          return routingFacts(of(cases, id), campaignId === null ? "NONE" : of(byAdsId, campaignId).tier, now());
        },
      ],
      "Location.playback": ["location_playback", (id) => playbackFacts(of(locations, id), now())],
      "PlaylistRequest.decision": [
        "playlist_request",
        (id) => {
          const record = of(requests, id);
          return playlistFacts(record, of(locations, locationId.encode(record.locationId)), now());
        },
      ],
      "Listener.segments": ["audience_segment", (id) => segmentFacts(of(listeners, id), now())],
      "Listener.lead": ["lead_routing", (id) => leadFacts(of(listeners, id))],
      "Listener.activation": [
        "marketing_activation",
        (id, campaignId) => {
          const { age, country, consents } = of(listeners, id);
          const known = { age, country, consents: grantedPurposes(consents), refusals: refusedPurposes(consents) };
          return listenerActivationFacts(of(campaigns, campaignId).status, of(campaigns, campaignId).facts, known);
        },
      ],
    };
    return {
      campaigns: [...campaigns.keys()],
      decisionOf: (field) => factsFor[field]?.[0],
      expected({ field, id, campaignId = "" }, table) {
        const facts = factsFor[field]?.[1];
        if (!facts) throw new RangeError(`${field} is not a decision`);
        return evaluate(table, facts(id, campaignId));
      },
    };
  } finally {
    await Promise.all([ads, web, megaphone, soundtrack].map((source) => source.close()));
  }
}

async function keyed<Item extends { readonly id: string }, Value>(
  items: readonly Item[],
  valueOf: (item: Item) => Promise<Value>,
): Promise<ReadonlyMap<string, Value>> {
  return new Map(await Promise.all(items.map(async (item) => [item.id, await valueOf(item)] as const)));
}

function index<Item>(items: readonly Item[], idOf: (item: Item) => string): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [idOf(item), item]));
}

function of<Value>(all: ReadonlyMap<string, Value>, id: string): Value {
  const found = all.get(id);
  if (found === undefined) throw new RangeError(`the world has no ${id}`);
  return found;
}
