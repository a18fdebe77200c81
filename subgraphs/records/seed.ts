/**
 * Which records does an empty database start with?
 *
 * Those of the sandboxes' world, so that they match what the sandboxes answer. A table is filled only if it is empty, so
 * later records survive a restart. All tables are filled in one transaction, so a failure leaves none of them filled, and
 * the next start fills them.
 */
import type { CampaignProfile, CaseRecord, SponsorshipRecord } from "./campaigns/types.ts";
import type { EpisodeProfile } from "./episodes/types.ts";
import type { EngagementKind, ListenerRecord } from "./listeners/types.ts";
import type { LocationProfile, PlaylistRequestRecord } from "./locations/types.ts";
import type { Database } from "./database/database.ts";
import { into, load, nameOf } from "./database/load.ts";
import type { Loading, Target } from "./database/load.ts";
import { dayOf } from "../platform/day.ts";
import { campaignProfiles, cases, sponsorships } from "./campaigns/tables.ts";
import { episodeProfiles, submissions } from "./episodes/tables.ts";
import { consents, engagement, people } from "./listeners/tables.ts";
import { licences, locationProfiles, playlistRequests } from "./locations/tables.ts";

/** Data that no upstream has. Items may be made while they are iterated. */
export interface FirstParty {
  readonly campaigns: Iterable<CampaignProfile>;
  readonly cases: Iterable<CaseRecord>;
  readonly sponsorships: Iterable<SponsorshipRecord>;
  readonly episodes: Iterable<EpisodeProfile>;
  readonly locations: Iterable<LocationProfile>;
  readonly playlistRequests: Iterable<PlaylistRequestRecord>;
  readonly listeners: Iterable<ListenerRecord>;
}

/** The recorder of the initial records. */
const SEED = "seed";
const LOCK = 7_255_102;

export function seed(database: Database, from: FirstParty): Promise<void> {
  return database.load(async (loading) => {
    await loading.execute(`select pg_advisory_xact_lock(${LOCK})`);
    await fill(loading, from.campaigns, [into(campaignProfiles, (profile) => [profile])]);
    await fill(loading, from.cases, [into(cases, (one) => [{ ...one, openedBy: SEED }])]);
    await fill(loading, from.sponsorships, [
      into(sponsorships, ({ episodeId, ...rest }) => [{ ...rest, ...episodeId }]),
    ]);
    await fill(loading, from.episodes, [
      into(episodeProfiles, (profile) => [profile]),
      into(submissions, ({ episodeId, submission }) =>
        submission ? [{ ...submission, episodeId, submittedBy: SEED }] : [],
      ),
    ]);
    await fill(loading, from.locations, [
      into(locationProfiles, (profile) => [profile]),
      into(licences, ({ locationId, licence }) =>
        licence ? [{ ...licence, locationId, recordedBy: SEED, recordedAt: new Date(0) }] : [],
      ),
    ]);
    await fill(loading, from.playlistRequests, [into(playlistRequests, (request) => [request])]);
    await fill(loading, from.listeners, [
      into(people, (listener) => [personOf(listener)]),
      into(consents, consentsOf),
      into(engagement, engagementOf),
    ]);
  });
}

/** The tables of an item are filled together, and so if the first of them is empty. */
async function fill<Item>(
  loading: Loading,
  items: Iterable<Item>,
  targets: readonly [Target<Item>, ...Target<Item>[]],
): Promise<void> {
  const [first] = targets;
  const [kept] = await loading.execute(`select 1 from ${nameOf(first.table)} limit 1`);
  if (kept === undefined) await load(loading, items, targets);
}

function personOf({ consents: _consents, engagement: totals, ...person }: ListenerRecord): typeof people.$inferInsert {
  return { ...person, lastAt: totals.lastAt };
}

function consentsOf({ id, consents: given }: ListenerRecord): readonly (typeof consents.$inferInsert)[] {
  return given.map((consent) => ({ ...consent, listenerId: id, recordedBy: SEED }));
}

/** All on the day of the last one: the world has totals only. */
function engagementOf({ id, engagement: totals }: ListenerRecord): readonly (typeof engagement.$inferInsert)[] {
  const { listens, skips, follows, playlistAdds, ctaClicks, lastAt } = totals;
  if (lastAt === null) return [];
  const counts: readonly (readonly [EngagementKind, number])[] = [
    ["LISTEN", listens],
    ["SKIP", skips],
    ["FOLLOW", follows],
    ["PLAYLIST_ADD", playlistAdds],
    ["CTA_CLICK", ctaClicks],
  ];
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => ({ listenerId: id, day: dayOf(Number(lastAt)), kind, count }));
}
