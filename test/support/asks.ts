/** What tests of deciding ask, and how many calls it may cost. */
import { expect } from "vitest";

/** Subject and caller of an ask, for tests that do not depend on them. */
export const SUBJECT = "subject_1";
export const BY = { subject: SUBJECT, caller: "test" } as const;

/** Calls are bounded by the classes that were asked: two for each, and one for each value that no other ask had. */
export function expectFew(calls: number, classes: number): void {
  expect(calls).toBeGreaterThanOrEqual(classes);
  expect(calls).toBeLessThanOrEqual(3 * classes);
}
