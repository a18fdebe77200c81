/** Which commands does the locations subgraph have? With their effects and their reviews. */
import type { CommandTools, SubgraphCommands } from "../server/commands.ts";
import { licenceCommands } from "./licences/commands.ts";
import type { LicenceCommands } from "./licences/commands.ts";
import type { LocationWorklist } from "./location/worklist.ts";
import type { LocationServices } from "./services.ts";
import { playlistRequestCommands } from "./playlist-requests/commands.ts";
import type { PlaylistRequestCommands } from "./playlist-requests/commands.ts";

/** Its services, and what is kept. */
export interface LocationParts extends LocationServices {
  readonly worklist: LocationWorklist;
}

export interface LocationGraph extends LocationParts {
  readonly commands: LocationCommands;
}

export interface LocationCommands extends SubgraphCommands {
  readonly playlistRequests: PlaylistRequestCommands;
  readonly licences: LicenceCommands;
}

export function locationCommands(services: LocationParts, tools: CommandTools): LocationCommands {
  const playlistRequests = playlistRequestCommands(services, tools);
  return {
    playlistRequests,
    licences: licenceCommands(services, tools),
    handlers: [...playlistRequests.handlers],
    reviewHandlers: [playlistRequests.reviewHandler],
  };
}
