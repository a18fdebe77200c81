// Before any decorator runs.
import "reflect-metadata";
import { showId, sponsorshipId } from "../../schema/id.ts";
import type { Acting, Acts } from "../server/commands.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { refOf } from "./services.ts";
import type { EpisodeServices } from "./services.ts";
import { EpisodeMutations } from "./publishing/mutations.ts";
import { publishingActs } from "./publishing/commands.ts";
import type { PublishingActs } from "./publishing/commands.ts";
import { EpisodeResolver } from "./episode/resolvers.ts";
import { Sponsorship, SponsorshipReference, SponsorshipResolver } from "./external/sponsorship.ts";

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
export { episodeServices } from "./services.ts";

export function episodeActs(services: EpisodeServices, acting: Acting): EpisodeActs {
  const publishing = publishingActs(services, acting);
  return { publishing, handlers: publishing.handlers, reviewed: [] };
}
