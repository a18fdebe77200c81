/**
 * Which tracks are there in the sandboxes' world, and which of them are explicit?
 *
 * Nobody keeps a list: an id says it by how it ends, so that requests for playlists and the Web API agree about any track.
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

/** Some ids are nobody's, for whoever needs one. */
export function isTrack(id: string): boolean {
  return !id.startsWith("0000");
}
