/** The time at which the clock of tests stands. */
export const NOW = Date.parse("2026-03-10T12:00:00Z");
