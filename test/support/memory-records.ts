/**
 * How does a test get records without a database?
 *
 * In memory, behind the same interfaces: aligned with the ids, lists newest first. The stores are tested in test/records.
 */
import type {
  CampaignAccount,
  CampaignAccountRecords,
  CampaignRecords,
  CaseRecord,
  CaseRecords,
} from "../../subgraphs/records/campaigns/types.ts";
import type { SponsorshipRecord, SponsorshipRecords } from "../../subgraphs/records/campaigns/types.ts";
import type { EpisodeRecords } from "../../subgraphs/records/episodes/types.ts";
import type { ByOwner, ListPosition } from "../../subgraphs/platform/lists.ts";
import type { ListenerRecord, ListenerRecords } from "../../subgraphs/records/listeners/types.ts";
import type { LocationRecords, PlaylistRequestRecords } from "../../subgraphs/records/locations/types.ts";
import type { FirstParty } from "../../subgraphs/records/seed.ts";

export interface MemoryRecords {
  readonly campaigns: CampaignRecords;
  readonly cases: CaseRecords;
  readonly sponsorships: SponsorshipRecords;
  readonly episodes: EpisodeRecords;
  readonly locations: LocationRecords;
  readonly playlistRequests: PlaylistRequestRecords;
  readonly listeners: ListenerRecords;
}

/** Of campaigns without status requests and targetings. */
export const NO_REQUESTS: Omit<CampaignRecords, "profiles"> = {
  statusRequests: async (ids) => ids.map(() => undefined),
  latestTargeting: async () => undefined,
  otherAudienceNames: async () => [],
};

/** Keeps them in `kept`, by the id of the campaign. */
export function memoryCampaignAccounts(kept: Map<string, CampaignAccount>): CampaignAccountRecords {
  return {
    accountsOf: async (ids) => ids.map((id) => kept.get(id)?.account),
    ofAccounts: async (accounts) =>
      [...kept.values()]
        .filter(({ account }) => accounts.includes(account))
        .toSorted((left, right) => right.place - left.place)
        .map(({ campaignId }) => campaignId),
    all: async () => [...kept.values()],
    put: async (campaigns) => {
      for (const one of campaigns) kept.set(one.campaignId, one);
    },
    remove: async (ids) => {
      for (const id of ids) kept.delete(id);
    },
  };
}

export function memoryRecords(from: FirstParty): MemoryRecords {
  return {
    campaigns: { ...NO_REQUESTS, ...profilesOf([...from.campaigns], ({ campaignId }) => campaignId) },
    cases: caseRecordsOf([...from.cases]),
    sponsorships: sponsorshipRecordsOf([...from.sponsorships]),
    episodes: {
      ...profilesOf([...from.episodes], ({ episodeId }) => episodeId),
      publications: async (ids) => ids.map(() => undefined),
    },
    locations: profilesOf([...from.locations], ({ locationId }) => locationId),
    playlistRequests: listsOf([...from.playlistRequests], {
      owner: ({ locationId }) => locationId,
      time: ({ requestedAt }) => requestedAt,
    }),
    listeners: listenerRecordsOf([...from.listeners]),
  };
}

export function caseRecordsOf(cases: readonly CaseRecord[]): CaseRecords {
  return listsOf(cases, { owner: ({ campaignId }) => campaignId, time: ({ openedAt }) => openedAt });
}

export function sponsorshipRecordsOf(sponsorships: readonly SponsorshipRecord[]): SponsorshipRecords {
  return listsOf(sponsorships, { owner: ({ campaignId }) => campaignId, time: ({ requestedAt }) => requestedAt });
}

export function listenerRecordsOf(listeners: readonly ListenerRecord[]): ListenerRecords {
  const all = listeners.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const byId = new Map(all.map((listener) => [listener.id, listener]));
  const byCountry = Map.groupBy(all, ({ country }) => country);
  const of = (country: string | undefined): readonly ListenerRecord[] =>
    country === undefined ? all : (byCountry.get(country) ?? []);

  return {
    listeners: async ({ after, limit, country }) => {
      const start = after === undefined ? 0 : of(country).findIndex(({ id }) => id > after);
      return start === -1 ? [] : of(country).slice(start, start + limit);
    },
    count: async (country) => of(country).length,
    byIds: async (ids) => ids.map((id) => byId.get(id)),
  };
}

export function listsOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  { owner, time }: { readonly owner: (item: Item) => string | null; readonly time: (item: Item) => Date },
): ByOwner<Item> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const positionOf = (item: Item): ListPosition => ({ at: time(item), id: item.id });
  const newestFirst = items.toSorted((left, right) => newer(positionOf(left), positionOf(right)));
  const byOwner = Map.groupBy(newestFirst, owner);
  return {
    byIds: async (ids) => ids.map((id) => byId.get(id)),
    lists: async (ownerIds, { limit, after }) =>
      ownerIds.map((id) =>
        (byOwner.get(id) ?? [])
          .filter((item) => after === undefined || newer(after, positionOf(item)) < 0)
          .slice(0, limit),
      ),
    counts: async (ownerIds) => ownerIds.map((id) => byOwner.get(id)?.length ?? 0),
  };
}

/** Negative if the left one comes first. */
function newer(left: ListPosition, right: ListPosition): number {
  const difference = Number(right.at) - Number(left.at);
  if (difference !== 0) return difference;
  return left.id === right.id ? 0 : left.id > right.id ? -1 : 1;
}

function profilesOf<Profile>(profiles: readonly Profile[], idOf: (profile: Profile) => string) {
  const byId = new Map(profiles.map((profile) => [idOf(profile), profile]));
  return { profiles: async (ids: readonly string[]) => ids.map((id) => byId.get(id)) };
}
