/**
 * Does anybody still wait for this?
 *
 * Nobody does once the client of a request is gone, or the time for its answer is over; what requests share is wanted while
 * one of them waits. Nothing is begun that nobody wants: no call to an upstream, no evaluation, no next page. What has begun
 * ends by a deadline of its own. What changes something is always wanted: it must not stop halfway.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Once it is false, it stays false. */
export type IsWanted = () => boolean;

export const ALWAYS_WANTED: IsWanted = () => true;

const scope = new AsyncLocalStorage<IsWanted>();

/** Everything that `work` begins is wanted for this alone. */
export function whileWanted<T>(isWanted: IsWanted, work: () => Promise<T>): Promise<T> {
  return scope.run(isWanted, work);
}

/** For what is begun here. */
export function wantedHere(): IsWanted {
  return scope.getStore() ?? ALWAYS_WANTED;
}
