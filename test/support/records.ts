/** How does a test read all records? By all stores over one database. */
import { campaignRecords, caseRecords, sponsorshipRecords } from "../../subgraphs/records/campaigns/store.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { evaluationRecords } from "../../subgraphs/records/decisions/ledger.ts";
import { reviewRecords } from "../../subgraphs/records/decisions/reviews.ts";
import { episodeRecords } from "../../subgraphs/records/episodes/store.ts";
import { leadRecords } from "../../subgraphs/records/listeners/leads.ts";
import { listenerRecords } from "../../subgraphs/records/listeners/store.ts";
import { locationRecords, playlistRequestRecords } from "../../subgraphs/records/locations/store.ts";
import { effectRecords } from "../../subgraphs/records/outbox/effect-records.ts";

export type Records = ReturnType<typeof recordsOver>;

/** `now` in milliseconds since the epoch. */
export function recordsOver(database: Database, now: () => number) {
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
