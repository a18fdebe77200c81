/** Which commands, effects and reviews does this subgraph have? */
import type { CommandTools, SubgraphCommands } from "../server/commands.ts";
import type { EpisodeServices } from "./services.ts";
import { publishingCommands } from "./publishing/commands.ts";
import type { PublishingCommands } from "./publishing/commands.ts";

export interface EpisodeGraph extends EpisodeServices {
  readonly commands: EpisodeCommands;
}

export interface EpisodeCommands extends SubgraphCommands {
  readonly publishing: PublishingCommands;
}

export function episodeCommands(services: EpisodeServices, tools: CommandTools): EpisodeCommands {
  const publishing = publishingCommands(services, tools);
  return { publishing, handlers: publishing.handlers, reviewHandlers: [] };
}
