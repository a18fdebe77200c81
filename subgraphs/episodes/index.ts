// Before any decorator runs.
import "reflect-metadata";
import { episodeId, showId } from "../../schema/id.ts";
import { readReference } from "../reference.ts";
import type { SubgraphDefinition } from "../subgraph.ts";
import type { EpisodeServices } from "./loaders.ts";
import { EpisodeResolver } from "./resolvers.ts";

export const episodes: SubgraphDefinition<EpisodeServices> = {
  name: "episodes",
  resolvers: [EpisodeResolver],
  references: {
    Episode: ({ load }, representation, context) => {
      const { id } = readReference("Episode", representation);
      episodeId.decode(id);
      return load(context).episode.load(id);
    },
    Show: ({ load }, representation, context) => {
      const { id } = readReference("Show", representation);
      return load(context).show.load(showId.decode(id)[0]);
    },
  },
};
export { episodeDecisions } from "./decisions.ts";
export { episodeServices } from "./loaders.ts";
