/** Which locations and playlist requests are there to decide about? */
import { locationId, playlistRequestId } from "../../schema/id.ts";
import type { Context } from "../platform/context.ts";
import { batchesOf, memberOf } from "../server/populations.ts";
import type { Population } from "../server/populations.ts";
import type { SoundtrackLocation } from "../sources/soundtrack/replies.ts";
import type { SoundtrackPosition } from "../sources/soundtrack/walk.ts";
import { locationPlayback } from "./decisions/location-playback.ts";
import { playlistRequest } from "./decisions/playlist-request.ts";
import { catalogueOf } from "./location/catalogue.ts";
import type { LocationServices } from "./services.ts";

type Services = Pick<LocationServices, "soundtrack" | "playlistRequests" | "load">;

export function locationPopulations(services: Services): readonly Population[] {
  return [
    {
      field: "Location.playback",
      model: locationPlayback.key,
      async *members(context) {
        const { playback } = services.load(context);
        for await (const locations of everyLocation(services, context)) {
          const known = await playback.loadMany(locations);
          yield locations.map(({ id }, index) => memberOf(locationId.encode(id), known[index]));
        }
      },
    },
    {
      field: "PlaylistRequest.decision",
      model: playlistRequest.key,
      async *members(context) {
        const { playlist } = services.load(context);
        for await (const locations of everyLocation(services, context)) {
          const ids = locations.map(({ id }) => id);
          const lists = await services.playlistRequests.lists(ids, { limit: OF_ONE, after: undefined });
          // What is recorded is not decided again.
          const open = lists.flat().filter(({ evaluationId = null }) => evaluationId === null);
          const known = await playlist.loadMany(open);
          yield open.map(({ id }, index) => memberOf(playlistRequestId.encode(id), known[index]));
        }
      },
    },
  ];
}

/** The latest requests of a location. */
const OF_ONE = 1000;

async function* everyLocation(
  { soundtrack }: Services,
  context: Context,
): AsyncGenerator<readonly SoundtrackLocation[]> {
  const catalogue = catalogueOf(soundtrack, undefined, context);
  const batches = batchesOf(
    (limit, after: SoundtrackPosition | undefined) => catalogue.page(limit, after),
    ({ position }) => position,
  );
  for await (const batch of batches) yield batch.map(({ location }) => location);
}
