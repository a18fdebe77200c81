/** Patience: what an upstream asks for, and for how long it is remembered. */
import { expect, it } from "vitest";
import { createPatience } from "../../subgraphs/platform/patience.ts";

const DAY_MS = 86_400_000;

it("is asked until the latest time that the upstream gave", () => {
  let now = 1000;
  const patience = createPatience({ now: () => now });
  expect(patience.leftMs("/a")).toBe(0);
  patience.asked("/a", 5000);
  patience.asked("/a", 2000);
  expect(patience.leftMs("/b")).toBe(5000);
  now += 4999;
  expect(patience.leftMs("/a")).toBe(1);
  now += 1;
  expect(patience.leftMs("/a")).toBe(0);
});

it("is asked for each limit of its own", () => {
  const patience = createPatience({ now: () => 0, limitOf: (path) => path.split("/")[1] ?? "" });
  patience.asked("/reports/1", 5000);
  expect([patience.leftMs("/reports/2"), patience.leftMs("/campaigns")]).toEqual([5000, 0]);
});

it("ends after a day, also if the clock is set back", () => {
  let now = 10 * DAY_MS;
  const patience = createPatience({ now: () => now });
  patience.asked("/a", 90 * DAY_MS);
  expect(patience.leftMs("/a")).toBe(DAY_MS);
  now -= 5 * DAY_MS;
  expect(patience.leftMs("/a")).toBe(DAY_MS);
});
