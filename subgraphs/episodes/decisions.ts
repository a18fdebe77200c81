/** Which decisions does this subgraph own? */
import { episodePublishing } from "./decisions/episode-publishing.ts";

export const episodeDecisions = [episodePublishing];
