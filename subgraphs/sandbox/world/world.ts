/**
 * What is in the sandboxes' world, and which part of it is first-party data?
 *
 * All sandboxes share one world: Megaphone, the Web API and sponsorships have the same episodes. Its first-party data,
 * which no upstream has, is seeded only into empty tables.
 */
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";
import type { FirstParty } from "../../records/seed.ts";
import { createCampaigns } from "./campaigns.ts";
import type { CampaignWorld } from "./campaigns.ts";
import { createCases } from "./cases.ts";
import type { WorldCase } from "./cases.ts";
import { createEpisodes } from "./episodes.ts";
import type { EpisodeWorld } from "./episodes.ts";
import type { WorldList } from "./list.ts";
import { createListeners } from "./listeners.ts";
import type { ListenerWorld } from "./listeners.ts";
import { createLocations } from "./locations.ts";
import type { LocationWorld } from "./locations.ts";
import { createPlaylistRequests } from "./playlist-requests.ts";
import { createSponsorships } from "./sponsorships.ts";
import type { WorldSponsorship } from "./sponsorships.ts";

export interface World {
  readonly campaigns: CampaignWorld;
  readonly cases: WorldList<WorldCase>;
  readonly sponsorships: WorldList<WorldSponsorship>;
  readonly episodes: EpisodeWorld;
  readonly locations: LocationWorld;
  readonly playlistRequests: WorldList<PlaylistRequestRecord>;
  readonly listeners: ListenerWorld;
}

/** The first-party data of a world: the same, as lists. */
export type FirstPartyOfWorld = { readonly [Kind in keyof FirstParty]: WorldList<ItemOf<FirstParty[Kind]>> };
type ItemOf<Items> = Items extends Iterable<infer Item> ? Item : never;

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

/** None where the upstream is real: the ids of the world do not exist there. */
export function firstPartyOf(world: World, isSandboxed: (upstream: string) => boolean): FirstPartyOfWorld {
  const { campaigns, cases, sponsorships, episodes, locations, playlistRequests, listeners } = world;
  const hasCampaigns = isSandboxed("spotify-ads");
  const hasEpisodes = isSandboxed("megaphone");
  const hasLocations = isSandboxed("soundtrack");
  return {
    campaigns: hasCampaigns ? campaigns.profiles : [],
    cases: hasCampaigns ? cases : [],
    sponsorships: hasCampaigns && hasEpisodes ? sponsorships : [],
    episodes: hasEpisodes ? episodes.profiles : [],
    locations: hasLocations ? locations.profiles : [],
    playlistRequests: hasLocations ? playlistRequests : [],
    listeners: listeners.listeners,
  };
}
