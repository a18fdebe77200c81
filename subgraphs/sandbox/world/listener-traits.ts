/**
 * Which traits do the world's listeners have, and how many listeners have each?
 *
 * Shares are in percent. Traits are correlated as they are in reality: a listener who was last active more than 30 days
 * ago has no engagement, and most listeners give the same answer to every consent question, or none.
 */

export interface Habit {
  readonly listens: Span;
  /** Percent of the listens. */
  readonly skipped: Span;
  readonly follows: Span;
  readonly additions: Span;
  readonly clicks: Span;
  /** Days since the last time. */
  readonly away: Span;
}
/** Both included. */
export type Span = readonly [min: number, max: number];
export type Shares<T> = readonly (readonly [share: number, value: T])[];

export type Value = "LOW" | "MEDIUM" | "HIGH";
export type Region = "AMERICAS" | "APAC" | "EMEA";
export type Purpose = (typeof PURPOSES)[number];
/** The answer for each purpose, in the order of `PURPOSES`: yes, no, or null if never asked. */
export type Answers = readonly [marketing: boolean | null, personalisation: boolean | null, profiling: boolean | null];

export const PURPOSES = ["MARKETING", "PERSONALISATION", "PROFILING"] as const;

/** Includes countries where no campaign runs: the last ones. */
export const COUNTRIES: Shares<readonly [country: string, region: Region]> = [
  [20, ["US", "AMERICAS"]],
  [12, ["GB", "EMEA"]],
  [12, ["DE", "EMEA"]],
  [8, ["FR", "EMEA"]],
  [8, ["BR", "AMERICAS"]],
  [7, ["MX", "AMERICAS"]],
  [6, ["ES", "EMEA"]],
  [6, ["IT", "EMEA"]],
  [5, ["AU", "APAC"]],
  [5, ["JP", "APAC"]],
  [4, ["NL", "EMEA"]],
  [3, ["SE", "EMEA"]],
  [2, ["CA", "AMERICAS"]],
  [1, ["NZ", "APAC"]],
  [1, ["PL", "EMEA"]],
];

export const AGES: Shares<Span | null> = [
  [6, null],
  [1, [10, 12]],
  [4, [13, 17]],
  [5, [18, 19]],
  [3, [20, 20]],
  [9, [21, 23]],
  [42, [24, 39]],
  [22, [40, 59]],
  [8, [60, 88]],
];

/** Of listeners who pay for a plan. */
export const VALUES: Shares<Value> = [
  [40, "LOW"],
  [40, "MEDIUM"],
  [20, "HIGH"],
];

/** The industries of listeners who clicked and filled in a form. Children have none. */
export const INDUSTRIES: Shares<string | null> = [
  [30, null],
  [12, "technology"],
  [12, "retail"],
  [9, "healthcare"],
  [9, "education"],
  [8, "finance"],
  [7, "hospitality"],
  [6, "media"],
  [4, "automotive"],
  [1.5, "gambling"],
  [1, "tobacco"],
  [0.5, "weapons"],
];

/** The products of the calls to action that were clicked. */
export const INTERESTS: Shares<string> = [
  [45, "audio-ads"],
  [25, "podcast-sponsorship"],
  [20, "in-store-music"],
  [10, "branded-playlists"],
];

/** A listener has at most one. */
export const PLANS: Shares<string | null> = [
  [46, null],
  [36, "premium-individual"],
  [12, "premium-family"],
  [6, "premium-student"],
];
export const EXTRAS: readonly (readonly [chance: number, product: string])[] = [
  [0.16, "smart-speaker"],
  [0.07, "connected-car"],
  [0.1, "audiobooks"],
];

const NOTHING = { listens: [0, 0], skipped: [0, 0], follows: [0, 0], additions: [0, 0], clicks: [0, 0] } as const;

export const HABITS: Shares<Habit> = [
  [8, { ...NOTHING, away: [91, 400] }],
  [10, { ...NOTHING, away: [31, 90] }],
  [14, { listens: [1, 9], skipped: [0, 50], follows: [0, 0], additions: [0, 1], clicks: [0, 0], away: [0, 29] }],
  [33, { listens: [10, 100], skipped: [5, 55], follows: [0, 2], additions: [0, 4], clicks: [0, 0], away: [0, 12] }],
  [4, { listens: [30, 240], skipped: [5, 30], follows: [0, 4], additions: [0, 8], clicks: [1, 5], away: [0, 10] }],
  [17, { listens: [101, 400], skipped: [5, 45], follows: [0, 5], additions: [0, 10], clicks: [0, 0], away: [0, 6] }],
  [6, { listens: [60, 300], skipped: [61, 88], follows: [0, 2], additions: [0, 3], clicks: [0, 0], away: [0, 6] }],
  [5, { listens: [120, 500], skipped: [2, 19], follows: [6, 14], additions: [11, 40], clicks: [0, 1], away: [0, 3] }],
  [3, { listens: [501, 1500], skipped: [4, 40], follows: [0, 12], additions: [2, 40], clicks: [0, 1], away: [0, 1] }],
];

export const ANSWERS: Shares<Answers> = [
  [52, [true, true, true]],
  [12, [false, false, false]],
  [16, [null, null, null]],
  [7, [false, true, true]],
  [5, [true, true, null]],
  [5, [null, true, true]],
  [3, [true, false, false]],
];
