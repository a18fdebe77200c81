/** How much time has passed, whatever somebody sets the system's clock to? */

/** Milliseconds that only ever go forward; their zero means nothing. */
export function monotonic(): number {
  return performance.now();
}
