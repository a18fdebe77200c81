/** What do decisions need to know of a location? */
import { UndecidedError } from "../../pipeline/decision.ts";
import type { LocationProfile } from "../../records/locations/types.ts";
import type { SoundtrackZone } from "../../sources/soundtrack/client.ts";

/** All that decisions need to know of a location, from whichever source it came. */
export interface LocationKnowledge {
  readonly country: string;
  readonly timezone: string;
  readonly zones: readonly Pick<SoundtrackZone, "online" | "subscription">[];
  readonly profile: Pick<LocationProfile, "storeType" | "openingHours" | "licence">;
}

/** Where something has no end. */
export const ENDLESS = 9999;

/** What a client is promised in any case. Throws an UndecidedError where the rows say nothing of the kind. */
export function oneOf<Value extends string>(
  values: Readonly<Record<string, Value>>,
  output: string,
  said: string | null,
): Value {
  const value = Object.values(values).find((known) => known === said);
  if (value === undefined) {
    throw new UndecidedError(said === null ? `no row says ${output}` : `a row has an unknown ${output}`);
  }
  return value;
}
