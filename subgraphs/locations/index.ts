// Before any decorator runs.
import "reflect-metadata";
import { locationId, playlistRequestId } from "../../schema/id.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { LicenceMutations } from "./licences/mutations.ts";
import { PlaylistRequestMutations } from "./playlist-requests/mutations.ts";
import { LocationPlaylistRequestsResolver, PlaylistRequestResolver } from "./playlist-requests/resolvers.ts";
import { toPlaylistRequest } from "./playlist-requests/playlist-request.ts";
import { LocationResolver } from "./location/resolvers.ts";
import { SoundZoneResolver } from "./sound-zones/resolvers.ts";
import type { LocationGraph } from "./commands.ts";

export const locations: SubgraphDefinition<LocationGraph> = {
  name: "locations",
  resolvers: [
    LocationResolver,
    SoundZoneResolver,
    PlaylistRequestResolver,
    LocationPlaylistRequestsResolver,
    PlaylistRequestMutations,
    LicenceMutations,
  ],
  facts: {
    Query: ["location", "_entities"],
    Location: ["id", "name", "account", "country", "city", "timezone", "asOf"],
  },
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
export { locationCommands } from "./commands.ts";
export { locationDecisions } from "./decisions.ts";
export { keepAndTell } from "./location/escalations.ts";
export { createLocationWorklist } from "./location/worklist.ts";
export type { LocationWorklist } from "./location/worklist.ts";
export { locationServices } from "./services.ts";
export { locationPopulations } from "./populations.ts";
