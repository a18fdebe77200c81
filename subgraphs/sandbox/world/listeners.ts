/**
 * Which listeners are in the world?
 *
 * For each unit of scale 5,000 people. The first ones are fixed, so that every rule matches a listener. The others are
 * random by name, so a larger scale only adds listeners. Times are relative to the UTC day of `now`.
 */
import type { ConsentRecord, EngagementRecord, ListenerRecord } from "../../records/listeners/types.ts";
import { PLACED } from "./placed-listeners.ts";
import type { Traits } from "./placed-listeners.ts";
import {
  AGES,
  ANSWERS,
  COUNTRIES,
  EXTRAS,
  HABITS,
  INDUSTRIES,
  INTERESTS,
  PLANS,
  PURPOSES,
  VALUES,
} from "./listener-traits.ts";
import type { Shares, Span } from "./listener-traits.ts";
import { createWorldList } from "./list.ts";
import type { WorldList } from "./list.ts";
import { eight, spotifyId, uuid } from "./random.ts";

export interface ListenerWorld {
  /** First-party: no upstream has them. */
  readonly listeners: WorldList<ListenerRecord>;
}

const LISTENERS = 5000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Throws a RangeError if the scale is not a whole number from 1, or the date is invalid. */
export function createListeners({ scale, now }: { readonly scale: number; readonly now: Date }): ListenerWorld {
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  if (Number.isNaN(now.getTime())) throw new RangeError("now is a valid date, but got an invalid one");
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return {
    listeners: createWorldList({ length: () => LISTENERS * scale, make: (index) => listenerAt(index, today) }),
  };
}

function listenerAt(index: number, today: number): ListenerRecord {
  const traits = PLACED[index] ?? draw(index);
  return {
    id: uuid("listener", index),
    spotifyAccountId: index % 10 < 7 ? spotifyId("account", index) : null,
    country: traits.country,
    region: traits.region,
    age: traits.age,
    customerValue: traits.value,
    industry: traits.industry,
    productsOwned: traits.products,
    productInterest: traits.interest,
    consents: consentsOf(traits, index, today),
    engagement: engagementOf(traits, index, today),
  };
}

function draw(index: number): Traits {
  const [place, known, years, year, value, trade, interest, habit] = eight("listener", index, "person");
  const [plan, answers, ...extras] = eight("listener", index, "customer");
  const [country, region] = share(COUNTRIES, place);
  const ages = share(AGES, years);
  const age = ages && within(ages, year);
  const habits = share(HABITS, habit);
  const paid = share(PLANS, plan);
  const isClicking = habits.clicks[0] > 0;
  const isAdult = age === null || age >= 18;
  return {
    country,
    region: known < 0.005 ? null : region,
    age,
    value: paid === null ? "LOW" : share(VALUES, value),
    industry: isClicking && isAdult ? share(INDUSTRIES, trade) : null,
    interest: isClicking ? share(INTERESTS, interest) : null,
    products: [
      ...(paid === null ? [] : [paid]),
      ...EXTRAS.filter(([chance], nth) => (extras[nth] ?? 1) < chance).map(([, product]) => product),
    ],
    answers: share(ANSWERS, answers),
    habit: habits,
  };
}

/** One answer for each purpose from the last two years; one listener in twelve has an earlier, opposite answer. */
function consentsOf({ answers }: Traits, index: number, today: number): readonly ConsentRecord[] {
  const [day, second, changed, earlier] = eight("listener", index, "consent");
  const recordedAt = today - within([1, 700], day) * DAY_MS - within([0, 86_399], second) * 1000;
  const given = PURPOSES.flatMap((purpose, nth) => {
    const granted = answers[nth] ?? null;
    return granted === null ? [] : [{ purpose, granted, recordedAt: new Date(recordedAt) }];
  });
  if (changed >= 1 / 12) return given;
  const before = new Date(recordedAt - within([1, 300], earlier) * DAY_MS);
  return [...given.map(({ purpose, granted }) => ({ purpose, granted: !granted, recordedAt: before })), ...given];
}

function engagementOf({ habit }: Traits, index: number, today: number): EngagementRecord {
  const [listen, skip, follow, add, click, day, second] = eight("listener", index, "habit");
  const listens = within(habit.listens, listen);
  return {
    listens,
    skips: Math.round((listens * within(habit.skipped, skip)) / 100),
    follows: within(habit.follows, follow),
    playlistAdds: within(habit.additions, add),
    ctaClicks: within(habit.clicks, click),
    lastAt: new Date(today - within(habit.away, day) * DAY_MS - within([0, 43_199], second) * 1000),
  };
}

/** The value at a number from 0 to 1. Throws a RangeError if there are none. */
function share<T>(shares: Shares<T>, at: number): T {
  let left = at * shares.reduce((sum, [part]) => sum + part, 0);
  for (const [part, value] of shares) {
    if (left < part) return value;
    left -= part;
  }
  const last = shares.at(-1);
  if (last === undefined) throw new RangeError("shares are of at least one value");
  return last[1];
}

function within([min, max]: Span, at: number): number {
  return min + Math.floor(at * (max - min + 1));
}
