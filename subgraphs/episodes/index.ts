// Before any decorator runs.
import "reflect-metadata";
import { showId, sponsorshipId } from "../../schema/id.ts";
import type { Acting, Acts } from "../records/acting.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import { refOf } from "./loaders.ts";
import type { EpisodeServices } from "./loaders.ts";
import { EpisodeMutations } from "./mutations.ts";
import { publishingActs } from "./publishing-acts.ts";
import type { PublishingActs } from "./publishing-acts.ts";
import { EpisodeResolver } from "./resolvers.ts";
import { Sponsorship, SponsorshipReference, SponsorshipResolver } from "./sponsorship.ts";

export interface EpisodeGraph extends EpisodeServices {
  readonly acts: EpisodeActs;
}

export interface EpisodeActs extends Acts {
  readonly publishing: PublishingActs;
}

export const episodes: SubgraphDefinition<EpisodeGraph> = {
  name: "episodes",
  resolvers: [EpisodeResolver, SponsorshipResolver, EpisodeMutations],
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

export function episodeActs(services: EpisodeServices, acting: Acting): EpisodeActs {
  const publishing = publishingActs(services, acting);
  return { publishing, handlers: publishing.handlers, reviewed: [] };
}
