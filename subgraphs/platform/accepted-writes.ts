/**
 * When did an upstream last accept a write of this process?
 *
 * An effect that is refused while others are accepted is refused for what it is, not for our account.
 */
import { monotonic } from "./clock.ts";

export interface AcceptedWrites {
  note(): void;
  /** Milliseconds since the last one; undefined before the first. */
  agoMs(): number | undefined;
}

/** `now` in milliseconds; default monotonic. */
export function createAcceptedWrites(now: () => number = monotonic): AcceptedWrites {
  let at: number | undefined;
  return {
    note() {
      at = now();
    },
    agoMs: () => (at === undefined ? undefined : now() - at),
  };
}
