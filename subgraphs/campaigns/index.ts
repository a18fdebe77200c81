// Before any decorator runs.
import "reflect-metadata";
import { campaignId, caseId, episodeId, listenerId, sponsorshipId } from "../../schema/id.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { ActivationMutations } from "./activation/mutations.ts";
import { ActivationResolver, CampaignActivationResolver } from "./activation/resolvers.ts";
import { CaseMutations } from "./cases/mutations.ts";
import { CampaignCasesResolver, SupportCaseResolver } from "./cases/resolvers.ts";
import { EpisodeResolver } from "./external/episode-resolvers.ts";
import { Episode, EpisodeReference } from "./external/episode.ts";
import { ListenerResolver } from "./external/listener-resolvers.ts";
import { Listener, ListenerReference } from "./external/listener.ts";
import { CampaignResolver } from "./campaign/resolvers.ts";
import { SponsorshipMutations } from "./sponsorships/mutations.ts";
import { SponsorshipReference, toSponsorship } from "./sponsorships/sponsorship.ts";
import { CampaignSponsorshipsResolver, SponsorshipResolver } from "./sponsorships/resolvers.ts";
import { toSupportCase } from "./cases/support-case.ts";
import { TargetingMutations } from "./targeting/mutations.ts";
import type { CampaignGraph } from "./commands.ts";

export const campaigns: SubgraphDefinition<CampaignGraph> = {
  name: "campaigns",
  resolvers: [
    CampaignResolver,
    EpisodeResolver,
    SponsorshipResolver,
    CampaignSponsorshipsResolver,
    SupportCaseResolver,
    CampaignCasesResolver,
    CampaignActivationResolver,
    ListenerResolver,
    ActivationResolver,
    SponsorshipMutations,
    ActivationMutations,
    TargetingMutations,
    CaseMutations,
  ],
  extended: [Episode, Listener],
  facts: {
    Query: names("campaign campaigns _entities"),
    CampaignConnection: names("edges nodes pageInfo totalCount"),
    CampaignEdge: names("cursor node"),
    PageInfo: names("hasNextPage hasPreviousPage startCursor endCursor"),
    Campaign: names("id name status asOf advertiser advertiserId category startsAt endsAt budget targets performance"),
    CampaignTargets: names("countries minAge maxAge genders placements topics sensitiveTopicExclusions audienceIds"),
    CampaignPerformance: names("impressions clicks completionRate reach frequency listeners streams spend"),
    Money: names("amount currency"),
  },
  references: {
    Campaign: ({ load }, representation, context) => {
      const { id } = readReference("Campaign", representation);
      return load(context).campaign.load(campaignId.decode(id)[0]);
    },
    Episode: (_services, representation) => {
      const { id, facts } = readReference("Episode", representation, EpisodeReference);
      episodeId.check(id);
      return Object.assign(new Episode(), { id, facts });
    },
    Listener: (_services, representation) => {
      const { id, facts } = readReference("Listener", representation, ListenerReference);
      listenerId.check(id);
      return Object.assign(new Listener(), { id, facts });
    },
    Sponsorship: async ({ load }, representation, context) => {
      const { id, episodeFacts } = readReference("Sponsorship", representation, SponsorshipReference);
      const record = await load(context).sponsorships.item.load(sponsorshipId.decode(id)[0]);
      return record && toSponsorship(record, episodeFacts);
    },
    SupportCase: async ({ load }, representation, context) => {
      const { id } = readReference("SupportCase", representation);
      const record = await load(context).cases.item.load(caseId.decode(id)[0]);
      return record && toSupportCase(record);
    },
  },
};

/** Separated by blanks. */
function names(text: string): readonly string[] {
  return text.split(" ");
}

export { campaignCommands } from "./commands.ts";
export { campaignDecisions } from "./decisions.ts";
export { createCampaignRegister } from "./campaign/register.ts";
export { createCaseWorklist } from "./cases/worklist.ts";
export { placementsOf } from "./placements.ts";
export { campaignServices } from "./services.ts";
export { campaignPopulations } from "./populations.ts";
