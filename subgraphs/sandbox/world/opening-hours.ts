/**
 * When are the stores of the sandboxes' world open?
 *
 * The usual hours of the store type, shifted by up to an hour. Bars close after midnight, and hotels never close.
 */
import type { StoreType } from "./venues.ts";

export interface OpeningHours {
  /** 1 is Monday, 7 is Sunday. */
  readonly day: number;
  /** `09:30`, in local time. */
  readonly opens: string;
  /** `24:00` at the latest; on the next day if it is not after `opens`. */
  readonly closes: string;
}

type Span = readonly [days: readonly number[], opens: number, closes: number];

const ALL = [1, 2, 3, 4, 5, 6, 7] as const;
/** In hours. */
const USUAL: Readonly<Record<StoreType, readonly Span[]>> = {
  RETAIL: [
    [[1, 2, 3, 4, 5], 9.5, 19.5],
    [[6], 10, 18],
  ],
  HOTEL: [[ALL, 0, 24]],
  RESTAURANT: [
    [[2, 3, 4, 5, 6, 7], 12, 15],
    [[2, 3, 4, 5, 6, 7], 18, 23],
  ],
  FITNESS: [
    [[1, 2, 3, 4, 5], 6, 22],
    [[6, 7], 8, 20],
  ],
  BAR: [[[3, 4, 5, 6, 7], 18, 26]],
  OFFICE: [[[1, 2, 3, 4, 5], 8, 18]],
  OTHER: [[[2, 3, 4, 5, 6, 7], 10, 18]],
};
const SHIFTS = [-1, -0.5, 0, 0, 0.5] as const;

/** `chance`, from 0 to 1, selects the deviation from the usual hours. */
export function hoursOf(storeType: StoreType, chance: number): readonly OpeningHours[] {
  const shift = storeType === "HOTEL" ? 0 : (SHIFTS[Math.floor(chance * SHIFTS.length)] ?? 0);
  return USUAL[storeType]
    .flatMap(([days, opens, closes]) =>
      days.map((day) => ({ day, opens: clock(opens + shift), closes: clock(closes + shift) })),
    )
    .toSorted((left, right) => left.day - right.day);
}

function clock(hours: number): string {
  const minutes = hours === 24 ? 24 * 60 : Math.round(hours * 60) % (24 * 60);
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
