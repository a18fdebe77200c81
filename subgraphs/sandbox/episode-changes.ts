/**
 * What has become of an episode since the world was made?
 *
 * One for all sandboxes over a world of episodes: what is published through Megaphone can be heard through the Web API.
 * The world stays what it is. Gone with the process.
 */
import type { WorldEpisode } from "./world/episode.ts";

export interface EpisodeChanges {
  /** The episode as it is now. */
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
