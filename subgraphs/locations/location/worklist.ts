/**
 * Which locations need attention, and in which order?
 *
 * Those whose verdict is not ALLOW, those whose licence needs an action, and those with priority 3 or more urgent. Those
 * that could not be decided come first, because they may be urgent. Every page decides all locations in one batch; the
 * number of calls is that of the distinct answers.
 */
import { worklistOf } from "../../../schema/worklist.ts";
import type { Ranked } from "../../../schema/worklist.ts";
import { DecisionError } from "../../pipeline/ask.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { PlaybackDecision } from "../decisions/location-playback.ts";
import type { Location } from "./location.ts";
import type { LicenceRecord } from "../../records/locations/types.ts";

/** By priority, then by the end of the licence. */
const SHAPE = ["number", "number"] as const;
export const locationWorklist = worklistOf("locationWorklist", SHAPE);

export interface Candidate {
  readonly location: Location;
  readonly licence: LicenceRecord | null;
  /** undefined if it could not be decided. */
  readonly playback: Attention | undefined;
}
type Attention = Pick<PlaybackDecision, "eligible" | "licenceAction" | "priority">;

const UNDECIDED = 0;
/** A less urgent location needs no attention for its priority alone. */
const LEAST_URGENT_PRIORITY = 3;

export function rankedOf(candidates: readonly Candidate[]): readonly Ranked<typeof SHAPE, Location>[] {
  return candidates
    .filter(({ playback }) => playback === undefined || needsAttention(playback))
    .map(({ location, licence, playback }) => ({
      rank: [playback?.priority ?? UNDECIDED, Number(licence?.expiresAt ?? Number.MAX_SAFE_INTEGER)],
      id: location.id,
      node: location,
    }));
}

/** Undefined if the decision service or an upstream failed; other errors are rethrown. */
export async function undefinedIfUnavailable<T>(decided: Promise<T>): Promise<T | undefined> {
  try {
    return await decided;
  } catch (error) {
    if (error instanceof DecisionError || error instanceof UpstreamError) return undefined;
    throw error;
  }
}

function needsAttention({ eligible, licenceAction, priority }: Attention): boolean {
  return !eligible || licenceAction !== "NONE" || priority <= LEAST_URGENT_PRIORITY;
}
