/** When may a playlist begin and end? */
import { badFields } from "../../server/validation.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";
import { DATES_TO } from "../location/existing.ts";
import { localTime } from "../location/local-time.ts";

const DAY_MS = 86_400_000;

/** `now` in milliseconds since the epoch. Throws BAD_USER_INPUT that names the date which is wrong. */
export function assertDates(
  { startsAt, endsAt }: Pick<PlaylistRequestRecord, "startsAt" | "endsAt">,
  { mutation, timezone, now }: { readonly mutation: string; readonly timezone: string; readonly now: number },
): void {
  const refuse = (field: "startsAt" | "endsAt", problem: string) => badFields(mutation, { [field]: [problem] });
  const dayOf = (at: number): number => localTime(timezone, at)?.date ?? Math.floor(at / DAY_MS);
  if (startsAt && startsAt > DATES_TO) throw refuse("startsAt", "must not lie beyond the year 9999");
  if (endsAt && endsAt > DATES_TO) throw refuse("endsAt", "must not lie beyond the year 9999");
  // The day that has begun at the location may be the first one: a clock is never quite right.
  if (startsAt && dayOf(Number(startsAt)) < dayOf(now)) throw refuse("startsAt", "must not lie in the past");
  if (endsAt && Number(endsAt) <= now) throw refuse("endsAt", "must not lie in the past");
  if (startsAt && endsAt && endsAt <= startsAt) throw refuse("endsAt", "must be after startsAt");
}
