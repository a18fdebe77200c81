/**
 * Does anybody wait for this call?
 *
 * What is read behind the back of whoever asked gives way to what a client waits for: near an upstream's limit it is left
 * out.
 */
import { AsyncLocalStorage } from "node:async_hooks";

const background = new AsyncLocalStorage<true>();

/** Everything that `work` asks for counts as asked by nobody who waits. */
export function inBackground<T>(work: () => Promise<T>): Promise<T> {
  return background.run(true, work);
}

export function isInBackground(): boolean {
  return background.getStore() === true;
}
