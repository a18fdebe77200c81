/** What is written down for each subgraph, over one database? */
import type { CampaignRecords, CaseRecords, SponsorshipRecords } from "../campaigns/records.ts";
import type { EpisodeRecords } from "../episodes/records.ts";
import type { LeadRecords, ListenerRecords } from "../listeners/records.ts";
import type { LocationRecords, PlaylistRequestRecords } from "../locations/records.ts";
import { campaignRecords, caseRecords, sponsorshipRecords } from "./campaigns.ts";
import type { Database } from "./database.ts";
import { effectRecords } from "./effects.ts";
import type { EffectRecords } from "./effects.ts";
import { episodeRecords } from "./episodes.ts";
import { evaluationRecords } from "./ledger.ts";
import type { EvaluationRecords } from "./ledger.ts";
import { leadRecords } from "./leads.ts";
import { listenerRecords } from "./listeners.ts";
import { locationRecords, playlistRequestRecords } from "./locations.ts";
import { reviewRecords } from "./reviews.ts";
import type { ReviewRecords } from "./reviews.ts";

export interface Records {
  readonly campaigns: CampaignRecords;
  readonly cases: CaseRecords;
  readonly sponsorships: SponsorshipRecords;
  readonly episodes: EpisodeRecords;
  readonly locations: LocationRecords;
  readonly playlistRequests: PlaylistRequestRecords;
  readonly listeners: ListenerRecords;
  readonly leads: LeadRecords;
  readonly evaluations: EvaluationRecords;
  readonly reviews: ReviewRecords;
  readonly effects: EffectRecords;
}

/** `now` in milliseconds since the epoch. */
export function recordsOver(database: Database, now: () => number): Records {
  const { db } = database;
  return {
    campaigns: campaignRecords(db),
    cases: caseRecords(db),
    sponsorships: sponsorshipRecords(db),
    episodes: episodeRecords(db),
    locations: locationRecords(db),
    playlistRequests: playlistRequestRecords(db),
    listeners: listenerRecords(db, now),
    leads: leadRecords(db),
    evaluations: evaluationRecords(database),
    reviews: reviewRecords(database),
    effects: effectRecords(database),
  };
}
