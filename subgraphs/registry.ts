/** Which subgraphs are there? The list that composition reads; rover.yaml says where each one listens. */
import { campaigns } from "./campaigns/index.ts";
import { decisions } from "./decisions/index.ts";
import { episodes } from "./episodes/index.ts";
import { listeners } from "./listeners/index.ts";
import { locations } from "./locations/index.ts";

export const definitions = [campaigns, episodes, locations, listeners, decisions];
