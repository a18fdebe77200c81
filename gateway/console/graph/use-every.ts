/** What is done again and again, as long as the page is seen? What nobody tells of is asked for anew. */
import { useEffect } from "preact/hooks";

/** Milliseconds for what others change and no event tells. */
export const SOON_MS = 30_000;

/** `everyMs`: never where it is undefined. `act` must be the same function each time. */
export function useEvery(everyMs: number | undefined, act: () => void): void {
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => !document.hidden && act(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, act]);
}
