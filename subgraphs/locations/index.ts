// Before any decorator runs.
import "reflect-metadata";
import { locationId, playlistRequestId } from "../../schema/id.ts";
import type { Acting, Acts } from "../server/commands.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { licenceActs } from "./licences/commands.ts";
import type { LicenceActs } from "./licences/commands.ts";
import type { LocationServices } from "./services.ts";
import { LocationMutations } from "./mutations.ts";
import { playlistRequestActs } from "./playlist-requests/commands.ts";
import type { PlaylistRequestActs } from "./playlist-requests/commands.ts";
import { LocationPlaylistRequestsResolver, PlaylistRequestResolver } from "./playlist-requests/resolvers.ts";
import { toPlaylistRequest } from "./playlist-requests/playlist-request.ts";
import { LocationResolver, SoundZoneResolver } from "./location/resolvers.ts";

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
export { locationServices } from "./services.ts";

export function locationActs(services: LocationServices, acting: Acting): LocationActs {
  const playlistRequests = playlistRequestActs(services, acting);
  return {
    playlistRequests,
    licences: licenceActs(services, acting),
    handlers: [...playlistRequests.handlers],
    reviewed: [playlistRequests.reviewed],
  };
}
