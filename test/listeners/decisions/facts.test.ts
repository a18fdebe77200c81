import "reflect-metadata";
import { describe, expect, it } from "vitest";
import { segmentFacts } from "../../../subgraphs/listeners/decisions/audience-segment.ts";
import { leadFacts } from "../../../subgraphs/listeners/decisions/lead-routing.ts";
import { toListener } from "../../../subgraphs/listeners/services.ts";
import type { ConsentRecord, ListenerRecord } from "../../../subgraphs/records/listeners/types.ts";
import { createListeners } from "../../../subgraphs/sandbox/world/listeners.ts";
import { NOW } from "../../support/now.ts";
import { DAY_MS } from "../../support/times.ts";
import { whole } from "../../support/whole.ts";

const world = whole(createListeners({ scale: 1, now: new Date(NOW) })).listeners;

describe("the facts of a listener", () => {
  const [record = expect.fail("the world has no listeners")] = world;
  const engagement = { listens: 0, skips: 0, follows: 0, playlistAdds: 0, ctaClicks: 0, lastAt: null };
  const of = (change: Partial<ListenerRecord>) => toListener({ ...record, consents: [], ...change });

  it("are unknown, 9999 days and no skips if nothing is recorded", () => {
    const empty = of({ engagement, region: null, industry: null, productInterest: null });
    expect(segmentFacts(empty, NOW)).toMatchObject({
      consent: false,
      skip_rate: 0,
      region: "unknown",
      days_since_last: 9999,
    });
    expect(leadFacts(empty)).toMatchObject({
      consent: false,
      engagement: 0,
      industry: "unknown",
      product_interest: "unknown",
    });
  });

  it("take the consent to profiling for audiences, and to marketing for leads", () => {
    const consentFacts = (purpose: ConsentRecord["purpose"]) => {
      const listener = of({ consents: [{ purpose, granted: true, recordedAt: new Date(NOW) }] });
      return [segmentFacts(listener, NOW).consent, leadFacts(listener).consent];
    };
    expect([consentFacts("PROFILING"), consentFacts("MARKETING"), consentFacts("PERSONALISATION")]).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  it("express skips as a percentage of the listens, at most 100", () => {
    const rate = (listens: number, skips: number): number =>
      segmentFacts(of({ engagement: { ...engagement, listens, skips } }), NOW).skip_rate;
    expect([rate(8, 3), rate(3, 3), rate(2, 5)]).toEqual([37.5, 100, 100]);
  });

  it("count whole days since the latest event, and 0 for one in the future", () => {
    const days = (lastAt: Date): number =>
      segmentFacts(of({ engagement: { ...engagement, lastAt } }), NOW).days_since_last;
    expect([days(new Date(NOW - DAY_MS + 1)), days(new Date(NOW - DAY_MS)), days(new Date(NOW + 9 * DAY_MS))]).toEqual([
      0, 1, 0,
    ]);
  });

  it("weigh engagement as an integer, at most 100", () => {
    const weight = (listens: number, follows: number, playlistAdds: number): number =>
      leadFacts(of({ engagement: { ...engagement, listens, follows, playlistAdds } })).engagement;
    expect([weight(9, 1, 1), weight(0, 0, 0), weight(4000, 9, 9)]).toEqual([8, 0, 100]);
  });
});
