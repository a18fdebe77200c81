/**
 * Which sponsorship requests are in the sandboxes' world?
 *
 * For each unit of scale 40 requests by a few campaigns, so that some campaigns have several. They are first-party
 * data: no upstream has them. A larger scale adds requests and does not change the others. All dates are relative to
 * the UTC day of `now`. The status of a request follows from its age; no rule was evaluated.
 */
import { CATEGORIES, slugOf } from "./brands.ts";
import { DAY, planAt } from "./campaign-plan.ts";
import type { Plan } from "./campaign-plan.ts";
import type { CampaignProfile } from "./campaigns.ts";
import { isPublished } from "./episodes.ts";
import type { WorldEpisode } from "./episode.ts";
import { createWorldList, keepLast } from "./list.ts";
import type { WorldList } from "./list.ts";
import { integer, pick, random, uuid } from "./random.ts";

export interface WorldSponsorship {
  readonly id: string;
  /** The id in Spotify Ads. */
  readonly campaignId: string;
  /** The ids in Megaphone. */
  readonly episodeId: { readonly podcastId: string; readonly episodeId: string };
  readonly brand: string;
  /** The slug of an ad category. */
  readonly productCategory: string;
  /** The slugs of advertisers. */
  readonly competitors: readonly string[];
  readonly status: (typeof CLOSED)[number] | (typeof RECENT)[number];
  readonly requestedBy: string;
  readonly requestedAt: Date;
}

export interface SponsorshipWorldOptions {
  /** A whole number from 1. */
  readonly scale: number;
  readonly now: Date;
  /** Of the campaigns of the same scale, in their order. */
  readonly profiles: WorldList<CampaignProfile>;
  /** Of the same scale, in their order. */
  readonly episodes: WorldList<WorldEpisode>;
}

/** At scale 1. */
const SPONSORSHIPS = 40;
/** One campaign in this many has requests. */
const ASKING = 4;
/** After this many days a request is closed, and its episode is published. */
const OPEN_DAYS = 21;
const CLOSED = ["FULFILLED", "FULFILLED", "REJECTED", "APPROVED", "FAILED"] as const;
/** Never UNDECIDED: such a request has an effect in the outbox that decides it. */
const RECENT = ["IN_REVIEW", "APPROVED", "APPROVED", "REJECTED", "IN_REVIEW"] as const;
const HOUR = 3_600_000;

export function createSponsorships(options: SponsorshipWorldOptions): WorldList<WorldSponsorship> {
  const { scale, now, profiles, episodes } = options;
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  const today = Math.floor(now.getTime() / DAY) * DAY;
  const sizes = { campaigns: Math.floor(profiles.length / scale), episodes: Math.floor(episodes.length / scale) };
  /** The part of the world that one unit of scale adds. */
  const editionOf = keepLast((edition): Edition => {
    const first = edition * sizes.campaigns;
    const campaigns = profiles
      .slice(first, first + sizes.campaigns)
      .map((profile, nth) => ({ profile, plan: planAt(first + nth, today) }))
      // A draft has no requests.
      .filter(({ plan }) => plan.status !== "UNSET")
      .filter((_campaign, place) => place % ASKING === 0);
    const own = episodes.slice(edition * sizes.episodes, (edition + 1) * sizes.episodes);
    return { campaigns, episodes: own, published: own.filter((one) => isPublished(one, new Date(today))) };
  });
  return createWorldList({
    length: () => SPONSORSHIPS * scale,
    make: (index) => sponsorshipOf(index, editionOf(Math.floor(index / SPONSORSHIPS)), today),
  });
}

interface Edition {
  readonly campaigns: readonly { readonly profile: CampaignProfile; readonly plan: Plan }[];
  readonly episodes: readonly WorldEpisode[];
  readonly published: readonly WorldEpisode[];
}

function sponsorshipOf(index: number, { campaigns, episodes, published }: Edition, today: number): WorldSponsorship {
  const name = ["sponsorship", index] as const;
  const { profile, plan } = pick(campaigns, ...name, "campaign");
  const days = integer(1, 60, ...name, "days");
  const isClosed = days > OPEN_DAYS;
  const episode = pick(isClosed ? published : episodes, ...name, "episode");
  return {
    id: uuid(...name),
    campaignId: profile.campaignId,
    episodeId: { podcastId: episode.podcastId, episodeId: episode.id },
    brand: plan.brand.name,
    productCategory: slugOf(CATEGORIES.find(({ code }) => code === plan.brand.category)?.name ?? "unknown"),
    competitors: random(...name, "competitors") < 0.7 ? profile.competitors : [],
    status: pick(isClosed ? CLOSED : RECENT, ...name, "status"),
    requestedBy: `sponsoring@${plan.brand.slug}.example`,
    requestedAt: new Date(today - days * DAY + integer(8, 17, ...name, "hour") * HOUR),
  };
}
