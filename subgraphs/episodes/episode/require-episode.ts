/** Which episode does a command act on, and may it? */
import { badUserInput } from "../../../schema/errors.ts";
import { assertTransition } from "../../../schema/states.ts";
import type { Context } from "../../platform/context.ts";
import { megaphoneRefOf } from "../services.ts";
import type { EpisodeServices } from "../services.ts";
import { EPISODE_STATES } from "./episode.ts";
import type { Episode, EpisodeStatus } from "./episode.ts";

/** Reads it anew, because the request may have loaded an earlier state. Throws BAD_USER_INPUT if it does not exist. */
export async function requireEpisode(
  services: EpisodeServices,
  context: Context,
  id: string,
  mutation: string,
): Promise<Episode> {
  const load = services.load(context);
  const ref = megaphoneRefOf(id, "episodeId");
  const cached = await load.episode.load(ref);
  if (cached) load.clear(cached);
  const episode = await load.episode.load(ref);
  if (episode) return episode;
  throw badUserInput(`Cannot ${mutation}: there is no episode ${id}`, "episodeId");
}

/** Throws CONFLICT if the episode's current status does not allow the next one. */
export async function assertCanBecome(
  services: EpisodeServices,
  context: Context,
  episode: Episode,
  next: { readonly status: EpisodeStatus; readonly action: string },
): Promise<void> {
  const status = await services.load(context).status(episode);
  assertTransition(EPISODE_STATES, status, next.status, { action: next.action, id: episode.id });
}
