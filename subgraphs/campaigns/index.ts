// Before any decorator runs.
import "reflect-metadata";
import { campaignId, episodeId } from "../../schema/id.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import { Episode, EpisodeReference } from "./episode.ts";
import type { CampaignServices } from "./loaders.ts";
import { CampaignResolver, EpisodeResolver } from "./resolvers.ts";

export const campaigns: SubgraphDefinition<CampaignServices> = {
  name: "campaigns",
  resolvers: [CampaignResolver, EpisodeResolver],
  extended: [Episode],
  references: {
    Campaign: ({ load }, representation, context) => {
      const { id } = readReference("Campaign", representation);
      return load(context).campaign.load(campaignId.decode(id)[0]);
    },
    Episode: (_services, representation) => {
      const { id, facts } = readReference("Episode", representation, EpisodeReference);
      episodeId.decode(id);
      return Object.assign(new Episode(), { id, facts });
    },
  },
};
export { campaignDecisions } from "./decisions.ts";
export { campaignServices } from "./loaders.ts";
