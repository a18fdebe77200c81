/** What do the counts of the last hour add up to? */
import type { NowQuery } from "../generated/operations.ts";
import { sum } from "../parts/chart.tsx";
import type { Series } from "../parts/chart.tsx";

type Activity = NonNullable<NowQuery["activity"]>;
type Count = Activity["minutes"][number]["counts"][number];

const MINUTE_MS = 60_000;
const SHOWN = 60;

/** The beginnings of the last 60 minutes. */
export function lastMinutes(now: number): readonly number[] {
  const current = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: SHOWN }, (_, index) => current - (SHOWN - 1 - index) * MINUTE_MS);
}

export function seriesOf(
  { minutes }: Activity,
  times: readonly number[],
  kinds: readonly (Omit<Series, "values"> & { readonly isOf: (count: Count) => boolean })[],
): readonly Series[] {
  const byTime = new Map(minutes.map((minute) => [Date.parse(minute.at), minute.counts]));
  return kinds.map(({ name, colour, isOf }) => ({
    name,
    colour,
    values: times.map((at) => sum((byTime.get(at) ?? []).filter(isOf).map(({ count }) => count))),
  }));
}

export const VERDICTS = [
  { name: "allow", colour: "--allow-fill", isOf: ({ verdict }: Count) => verdict === "ALLOW" },
  { name: "review", colour: "--review-fill", isOf: ({ verdict }: Count) => verdict === "REVIEW" },
  { name: "deny", colour: "--deny-fill", isOf: ({ verdict }: Count) => verdict === "DENY" },
  { name: "failed", colour: "--local", isOf: ({ code }: Count) => code !== null },
] as const;

export const ORIGINS = [
  { name: "asked the service", colour: "--service", isOf: ({ origin }: Count) => origin === "SERVICE" },
  { name: "equivalent", colour: "--equivalent", isOf: ({ origin }: Count) => origin === "EQUIVALENT" },
  { name: "cached", colour: "--cache", isOf: ({ origin }: Count) => origin === "CACHE" },
  { name: "local", colour: "--local", isOf: ({ origin }: Count) => origin === "LOCAL" },
  { name: "stale", colour: "--stale", isOf: ({ origin }: Count) => origin === "STALE" },
] as const;

export interface ModelTotal {
  readonly model: string;
  readonly total: number;
  readonly failed: number;
  readonly byVerdict: Readonly<Record<"ALLOW" | "REVIEW" | "DENY", number>>;
}

/** The busiest first. */
export function byModel({ minutes }: Activity): readonly ModelTotal[] {
  const counts = Map.groupBy(
    minutes.flatMap((minute) => minute.counts),
    ({ model }) => model,
  );
  const of = (given: readonly Count[], isOf: (count: Count) => boolean): number =>
    sum(given.filter(isOf).map(({ count }) => count));
  const totals = Array.from(counts, ([model, given]) => ({
    model,
    total: of(given, () => true),
    failed: of(given, ({ code }) => code !== null),
    byVerdict: {
      ALLOW: of(given, ({ verdict }) => verdict === "ALLOW"),
      REVIEW: of(given, ({ verdict }) => verdict === "REVIEW"),
      DENY: of(given, ({ verdict }) => verdict === "DENY"),
    },
  }));
  return totals.toSorted((one, other) => other.total - one.total);
}
