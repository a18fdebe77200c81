/** Which facts of a location do several decisions use? */
import { UndecidedError } from "../../pipeline/decision.ts";
import type { LocationProfile } from "../../records/locations/types.ts";

/** From Soundtrack, which does not know what is null, and from our records. */
export interface LocationKnowledge {
  readonly country: string | null;
  readonly timezone: string | null;
  readonly zones: readonly { readonly online: boolean; readonly subscription: string }[];
  readonly profile: Pick<LocationProfile, "storeType" | "openingHours" | "licence">;
}

/** The value in the tables for what is not known. */
export const UNKNOWN = "unknown";
/** The days of something without an end. */
export const ENDLESS = 9999;

/** The value of an output whose field is not nullable. Throws an UndecidedError if no row has a known one. */
export function oneOf<Value extends string>(
  values: Readonly<Record<string, Value>>,
  output: string,
  cell: string | null,
): Value {
  const value = Object.values(values).find((known) => known === cell);
  if (value === undefined) {
    throw new UndecidedError(cell === null ? `no row says ${output}` : `a row has an unknown ${output}`);
  }
  return value;
}
