/** How is elapsed time measured if the system's clock may be set? */

/** Milliseconds since an arbitrary start; they never decrease. */
export function monotonic(): number {
  return performance.now();
}
