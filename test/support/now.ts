import type { Clock } from "../../subgraphs/platform/clock.ts";

/** The time at which the clock of tests stands. */
export const NOW = Date.parse("2026-03-10T12:00:00Z");

/** A clock that the test moves: for what is dated, and for what is remembered. */
export const clockOf = (now: () => number): Clock => ({ now, elapsed: now });
