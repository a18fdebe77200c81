/**
 * Does the gateway answer?
 *
 * Where it does not, the page says so, keeps what it shows, and tries again until it does: once something answers at its
 * address, all that is shown is asked for anew, because it may have changed meanwhile. Only an answer of the graph ends it, so
 * that something else that answers is not asked without a pause.
 */
import { createStore } from "../parts/store.ts";

export const isOnline = createStore(true);

/** Increased when all that is shown has to be asked for again. */
export const epoch = createStore(0);

const FIRST_MS = 500;
const LONGEST_MS = 10_000;
/** For a few bytes: a gateway that takes longer hangs. */
const PATIENCE_MS = 5000;
let wait = FIRST_MS;
let isTrying = false;
/** All that is shown was asked for since it was lost. */
let isAsked = false;

/** A request has not reached it. */
export function lost(): void {
  if (isOnline.get()) isAsked = false;
  isOnline.set(false);
  if (!isTrying) void tryAgain();
}

/** What reached it does not any more, which may be of that alone. */
export function doubt(): void {
  if (isOnline.get()) void answers().then((isThere) => isThere || lost());
}

/** The graph has answered. */
export function reached(): void {
  wait = FIRST_MS;
  if (isOnline.get()) return;
  isOnline.set(true);
  if (!isAsked) refresh();
}

export function refresh(): void {
  epoch.set(epoch.get() + 1);
}

async function tryAgain(): Promise<void> {
  isTrying = true;
  while (!isOnline.get()) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(2 * wait, LONGEST_MS);
    isAsked = !isOnline.get() && (await answers());
    if (isAsked) refresh();
  }
  isTrying = false;
}

/** Whatever it answers. */
function answers(): Promise<boolean> {
  return fetch("/ready", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) }).then(
    () => true,
    () => false,
  );
}
