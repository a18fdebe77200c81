// Before any decorator runs.
import "reflect-metadata";
import { showId, sponsorshipId } from "../../schema/id.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import { refOf } from "./loaders.ts";
import type { EpisodeServices } from "./loaders.ts";
import { EpisodeResolver } from "./resolvers.ts";
import { Sponsorship, SponsorshipReference, SponsorshipResolver } from "./sponsorship.ts";

export const episodes: SubgraphDefinition<EpisodeServices> = {
  name: "episodes",
  resolvers: [EpisodeResolver, SponsorshipResolver],
  extended: [Sponsorship],
  references: {
    Episode: ({ load }, representation, context) => {
      const { id } = readReference("Episode", representation);
      return load(context).episode.load(refOf(id));
    },
    Show: ({ load }, representation, context) => {
      const { id } = readReference("Show", representation);
      return load(context).show.load(showId.decode(id)[0]);
    },
    Sponsorship: (_services, representation) => {
      const { id, episodeId: episode } = readReference("Sponsorship", representation, SponsorshipReference);
      sponsorshipId.decode(id);
      return Object.assign(new Sponsorship(), { id, episodeId: episode, ref: refOf(episode, "episodeId") });
    },
  },
};
export { episodeDecisions } from "./decisions.ts";
export { episodeServices } from "./loaders.ts";
