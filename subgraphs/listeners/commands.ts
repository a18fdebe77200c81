/** Which commands, effects and reviews does this subgraph have? */
import type { CommandTools, SubgraphCommands } from "../server/commands.ts";
import { consentCommands } from "./consents/commands.ts";
import type { ConsentCommands } from "./consents/commands.ts";
import { engagementCommands } from "./engagement/commands.ts";
import type { EngagementCommands } from "./engagement/commands.ts";
import { leadCommands } from "./leads/commands.ts";
import type { LeadCommands } from "./leads/commands.ts";
import type { ListenerServices } from "./services.ts";

export interface ListenerGraph extends ListenerServices {
  readonly commands: ListenerCommands;
}

export interface ListenerCommands extends SubgraphCommands {
  readonly consents: ConsentCommands;
  readonly engagement: EngagementCommands;
  readonly leads: LeadCommands;
}

export function listenerCommands(services: ListenerServices, tools: CommandTools): ListenerCommands {
  const leads = leadCommands(services, tools);
  return {
    consents: consentCommands(services, tools),
    engagement: engagementCommands(services, tools),
    leads,
    handlers: leads.handlers,
    reviewHandlers: [leads.reviewHandler],
  };
}
