import { describe, expect, it } from "vitest";
import { grantedPurposes, latestConsents, refusedPurposes } from "../../../subgraphs/listeners/consents/consents.ts";
import type { ConsentRecord } from "../../../subgraphs/records/listeners/types.ts";
import { NOW } from "../../support/now.ts";
import { DAY_MS } from "../../support/times.ts";

describe("the consents of a listener", () => {
  const answer = (
    granted: boolean,
    daysAgo: number,
    purpose: ConsentRecord["purpose"] = "MARKETING",
  ): ConsentRecord => ({
    purpose,
    granted,
    recordedAt: new Date(NOW - daysAgo * DAY_MS),
  });

  it("are the latest answer for each purpose, in any order of the records", () => {
    const latest = latestConsents([
      answer(true, 1),
      answer(false, 9),
      answer(true, 8, "PROFILING"),
      answer(false, 2, "PROFILING"),
    ]);
    expect(latest).toEqual([answer(true, 1), answer(false, 2, "PROFILING")]);
    expect([grantedPurposes(latest), refusedPurposes(latest)]).toEqual([["MARKETING"], ["PROFILING"]]);
  });

  it.each([[[true, false]], [[false, true]]])("are refused if two answers %j have the same time", (answers) => {
    expect(latestConsents(answers.map((granted) => answer(granted, 3)))).toEqual([answer(false, 3)]);
  });

  it("are neither granted nor refused without an answer", () => {
    expect([grantedPurposes([]), refusedPurposes([])]).toEqual([[], []]);
  });
});
