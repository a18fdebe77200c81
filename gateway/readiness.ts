/**
 * Can this process do all that clients may ask of it?
 *
 * `/ready` says so, or why not, within a bounded time. Probes that come meanwhile share one check: they may be many, and
 * what they check is in trouble when they are.
 */

/** Gives the reason why not; undefined if it can. Never rejects. */
export type Readiness = () => Promise<string | undefined>;

const DEADLINE_MS = 3000;

/** `check` rejects with an Error for operators. */
export function createReadiness(check: () => Promise<void>, deadlineMs: number = DEADLINE_MS): Readiness {
  let current: Promise<string | undefined> | undefined;
  return () => {
    current ??= reason().finally(() => (current = undefined));
    return current;
  };

  async function reason(): Promise<string | undefined> {
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve(`no answer within ${deadlineMs} ms`), deadlineMs);
    const checked = check().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return Promise.race([checked, late.promise]).finally(() => clearTimeout(timer));
  }
}

export const ALWAYS_READY: Readiness = async () => undefined;

/** For clients who may only know that it is not. */
export function withoutReason(readiness: Readiness): Readiness {
  return async () => ((await readiness()) === undefined ? undefined : "not everything that is needed can be reached");
}
