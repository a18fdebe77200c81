/**
 * Does the gateway answer?
 *
 * Where it does not, the page says so, keeps what it shows, and tries again until it does; then everything that is shown is
 * asked for anew, because it may have changed meanwhile.
 */
import { createStore } from "../parts/store.ts";

export const isOnline = createStore(true);

/** Increased when all that is shown has to be asked for again. */
export const epoch = createStore(0);

const FIRST_MS = 500;
const LONGEST_MS = 5000;
let isTrying = false;

/** A request has not reached it. */
export function lost(): void {
  isOnline.set(false);
  if (!isTrying) void tryAgain();
}

/** What reached it does not any more, which may be of that alone. */
export function doubt(): void {
  if (isOnline.get()) void isReady().then((ready) => ready || lost());
}

/** A request has. */
export function reached(): void {
  if (isOnline.get()) return;
  isOnline.set(true);
  refresh();
}

export function refresh(): void {
  epoch.set(epoch.get() + 1);
}

async function tryAgain(): Promise<void> {
  isTrying = true;
  for (let wait = FIRST_MS; !isOnline.get(); wait = Math.min(2 * wait, LONGEST_MS)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (await isReady()) reached();
  }
  isTrying = false;
}

function isReady(): Promise<boolean> {
  return fetch("/ready", { cache: "no-store" }).then(
    ({ ok }) => ok,
    () => false,
  );
}
