/**
 * When was that? A time is as long ago as it is, kept true while somebody looks; the exact time on hover. A day is that day
 * wherever somebody looks.
 */
import { createStore, useStore } from "./store.ts";

const minute = createStore(0);
setInterval(() => minute.set(minute.get() + 1), 10_000);

const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "long" });
const utcDay = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

export function Time({ value }: { readonly value: string }) {
  useStore(minute);
  const at = new Date(value);
  return (
    <time dateTime={value} title={`${exact.format(at)}\n${value}`}>
      {ago(at, Date.now())}
    </time>
  );
}

/** Of a time that stands for a day: the one that it is in UTC. */
export function Day({ value }: { readonly value: string }) {
  const at = new Date(value);
  return (
    <time dateTime={value} title={`${ago(at, Date.now())}\n${value}`}>
      {utcDay.format(at)}
    </time>
  );
}

/** After 30 days the date. */
export function ago(at: Date, now: number): string {
  const seconds = Math.round((at.getTime() - now) / 1000);
  if (Math.abs(seconds) >= 30 * 86_400) return day.format(at);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return Math.abs(seconds) < 5 ? "now" : relative.format(Math.trunc(seconds / size), unit);
}

/** On which day it was where somebody looks. */
export function onDay(value: string): string {
  return day.format(new Date(value));
}
