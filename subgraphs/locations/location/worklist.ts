/**
 * Which locations need somebody's attention, and which of them first?
 *
 * Those the rules do not simply let play, those with something to do about their licence, and those whose priority is 3
 * or more urgent; also those that could not be decided, before all others: nobody knows that they can wait. All locations
 * are decided for every page, in one batch whose calls are bounded by the classes they fall into.
 */
import { worklistOf } from "../../../schema/worklist.ts";
import type { Ranked } from "../../../schema/worklist.ts";
import { DecisionError } from "../../pipeline/ask.ts";
import { UpstreamError } from "../../platform/upstream.ts";
import type { PlaybackDecision } from "../decisions/location-playback.ts";
import type { Location } from "./location.ts";
import type { LicenceRecord } from "../../records/locations/types.ts";

/** By priority, then by the end of the licence, where it has one. */
const SHAPE = ["number", "number"] as const;
export const locationWorklist = worklistOf("locationWorklist", SHAPE);

export interface Candidate {
  readonly location: Location;
  readonly licence: LicenceRecord | null;
  /** undefined where there is none. */
  readonly playback: Attention | undefined;
}
type Attention = Pick<PlaybackDecision, "eligible" | "licenceAction" | "priority">;

const UNDECIDED = 0;
/** From here on, what is less urgent needs nobody while nothing else is the matter. */
const PRESSING = 3;

export function rankedOf(candidates: readonly Candidate[]): readonly Ranked<typeof SHAPE, Location>[] {
  return candidates
    .filter(({ playback }) => playback === undefined || needsAttention(playback))
    .map(({ location, licence, playback }) => ({
      rank: [playback?.priority ?? UNDECIDED, Number(licence?.expiresAt ?? Number.MAX_SAFE_INTEGER)],
      id: location.id,
      node: location,
    }));
}

/** Passes on what is a bug. */
export async function unlessUndecided<T>(decided: Promise<T>): Promise<T | undefined> {
  try {
    return await decided;
  } catch (error) {
    if (error instanceof DecisionError || error instanceof UpstreamError) return undefined;
    throw error;
  }
}

function needsAttention({ eligible, licenceAction, priority }: Attention): boolean {
  return !eligible || licenceAction !== "NONE" || priority <= PRESSING;
}
