// Before any decorator runs.
import "reflect-metadata";
import { showId, sponsorshipId } from "../../schema/id.ts";
import { readReference } from "../server/references.ts";
import type { SubgraphDefinition } from "../server/subgraph.ts";
import { megaphoneRefOf } from "./services.ts";
import { EpisodeMutations } from "./publishing/mutations.ts";
import { EpisodeResolver } from "./episode/resolvers.ts";
import { Sponsorship, SponsorshipReference, SponsorshipResolver } from "./external/sponsorship.ts";
import type { EpisodeGraph } from "./commands.ts";

export const episodes: SubgraphDefinition<EpisodeGraph> = {
  name: "episodes",
  resolvers: [EpisodeResolver, SponsorshipResolver, EpisodeMutations],
  extended: [Sponsorship],
  facts: {
    Query: ["episode", "_entities"],
    Episode: ["id", "spotifyId", "title", "description", "durationMs", "asOf", "show"],
    Show: ["id", "name", "publisher"],
  },
  references: {
    Episode: ({ load }, representation, context) => {
      const { id } = readReference("Episode", representation);
      return load(context).episode.load(megaphoneRefOf(id));
    },
    Show: ({ load }, representation, context) => {
      const { id } = readReference("Show", representation);
      return load(context).show.load(showId.decode(id)[0]);
    },
    Sponsorship: (_services, representation) => {
      const { id, episodeId: episode } = readReference("Sponsorship", representation, SponsorshipReference);
      sponsorshipId.check(id);
      const ref = episode === null ? null : megaphoneRefOf(episode, "episodeId");
      return Object.assign(new Sponsorship(), { id, episodeId: episode, ref });
    },
  },
};
export { episodeCommands } from "./commands.ts";
export { episodeDecisions } from "./decisions.ts";
export { episodeServices } from "./services.ts";
export { episodePopulations, episodesOf } from "./populations.ts";
