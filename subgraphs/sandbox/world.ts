/**
 * What is there in the sandboxes' world, and what is first-party in it?
 *
 * One world for all sandboxes: what Megaphone calls an episode is the one that the Web API knows and that a sponsorship
 * names. What no upstream has stands in records, as the subgraphs that own it ask for it.
 */
import type { CampaignRecords, CaseRecords, SponsorshipRecords } from "../campaigns/records.ts";
import type { EpisodeRecords } from "../episodes/records.ts";
import type { ListenerRecords } from "../listeners/records.ts";
import type { LocationRecords, PlaylistRequestRecord, PlaylistRequestRecords } from "../locations/records.ts";
import { listsOf } from "./lists.ts";
import { listenerRecordsOf } from "./listener-records.ts";
import { caseRecordsOf, sponsorshipRecordsOf } from "./world-lists.ts";
import { createCampaigns } from "./world/campaigns.ts";
import type { CampaignWorld } from "./world/campaigns.ts";
import { createCases } from "./world/cases.ts";
import type { WorldCase } from "./world/cases.ts";
import { createEpisodes } from "./world/episodes.ts";
import type { EpisodeWorld } from "./world/episodes.ts";
import { createListeners } from "./world/listeners.ts";
import type { ListenerWorld } from "./world/listeners.ts";
import { createLocations } from "./world/locations.ts";
import type { LocationWorld } from "./world/locations.ts";
import { createPlaylistRequests } from "./world/playlist-requests.ts";
import { createSponsorships } from "./world/sponsorships.ts";
import type { WorldSponsorship } from "./world/sponsorships.ts";

export interface World {
  readonly campaigns: CampaignWorld;
  readonly cases: readonly WorldCase[];
  readonly sponsorships: readonly WorldSponsorship[];
  readonly episodes: EpisodeWorld;
  readonly locations: LocationWorld;
  readonly playlistRequests: readonly PlaylistRequestRecord[];
  readonly listeners: ListenerWorld;
}

export interface WorldRecords {
  readonly campaigns: CampaignRecords;
  readonly cases: CaseRecords;
  readonly sponsorships: SponsorshipRecords;
  readonly episodes: EpisodeRecords;
  readonly locations: LocationRecords;
  readonly playlistRequests: PlaylistRequestRecords;
  readonly listeners: ListenerRecords;
}

export function createWorld(options: { readonly scale: number; readonly now: Date }): World {
  const campaigns = createCampaigns(options);
  const { profiles, advertisers } = campaigns;
  const episodes = createEpisodes({ ...options, advertisers });
  const locations = createLocations(options);
  return {
    campaigns,
    cases: createCases({ ...options, profiles }),
    sponsorships: createSponsorships({ ...options, profiles, episodes: episodes.episodes }),
    episodes,
    locations,
    playlistRequests: createPlaylistRequests({ ...options, locations: locations.locations }),
    listeners: createListeners(options),
  };
}

/** Records about what an upstream really has would be about nobody: there are none then. */
export function recordsOf(
  world: World,
  sandboxed: { readonly campaigns: boolean; readonly episodes: boolean; readonly locations: boolean },
): WorldRecords {
  const { campaigns, cases, sponsorships, episodes, locations, playlistRequests, listeners } = world;
  return {
    campaigns: profilesOf(sandboxed.campaigns ? campaigns.profiles : [], ({ campaignId }) => campaignId),
    cases: caseRecordsOf(sandboxed.campaigns ? cases : []),
    sponsorships: sponsorshipRecordsOf(sandboxed.campaigns && sandboxed.episodes ? sponsorships : []),
    episodes: profilesOf(sandboxed.episodes ? episodes.profiles : [], ({ episodeId }) => episodeId),
    locations: profilesOf(sandboxed.locations ? locations.profiles : [], ({ locationId }) => locationId),
    playlistRequests: listsOf(sandboxed.locations ? playlistRequests : [], {
      owner: ({ locationId }) => locationId,
      time: ({ requestedAt }) => requestedAt,
    }),
    listeners: listenerRecordsOf(listeners.listeners),
  };
}

function profilesOf<Profile>(profiles: readonly Profile[], idOf: (profile: Profile) => string) {
  const byId = new Map(profiles.map((profile) => [idOf(profile), profile]));
  return { profiles: async (ids: readonly string[]) => ids.map((id) => byId.get(id)) };
}
