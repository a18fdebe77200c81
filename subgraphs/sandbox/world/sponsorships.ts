/**
 * Which sponsorship requests are in the sandboxes' world?
 *
 * For each unit of scale 40 requests by a few campaigns, so that some campaigns have several. They are first-party
 * data: no upstream has them. A larger scale adds requests and does not change the others. All dates are relative to
 * the UTC day of `now`. The status of a request follows from its age; no rule was evaluated.
 */
import { CATEGORIES, slugOf } from "./brands.ts";
import { DAY, planAt } from "./campaign-plan.ts";
import type { CampaignProfile } from "./campaigns.ts";
import { isPublished } from "./episodes.ts";
import type { WorldEpisode } from "./episode.ts";
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
  readonly profiles: readonly CampaignProfile[];
  /** Of the same scale, in their order. */
  readonly episodes: readonly WorldEpisode[];
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

export function createSponsorships(options: SponsorshipWorldOptions): readonly WorldSponsorship[] {
  const { scale, now, profiles, episodes } = options;
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  const today = Math.floor(now.getTime() / DAY) * DAY;
  const campaigns = profiles.map((profile, index) => ({ profile, plan: planAt(index, today) }));

  return Array.from({ length: SPONSORSHIPS * scale }, (_none, index) => {
    const edition = Math.floor(index / SPONSORSHIPS);
    // A draft has no requests.
    const own = partOf(campaigns, edition, scale).filter(({ plan }) => plan.status !== "UNSET");
    return sponsorshipOf(
      index,
      own.filter((_campaign, place) => place % ASKING === 0),
      partOf(episodes, edition, scale),
      today,
    );
  });
}

/** The part of the list that one unit of scale adds. */
function partOf<T>(all: readonly T[], edition: number, scale: number): readonly T[] {
  const share = Math.floor(all.length / scale);
  return all.slice(edition * share, (edition + 1) * share);
}

function sponsorshipOf(
  index: number,
  campaigns: readonly { readonly profile: CampaignProfile; readonly plan: ReturnType<typeof planAt> }[],
  episodes: readonly WorldEpisode[],
  today: number,
): WorldSponsorship {
  const name = ["sponsorship", index] as const;
  const { profile, plan } = pick(campaigns, ...name, "campaign");
  const days = integer(1, 60, ...name, "days");
  const isClosed = days > OPEN_DAYS;
  const published = episodes.filter((one) => isPublished(one, new Date(today)));
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
