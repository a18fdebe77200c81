/** `Retry-After`: what is a delay, and what is none. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { comeBackAfter, retryAfter } from "../../subgraphs/platform/http-reply.ts";

beforeEach(() => vi.useFakeTimers({ now: Date.parse("2026-03-01T12:00:00Z") }));
afterEach(() => vi.useRealTimers());

it.each([
  ["0", 0],
  ["7", 7000],
  [" 7 ", 7000],
  ["Sun, 01 Mar 2026 12:00:30 GMT", 30_000],
  ["Sunday, 01-Mar-26 12:00:30 GMT", 30_000],
] as const)("a Retry-After of %j is a delay", (header, ms) => {
  expect(retryAfter(header)).toBe(ms);
});

it.each([
  ["eight hours ahead", "Sun, 01 Mar 2026 20:00:00 GMT", "Sun, 01 Mar 2026 20:00:30 GMT"],
  ["eight hours behind", "Sun, 01 Mar 2026 04:00:00 GMT", "Sun, 01 Mar 2026 04:00:30 GMT"],
])("a date in Retry-After counts from that of the reply, where its clock is %s", (_how, date, header) => {
  expect(retryAfter(header, date)).toBe(30_000);
});

it.each([
  undefined,
  "",
  "1, 2",
  ["1", "2"],
  "-1",
  "+1",
  "0.5",
  "1e3",
  "0x10",
  "Infinity",
  "soon",
  "9".repeat(400),
  "2026-03-01T12:00:30Z",
  "Mar 2",
  "Sun, 01 Mar 2026 11:59:59 GMT",
  "Sun, 01 Mar 2026 12:00:00 GMT",
  "Sun, 99 Mar 2026 12:00:00 GMT",
  "Sun, 01 Foo 2026 12:00:30 GMT",
  "Sun, 01 Mar 2026 12:00:30 GMT, 5",
])("a Retry-After of %j is none", (header) => {
  expect(retryAfter(header)).toBeUndefined();
});

it.each([
  ["Retry-After", 503, { "retry-after": "7200" }, 7_200_000],
  ["X-RateLimit-Reset in seconds", 429, { "x-ratelimit-reset": "17" }, 17_000],
  ["X-RateLimit-Reset as a time", 429, { "x-ratelimit-reset": "1772366460" }, 60_000],
  ["X-RateLimit-Reset as a time that is over", 429, { "x-ratelimit-reset": "1772366000" }, 0],
  ["Retry-After before X-RateLimit-Reset", 429, { "retry-after": "9", "x-ratelimit-reset": "17" }, 9000],
  ["nothing of a failure that is not about the rate", 500, { "x-ratelimit-reset": "17" }, undefined],
  ["nothing without a header", 429, {}, undefined],
] as const)("when to come back follows from %s", (_what, status, headers, ms) => {
  expect(comeBackAfter(status, headers)).toBe(ms);
});
