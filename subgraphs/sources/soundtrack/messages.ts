/**
 * What does an error of Soundtrack mean that has no code?
 *
 * The documented ones have only a message: `Forbidden`. It then counts as the code that it is worded like.
 */

const MEANINGS: readonly (readonly [message: RegExp, code: string])[] = [
  [/rate.?limit|too many requests|throttl/i, "RATE_LIMITED"],
  [/unauthenticated|not authenticated|unauthori[sz]ed|invalid (?:credentials|token)/i, "UNAUTHENTICATED"],
  [/forbidden|permission|access denied|not allowed/i, "FORBIDDEN"],
  [/not.?found|does ?n[o']t exist|no such/i, "NOT_FOUND"],
  [/internal|server error|unavailable|timed? ?out/i, "INTERNAL_SERVER_ERROR"],
];

/** `UNKNOWN` for a message that says none of them. */
export function codeOf(message: string): string {
  return MEANINGS.find(([pattern]) => pattern.test(message))?.[1] ?? "UNKNOWN";
}
