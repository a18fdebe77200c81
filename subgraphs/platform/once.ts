/**
 * How is something made once in an upstream that cannot tell a repeat from a second one?
 *
 * Whoever makes it looks for it first. But lists lag: after a write whose outcome is unknown, or that succeeded a moment ago,
 * it may be there and not be listed yet. So the write itself goes through a `Once`, which knows the earlier attempts.
 */

/** Writes, unless an earlier write of this key may not be listed yet: then it rejects, and the caller looks again later. */
export type Once = <T>(key: string, write: () => Promise<T>) => Promise<T>;

/** For a caller that repeats nothing. */
export const withoutRepeats: Once = (_key, write) => write();
