/**
 * Which changes of episodes do the sandboxes share?
 *
 * An episode that is published through the Megaphone sandbox appears in the Web API sandbox. The world itself does not change,
 * and changes are lost with the process.
 */
import type { WorldEpisode } from "./world/episode.ts";

export interface EpisodeChanges {
  /** The episode with its changes. */
  current(episode: WorldEpisode): WorldEpisode;
  change(episode: WorldEpisode, changes: Partial<WorldEpisode>): WorldEpisode;
}

export function createEpisodeChanges(): EpisodeChanges {
  const changed = new Map<string, WorldEpisode>();
  const current = (episode: WorldEpisode): WorldEpisode => changed.get(episode.id) ?? episode;
  return {
    current,
    change(episode, changes) {
      const now = { ...current(episode), ...changes };
      changed.set(episode.id, now);
      return now;
    },
  };
}
