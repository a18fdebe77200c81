/** Are the first and the last day of a playlist valid? */
import { badFields } from "../../server/validation.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";
import { LATEST_DATE } from "../location/recordable-dates.ts";
import { dayAt } from "../location/local-time.ts";

/** `now` in milliseconds since the epoch. Throws BAD_USER_INPUT with the invalid date's field. */
export function assertDates(
  { startsAt, endsAt }: Pick<PlaylistRequestRecord, "startsAt" | "endsAt">,
  { mutation, timezone, now }: { readonly mutation: string; readonly timezone: string | null; readonly now: number },
): void {
  const invalid = (field: "startsAt" | "endsAt", problem: string) => badFields(mutation, { [field]: [problem] });
  if (startsAt && startsAt > LATEST_DATE) throw invalid("startsAt", "must not be after the year 9999");
  if (endsAt && endsAt > LATEST_DATE) throw invalid("endsAt", "must not be after the year 9999");
  // Today at the location is accepted: clocks differ a little.
  if (startsAt && dayAt(timezone, Number(startsAt)) < dayAt(timezone, now)) {
    throw invalid("startsAt", "must not be in the past");
  }
  if (endsAt && Number(endsAt) <= now) throw invalid("endsAt", "must not be in the past");
  if (startsAt && endsAt && endsAt <= startsAt) throw invalid("endsAt", "must be after startsAt");
}
