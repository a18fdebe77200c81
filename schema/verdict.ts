/** Which verdicts and origins can a decision have? Plain values, so that deciding does not depend on GraphQL. */

export const Verdict = { ALLOW: "ALLOW", REVIEW: "REVIEW", DENY: "DENY" } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Of the rules that match, the severest decides. */
export const SEVEREST_FIRST: readonly Verdict[] = [Verdict.DENY, Verdict.REVIEW, Verdict.ALLOW];

export function isVerdict(value: unknown): value is Verdict {
  return SEVEREST_FIRST.some((verdict) => verdict === value);
}

export const Origin = {
  SERVICE: "SERVICE",
  CACHE: "CACHE",
  EQUIVALENT: "EQUIVALENT",
  STALE: "STALE",
  LOCAL: "LOCAL",
} as const;
export type Origin = (typeof Origin)[keyof typeof Origin];
