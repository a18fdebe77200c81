/**
 * Is an episode published, and since when or from when on?
 *
 * Megaphone's answer may be old, and a publication that the outbox has not delivered yet is not in it at all. Until
 * Megaphone's answer must include it, our own record of the publication counts.
 */
import type DataLoader from "dataloader";
import { isFresh } from "../../platform/clock.ts";
import type { Publication } from "../../records/episodes/types.ts";
import { EpisodeStatus } from "./episode.ts";
import type { Episode } from "./episode.ts";
import { NO_PROFILE } from "./knowledge.ts";
import type { Profile } from "./knowledge.ts";

export interface PublicationStatus {
  status(episode: Episode): Promise<EpisodeStatus>;
  /** In the future if it is scheduled; null if it has no date. */
  publishedAt(episode: Episode): Promise<Date | null>;
}

export interface PublicationSources {
  /** By Megaphone's id. */
  readonly profile: Pick<DataLoader<string, Profile>, "load">;
  /** By Megaphone's id. */
  readonly publication: Pick<DataLoader<string, Publication | undefined>, "load">;
  readonly now: () => number;
}

/** How stale Megaphone's answer may be: its client caches this long. */
const MAX_STALENESS_MS = 30_000;

export function publicationStatus({ profile, publication, now }: PublicationSources): PublicationStatus {
  return { status, publishedAt };

  async function status(episode: Episode): Promise<EpisodeStatus> {
    const { draft, id } = episode.source;
    const [at, { submission }] = await Promise.all([publishedAt(episode), draft ? profile.load(id) : NO_PROFILE]);
    if (isAhead(at)) return EpisodeStatus.SCHEDULED;
    if (at !== null || !draft) return EpisodeStatus.PUBLISHED;
    return submission ? EpisodeStatus.SUBMITTED : EpisodeStatus.DRAFT;
  }

  async function publishedAt({ source }: Episode): Promise<Date | null> {
    // A published episode stays published, so no record can be newer. Most episodes are: this saves their look-up.
    if (!source.draft && !isAhead(source.publishedAt)) return source.publishedAt;
    const latest = await publication.load(source.id);
    if (latest && isNewerThanMegaphone(latest)) return latest.publishAt;
    return source.draft ? null : source.publishedAt;
  }

  function isNewerThanMegaphone({ acceptedAt }: Publication): boolean {
    return acceptedAt === null || isFresh(Number(acceptedAt), MAX_STALENESS_MS, now());
  }

  function isAhead(at: Date | null): boolean {
    return at !== null && Number(at) > now();
  }
}
