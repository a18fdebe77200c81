/** Which commands does this subgraph have, and which handlers of effects and reviews? */
import type { CommandTools, SubgraphCommands } from "../server/commands.ts";
import { activationCommands } from "./activation/commands.ts";
import type { ActivationCommands } from "./activation/commands.ts";
import { caseCommands } from "./cases/commands.ts";
import type { CaseCommands } from "./cases/commands.ts";
import type { CaseWorklist } from "./cases/worklist.ts";
import type { CampaignServices } from "./services.ts";
import { sponsorshipCommands } from "./sponsorships/commands.ts";
import type { SponsorshipCommands } from "./sponsorships/commands.ts";
import { targetingCommands } from "./targeting/commands.ts";
import type { TargetingCommands } from "./targeting/commands.ts";

export interface CampaignGraph extends CampaignServices {
  readonly worklist: CaseWorklist;
  readonly commands: CampaignCommands;
}

export interface CampaignCommands extends SubgraphCommands {
  readonly sponsorships: SponsorshipCommands;
  readonly activation: ActivationCommands;
  readonly targeting: TargetingCommands;
  readonly cases: CaseCommands;
}

export function campaignCommands(services: CampaignServices, tools: CommandTools): CampaignCommands {
  const sponsorships = sponsorshipCommands(services, tools);
  const activation = activationCommands(services, tools);
  const targeting = targetingCommands(services, tools);
  const cases = caseCommands(services, tools);
  const all = [sponsorships, activation, targeting, cases];
  return {
    sponsorships,
    activation,
    targeting,
    cases,
    handlers: all.flatMap(({ handlers }) => handlers),
    reviewHandlers: [sponsorships.reviewHandler],
    deliveryHandlers: [sponsorships.deliveryHandler],
  };
}
