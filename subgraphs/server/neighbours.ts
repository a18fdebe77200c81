/**
 * What do subgraphs of one process ask each other, without a gateway?
 *
 * Whatever is asked of thousands of entities at once. Each process makes all subgraphs, so what one of them knows is there; it is
 * looked up when it is asked for, because they are made one after the other.
 */
import type { Context } from "../platform/context.ts";

/** What an episode is to a placement. */
export interface PlacedEpisode {
  readonly topics: readonly string[];
  readonly sensitiveTopics: readonly string[];
  readonly explicit: boolean;
  readonly languages: readonly string[];
  readonly transcript: boolean;
  readonly sponsors: readonly string[];
  readonly status: string;
  readonly markets: readonly string[];
  readonly adultsOnly: boolean;
}

/** An episode by its id, as clients see it, and what is known of it, or why nothing is. */
export interface ConsideredEpisode {
  readonly subject: string;
  readonly facts: PlacedEpisode | Error;
}

/** Aligned with the episodes; undefined for one of which it cannot be decided. */
export type EligibleEpisodes = (episodes: readonly ConsideredEpisode[]) => Promise<readonly (boolean | undefined)[]>;

/** What a listener is to an activation. */
export interface ActivatedListener {
  readonly age: number | null;
  readonly country: string;
  readonly consents: readonly string[];
  readonly refusals: readonly string[];
}
export interface ConsideredListener {
  readonly subject: string;
  readonly facts: ActivatedListener;
}

export interface Neighbours {
  /** All episodes, in batches. */
  readonly episodes: (context: Context) => AsyncIterable<readonly ConsideredEpisode[]>;
  /** All listeners, in batches. */
  readonly listeners: (context: Context) => AsyncIterable<readonly ConsideredListener[]>;
  /**
   * In which episodes may this campaign be placed? `campaign` is its id as clients see it, given as `argument`. Rejects with
   * BAD_USER_INPUT where it is none, with NOT_FOUND where the caller has no such campaign.
   */
  readonly placements: (context: Context, campaign: string, argument: string) => Promise<EligibleEpisodes>;
}

/** Filled as subgraphs are made. */
export type MadeNeighbours = { -readonly [Name in keyof Neighbours]?: Neighbours[Name] };

export function neighbour<Name extends keyof Neighbours>(made: MadeNeighbours, name: Name): Neighbours[Name] {
  const found: Neighbours[Name] | undefined = made[name];
  if (!found) throw new Error(`no subgraph of this process knows of ${name}`);
  return found;
}
