/**
 * Which values are shared by all records of one campaign?
 *
 * Values that must occur are set by the position among the first 60 campaigns; all others are random by name. So these
 * 60 are the same at every scale. Dates are relative to the day on which the world is created.
 */
import { BRANDS, CATEGORIES } from "./brands.ts";
import type { Brand, Category } from "./brands.ts";
import { integer, pick, uuid } from "./random.ts";

export interface Plan {
  readonly index: number;
  /** The index among the first 60. */
  readonly position: number;
  readonly id: string;
  readonly brand: Brand;
  readonly category: Category;
  readonly status: CampaignStatus;
  readonly goal: Goal;
  readonly theme: readonly [name: string, tagline: string];
  readonly today: number;
  readonly start: number;
  readonly end: number;
  readonly created: string;
  readonly updated: string;
}

export type CampaignStatus = (typeof STATUS_AT)[keyof typeof STATUS_AT] | "ACTIVE";
export type Goal = keyof typeof GOALS;

/** How many campaigns there are at scale 1; the positions below are among them. */
export const CAMPAIGNS = 60;
const STATUS_AT = {
  3: "PAUSED",
  7: "UNSET",
  13: "ARCHIVED",
  19: "ACTIVE_RESTRICTED",
  24: "PAUSED",
  28: "PENDING_ADVERTISER_REVIEW",
  33: "AGENT_CONTROLLED",
  38: "UNSET",
  41: "ARCHIVED",
  46: "PAUSED",
  50: "UNRECOGNIZED",
  55: "PENDING_ADVERTISER_REVIEW",
} as const;

/** The delivery goal of an ad set and the text of its button, for each goal of a campaign. */
export const GOALS = {
  UNSET: { delivery: "UNSET", button: ["LEARN_MORE", "Learn more"] },
  AWARENESS: { delivery: "REACH", button: ["LEARN_MORE", "Learn more"] },
  WEBSITE_TRAFFIC: { delivery: "CLICKS", button: ["SHOP_NOW", "Shop now"] },
  APP_PROMOTION: { delivery: "APP_INSTALLS", button: ["DOWNLOAD", "Download"] },
  ENGAGEMENT_ON_SPOTIFY: { delivery: "STREAMS", button: ["LISTEN_NOW", "Listen now"] },
  LEAD_GEN: { delivery: "LEADS", button: ["SIGN_UP", "Sign up"] },
} as const;
const GOALS_OF: Readonly<Record<string, readonly Goal[]>> = {
  Apps: ["APP_PROMOTION"],
  "Streaming Services": ["APP_PROMOTION", "ENGAGEMENT_ON_SPOTIFY"],
  "Music Festivals": ["ENGAGEMENT_ON_SPOTIFY"],
  "Books and Literature": ["ENGAGEMENT_ON_SPOTIFY", "WEBSITE_TRAFFIC"],
  Banking: ["LEAD_GEN", "AWARENESS"],
  Insurance: ["LEAD_GEN", "WEBSITE_TRAFFIC"],
  "Colleges and Universities": ["LEAD_GEN"],
  "Car Manufacturers": ["AWARENESS", "LEAD_GEN"],
};

const THEMES: readonly (readonly [name: string, tagline: string])[] = [
  ["Always On", "There whenever you listen"],
  ["Spring Launch", "New this spring"],
  ["Weekend Push", "Make it a weekend"],
  ["New Arrivals", "Just in, and worth a look"],
  ["Brand Story", "The people behind the name"],
  ["Early Bird", "First come, first served"],
  ["Festival Season", "See you in the front row"],
  ["Back in Town", "We are back"],
  ["Members First", "A little more for members"],
  ["Winter Warm-Up", "Something warm for cold days"],
];

/** In milliseconds, as every time in a plan is. */
export const DAY = 86_400_000;

export function campaignIdAt(index: number): string {
  return uuid("campaign", index);
}

export function planAt(index: number, today: number): Plan {
  const position = index % CAMPAIGNS;
  const brand = at(BRANDS, index);
  const category = at(CATEGORIES.filter(({ code }) => code === brand.category));
  const status = isPlaced(position) ? STATUS_AT[position] : "ACTIVE";
  const [from, to] = daysOf(status, index);
  const start = today + from * DAY;
  const created = Math.min(start, today) - integer(10, 40, "campaign", index, "lead") * DAY;
  const clock = integer(8 * 3600, 18 * 3600, "campaign", index, "clock") * 1000;
  return {
    index,
    position,
    id: campaignIdAt(index),
    brand,
    category,
    status,
    goal:
      status === "UNSET"
        ? "UNSET"
        : pick(GOALS_OF[category.name] ?? ["AWARENESS", "WEBSITE_TRAFFIC"], "campaign", index, "goal"),
    theme: pick(THEMES, "campaign", index, "theme"),
    today,
    start,
    end: today + to * DAY,
    created: timestamp(created + clock),
    updated: timestamp(created + clock + integer(0, 9, "campaign", index, "edited") * DAY),
  };
}

/** First and last day of the flight, counted from today. */
function daysOf(status: CampaignStatus, index: number): readonly [number, number] {
  const day = (min: number, max: number, end: string): number => integer(min, max, "campaign", index, end);
  if (status === "ARCHIVED") return [day(-200, -120, "start"), day(-90, -20, "end")];
  if (status === "PENDING_ADVERTISER_REVIEW" || status === "UNSET") return [day(5, 30, "start"), day(40, 120, "end")];
  return [day(-60, -5, "start"), day(10, 90, "end")];
}

/** The item at an index, which may exceed the length: the list repeats. Throws a RangeError if it is empty. */
export function at<T>(items: readonly T[], index = 0): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError("a list to choose from needs at least one item");
  return item;
}

/** As the Ads API writes it: whole seconds, UTC. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

function isPlaced(position: number): position is keyof typeof STATUS_AT {
  return position in STATUS_AT;
}
