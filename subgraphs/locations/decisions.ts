/** Which decisions does this subgraph own? */
import { locationPlayback } from "./decisions/location-playback.ts";
import { playlistRequest } from "./decisions/playlist-request.ts";

export const locationDecisions = [locationPlayback, playlistRequest];
