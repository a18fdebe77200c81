/**
 * Which listeners are in every world?
 *
 * The first ones, one for each rare case of a rule. By default they are adults who gave every consent.
 */
import type { Answers, Habit, Region, Span, Value } from "./listener-traits.ts";

export interface Traits {
  readonly country: string;
  readonly region: Region | null;
  readonly age: number | null;
  readonly value: Value;
  readonly industry: string | null;
  readonly interest: string | null;
  readonly products: readonly string[];
  readonly answers: Answers;
  readonly habit: Habit;
}

const PLAIN: Traits = {
  country: "DE",
  region: "EMEA",
  age: 35,
  value: "LOW",
  industry: null,
  interest: null,
  products: ["premium-individual"],
  answers: [true, true, true],
  habit: habit({ listens: 60, skipped: 30, follows: 1, additions: 2 }),
};
const AMERICAN = { country: "US", region: "AMERICAS" } as const;
const JAPANESE = { country: "JP", region: "APAC" } as const;
const MEXICAN = { country: "MX", region: "AMERICAS" } as const;
const NOT_ASKED: Answers = [null, null, null];
const REFUSED: Answers = [false, false, false];
/** An engagement of 60. */
const GOOD = { listens: 150, skipped: 30, follows: 4, additions: 5 } as const;
/** An engagement of 85. */
const STRONG = { listens: 250, skipped: 30, follows: 5, additions: 5 } as const;

export const PLACED: readonly Traits[] = [
  // Ages above and below each legal age.
  { ...PLAIN, age: 12 },
  { ...PLAIN, ...AMERICAN, age: 16 },
  { ...PLAIN, country: "ES", age: 16 },
  { ...PLAIN, ...JAPANESE, age: 19 },
  { ...PLAIN, ...AMERICAN, age: 20 },
  { ...PLAIN, country: "NL", age: 22 },
  { ...PLAIN, ...AMERICAN, age: null },
  { ...PLAIN, country: "GB", age: null },
  // Answers about marketing, in countries that require a consent and in countries that only respect a refusal.
  { ...PLAIN, answers: NOT_ASKED },
  { ...PLAIN, answers: REFUSED },
  { ...PLAIN, ...AMERICAN },
  { ...PLAIN, ...AMERICAN, answers: NOT_ASKED },
  { ...PLAIN, ...AMERICAN, answers: REFUSED },
  { ...PLAIN, ...MEXICAN, answers: NOT_ASKED },
  { ...PLAIN, country: "AU", region: "APAC", answers: REFUSED },
  { ...PLAIN, country: "FR", answers: [true, false, true] },
  { ...PLAIN, country: "SE", answers: [true, true, null] },
  // Countries without campaigns, without sales, and where sales calls are forbidden.
  { ...PLAIN, country: "NZ", region: "APAC" },
  { ...PLAIN, country: "CA", region: "AMERICAS" },
  { ...PLAIN, country: "RU" },
  { ...PLAIN, region: null },
  // Engagement that looks automated.
  { ...PLAIN, habit: habit({ listens: 3500, skipped: 40 }) },
  { ...PLAIN, ...AMERICAN, habit: habit({ listens: 600, skipped: 95 }) },
  { ...PLAIN, habit: habit({ ...GOOD, clicks: 60 }) },
  // Listeners of every kind.
  { ...PLAIN, habit: habit({ listens: 550, skipped: 25 }), products: [] },
  { ...PLAIN, habit: habit({ listens: 150, skipped: 10 }), products: ["premium-student"], age: 21 },
  { ...PLAIN, habit: habit({ listens: 5, skipped: 20 }), products: ["premium-family", "smart-speaker"] },
  { ...PLAIN, ...MEXICAN, habit: habit({ listens: 80, skipped: 70 }), products: ["connected-car"] },
  { ...PLAIN, habit: habit({ listens: 200, skipped: 10, follows: 6, additions: 11 }), value: "HIGH" },
  { ...PLAIN, habit: habit({ away: 40 }), value: "MEDIUM" },
  { ...PLAIN, ...JAPANESE, habit: habit({ away: 100 }), value: "HIGH" },
  // Leads, the best first.
  { ...PLAIN, habit: habit({ ...STRONG, clicks: 3 }), value: "HIGH", industry: "technology" },
  { ...PLAIN, habit: habit({ ...STRONG, clicks: 4 }), industry: "automotive" },
  { ...PLAIN, habit: habit({ ...GOOD, clicks: 1 }), industry: "education", interest: "in-store-music" },
  { ...PLAIN, habit: habit({ ...GOOD, clicks: 1 }), industry: "media", interest: "podcast-sponsorship" },
  { ...PLAIN, ...AMERICAN, habit: habit({ ...GOOD, clicks: 1 }), industry: "retail", interest: "audio-ads" },
  { ...PLAIN, habit: habit({ listens: 8, skipped: 30, clicks: 1 }), value: "HIGH", industry: "media" },
  { ...PLAIN, habit: habit(GOOD), industry: "hospitality" },
  { ...PLAIN, habit: habit({ listens: 8, skipped: 30, clicks: 2 }), industry: "technology" },
  { ...PLAIN, habit: habit({ listens: 100, skipped: 30, follows: 1 }), interest: "audio-ads" },
  { ...PLAIN, habit: habit(GOOD), industry: "finance" },
  { ...PLAIN, habit: habit(GOOD) },
  { ...PLAIN, habit: habit(GOOD), industry: "tobacco" },
  { ...PLAIN, ...JAPANESE, habit: habit({ ...GOOD, clicks: 2 }), industry: "weapons" },
];

/** `away` is 2 days by default, so that the engagement is within the last 30 days. */
function habit({ away = 2, ...of }: Partial<Record<keyof Habit, number>>): Habit {
  const exactly = (value = 0): Span => [value, value];
  return {
    listens: exactly(of.listens),
    skipped: exactly(of.skipped),
    follows: exactly(of.follows),
    additions: exactly(of.additions),
    clicks: exactly(of.clicks),
    away: exactly(away),
  };
}
