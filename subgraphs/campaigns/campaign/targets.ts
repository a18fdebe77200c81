/**
 * What do the ad sets of a campaign say, taken together?
 *
 * Spotify keeps dates, money and audiences on ad sets. A campaign reaches whoever one of its ad sets reaches, runs
 * from the first start to the last end, and may spend what they may spend together.
 */
import type { Money } from "../../../schema/money.ts";
import type { AdsAdSet, AdsCategory } from "../../sources/spotify-ads/client.ts";
import type { CampaignTargets } from "./campaign.ts";

type Categories = ReadonlyMap<string, Pick<AdsCategory, "name">>;

/** As the tables call what an ad set does not say. */
export const UNKNOWN = "unknown";
const DAY_MS = 24 * 60 * 60 * 1000;

export function targetsOf(sets: readonly AdsAdSet[]): CampaignTargets {
  const targets = sets.map((set) => set.targets);
  const ages = targets.flatMap(({ ageRanges }) => ageRanges);
  const unlimited = targets.some(({ ageRanges }) => ageRanges.length === 0);
  return {
    countries: union(targets.map(({ country }) => (country === null ? [] : [country]))),
    minAge: unlimited ? null : least(ages.map(({ min }) => min)),
    maxAge: unlimited ? null : greatest(ages.map(({ max }) => max)),
    genders: union(targets.map(({ genders }) => genders)),
    placements: union(targets.map(({ placements }) => placements)),
    topics: union(targets.map(({ topics }) => topics)),
    sensitiveTopicExclusions: union(targets.map(({ sensitiveTopicExclusions }) => sensitiveTopicExclusions)),
    audienceIds: union(targets.map(({ audienceIds }) => audienceIds)),
  };
}

export function startOf(sets: readonly AdsAdSet[]): Date | null {
  const starts = sets.flatMap(({ startsAt }) => startsAt ?? []);
  return starts.length === 0 ? null : new Date(Math.min(...starts.map(Number)));
}

/** null while one of them runs without an end. */
export function endOf(sets: readonly AdsAdSet[]): Date | null {
  const ends = sets.flatMap(({ endsAt }) => endsAt ?? []);
  return ends.length === 0 || ends.length < sets.length ? null : new Date(Math.max(...ends.map(Number)));
}

/** Over the whole flight. null where it has no bound (a daily budget without an end) or is in several currencies. */
export function budgetOf(sets: readonly AdsAdSet[]): Money | null {
  const budgets = sets.map(lifetimeBudget);
  const [first] = budgets;
  if (!first) return null;
  let amount = 0;
  for (const budget of budgets) {
    if (budget?.currency !== first.currency) return null;
    amount += budget.amount;
  }
  return { amount: Math.round(amount * 100) / 100, currency: first.currency };
}

/** To be shown: a campaign is in the category of its first ad set that has one. */
export function categoryName(sets: readonly AdsAdSet[], categories: Categories): string | null {
  const code = sets.find(({ category }) => category !== null)?.category;
  return (code && categories.get(code)?.name) ?? null;
}

/** To decide from: it is in those of all its ad sets. Where one names none, or there is no ad set, `unknown` is one. */
export function categorySlugs(sets: readonly AdsAdSet[], categories: Categories): readonly string[] {
  const names = sets.map(({ category }) => category && categories.get(category)?.name);
  return names.length === 0 ? [UNKNOWN] : union(names.map((name) => [slugOf(name ?? "") || UNKNOWN]));
}

/** To decide from: those of all its ad sets. One that names none may run anywhere: then `unknown` is one. */
export function countriesOf(sets: readonly AdsAdSet[]): readonly string[] {
  return union(sets.map(({ targets }) => [targets.country ?? UNKNOWN]));
}

/** `Casinos and Gambling` → `casinos-and-gambling`. */
function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

function lifetimeBudget({ budget, startsAt, endsAt }: AdsAdSet): Money | null {
  if (!budget) return null;
  if (budget.type === "LIFETIME") return budget;
  if (!startsAt || !endsAt) return null;
  const days = Math.max(1, Math.ceil((Number(endsAt) - Number(startsAt)) / DAY_MS));
  return { amount: budget.amount * days, currency: budget.currency };
}

function union<T>(lists: readonly (readonly T[])[]): readonly T[] {
  return [...new Set(lists.flat())];
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}

function greatest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}
