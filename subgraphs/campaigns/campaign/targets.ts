/**
 * What are the dates, budget, category and targets of a campaign?
 *
 * Spotify stores them on ad sets. A campaign targets what any of its ad sets targets, runs from the first start to the last
 * end, and has the sum of their budgets.
 */
import type { Money } from "../../../schema/money.ts";
import { isCountryCode } from "../../../schema/country-code.ts";
import { ItemError } from "../../platform/items.ts";
import type { ById } from "../../platform/items.ts";
import { unique } from "../../platform/unique.ts";
import type { AdsAdSet, AdsCategory, AdsTargetName } from "../../sources/spotify-ads/replies.ts";
import type { CampaignTargets } from "./campaign.ts";

type Categories = Pick<ById<Pick<AdsCategory, "name">>, "get">;

/** The value in the tables for what an ad set does not specify. */
export const UNKNOWN = "unknown";
const DAY_MS = 24 * 60 * 60 * 1000;

export function targetsOf(sets: readonly AdsAdSet[]): CampaignTargets {
  const targets = sets.map((set) => set.targets);
  const ages = targets.flatMap(({ ageRanges }) => ageRanges);
  const unlimited = targets.some(({ ageRanges }) => ageRanges.length === 0);
  return {
    // A code that is none would fail the whole list of campaigns.
    countries: unique(targets.flatMap(({ country }) => (country !== null && isCountryCode(country) ? country : []))),
    minAge: unlimited ? null : minOf(ages.map(({ min }) => min)),
    maxAge: unlimited ? null : maxOf(ages.map(({ max }) => max)),
    genders: unique(targets.flatMap(({ genders }) => genders)),
    placements: unique(targets.flatMap(({ placements }) => placements)),
    topics: unique(targets.flatMap(({ topics }) => topics)),
    sensitiveTopicExclusions: unique(targets.flatMap(({ sensitiveTopicExclusions }) => sensitiveTopicExclusions)),
    audienceIds: unique(targets.flatMap(({ audienceIds }) => audienceIds)),
  };
}

/** For decisions: what of the targets of any ad set is not known, with the error of the first such ad set. */
export type Gaps = ReadonlyMap<AdsTargetName, ItemError>;

export function gapsOf(sets: readonly AdsAdSet[]): Gaps {
  const gaps = new Map<AdsTargetName, ItemError>();
  for (const { id, targets } of sets) {
    for (const name of targets.notKnown) if (!gaps.has(name)) gaps.set(name, gapOf(id, name));
  }
  return gaps;
}

function gapOf(id: string, name: AdsTargetName): ItemError {
  const field = `targets.${name}`;
  return new ItemError("spotify-ads", { item: `ad set ${id}`, field, problem: `${field}: not known`, id });
}

export function startOf(sets: readonly AdsAdSet[]): Date | null {
  const starts = sets.flatMap(({ startsAt }) => startsAt ?? []);
  return starts.length === 0 ? null : new Date(Math.min(...starts.map(Number)));
}

/** null if one of them has no end. */
export function endOf(sets: readonly AdsAdSet[]): Date | null {
  const ends = sets.flatMap(({ endsAt }) => endsAt ?? []);
  return ends.length === 0 || ends.length < sets.length ? null : new Date(Math.max(...ends.map(Number)));
}

/** For the lifetime. null if it is unlimited (a daily budget without an end) or in several currencies. */
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

/** For clients: the category of the first ad set that has one. Throws the error of one that cannot be read. */
export function categoryName(sets: readonly AdsAdSet[], categories: Categories): string | null {
  const code = sets.find(({ category }) => category !== null)?.category;
  return code ? nameOf(code, categories) : null;
}

/**
 * For decisions: those of all ad sets, with `unknown` if an ad set has none or there is no ad set. Throws the error of one
 * that cannot be read.
 */
export function categorySlugs(sets: readonly AdsAdSet[], categories: Categories): readonly string[] {
  const names = sets.map(({ category }) => category && nameOf(category, categories));
  return names.length === 0 ? [UNKNOWN] : unique(names.map((name) => slugOf(name ?? "") || UNKNOWN));
}

/** For decisions: those of all ad sets, with `unknown` if an ad set names none, because it may run anywhere. */
export function countriesOf(sets: readonly AdsAdSet[]): readonly string[] {
  return unique(sets.map(({ targets }) => targets.country ?? UNKNOWN));
}

function nameOf(code: string, categories: Categories): string | null {
  const category = categories.get(code);
  if (category instanceof Error) throw category;
  return category?.name ?? null;
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

function minOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}

function maxOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}
