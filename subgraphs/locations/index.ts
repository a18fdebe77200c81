// Before any decorator runs.
import "reflect-metadata";
import { locationId, playlistRequestId } from "../../schema/id.ts";
import type { Acting, Acts } from "../records/acting.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import { licenceActs } from "./licence-acts.ts";
import type { LicenceActs } from "./licence-acts.ts";
import type { LocationServices } from "./loaders.ts";
import { LocationMutations } from "./location-mutations.ts";
import { playlistRequestActs } from "./playlist-request-acts.ts";
import type { PlaylistRequestActs } from "./playlist-request-acts.ts";
import { LocationPlaylistRequestsResolver, PlaylistRequestResolver } from "./playlist-request-resolvers.ts";
import { toPlaylistRequest } from "./playlist-request.ts";
import { LocationResolver, SoundZoneResolver } from "./resolvers.ts";

export interface LocationGraph extends LocationServices {
  readonly acts: LocationActs;
}

export interface LocationActs extends Acts {
  readonly playlistRequests: PlaylistRequestActs;
  readonly licences: LicenceActs;
}

export const locations: SubgraphDefinition<LocationGraph> = {
  name: "locations",
  resolvers: [
    LocationResolver,
    SoundZoneResolver,
    PlaylistRequestResolver,
    LocationPlaylistRequestsResolver,
    LocationMutations,
  ],
  references: {
    Location: ({ load }, representation, context) => {
      const { id } = readReference("Location", representation);
      return load(context).location.load(locationId.decode(id)[0]);
    },
    PlaylistRequest: async ({ load }, representation, context) => {
      const { id } = readReference("PlaylistRequest", representation);
      const record = await load(context).playlistRequests.item.load(playlistRequestId.decode(id)[0]);
      return record && toPlaylistRequest(record);
    },
  },
};
export { locationDecisions } from "./decisions.ts";
export { locationServices } from "./loaders.ts";

export function locationActs(services: LocationServices, acting: Acting): LocationActs {
  const playlistRequests = playlistRequestActs(services, acting);
  return {
    playlistRequests,
    licences: licenceActs(services, acting),
    handlers: [...playlistRequests.handlers],
    reviewed: [playlistRequests.reviewed],
  };
}
