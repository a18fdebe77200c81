/** What is written down for each subgraph, over one database? */
import type { CampaignRecords, CaseRecords, SponsorshipRecords } from "./campaigns/types.ts";
import type { EpisodeRecords } from "./episodes/types.ts";
import type { LeadRecords, ListenerRecords } from "./listeners/types.ts";
import type { LocationRecords, PlaylistRequestRecords } from "./locations/types.ts";
import { campaignRecords, caseRecords, sponsorshipRecords } from "./campaigns/store.ts";
import type { Database } from "./database/database.ts";
import { effectRecords } from "./outbox/effects.ts";
import type { EffectRecords } from "./outbox/effects.ts";
import { episodeRecords } from "./episodes/store.ts";
import { evaluationRecords } from "./decisions/ledger.ts";
import type { EvaluationRecords } from "./decisions/ledger.ts";
import { leadRecords } from "./listeners/leads.ts";
import { listenerRecords } from "./listeners/store.ts";
import { locationRecords, playlistRequestRecords } from "./locations/store.ts";
import { reviewRecords } from "./decisions/reviews.ts";
import type { ReviewRecords } from "./decisions/reviews.ts";

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
