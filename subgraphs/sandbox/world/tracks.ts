/**
 * Which tracks are there in the sandboxes' world, and which of them are explicit?
 *
 * There is no list. The last character of an id says whether the track is explicit, so playlist requests and the Web
 * API agree about every track.
 */
import { spotifyId } from "./random.ts";

const EXPLICIT = "X";

/** Of 22 characters. */
export function trackId(explicit: boolean, ...name: readonly (string | number)[]): string {
  const id = spotifyId(...name);
  if (isExplicit(id) === explicit) return id;
  return id.slice(0, -1) + (explicit ? EXPLICIT : EXPLICIT.toLowerCase());
}

export function isExplicit(id: string): boolean {
  return id.endsWith(EXPLICIT);
}

/** False for ids that begin with zzzz, which Spotify calls invalid: for tests. */
export function isValid(id: string): boolean {
  return !id.startsWith("zzzz");
}

/** False for ids that begin with 0000, which Spotify does not know: for tests. */
export function isTrack(id: string): boolean {
  return !id.startsWith("0000");
}
