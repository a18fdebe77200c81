/** What can a decision say, and where can its answer come from? Plain words, so that deciding needs no GraphQL. */

export const Verdict = { ALLOW: "ALLOW", REVIEW: "REVIEW", DENY: "DENY" } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export const Origin = {
  SERVICE: "SERVICE",
  CACHE: "CACHE",
  EQUIVALENT: "EQUIVALENT",
  STALE: "STALE",
  LOCAL: "LOCAL",
} as const;
export type Origin = (typeof Origin)[keyof typeof Origin];
