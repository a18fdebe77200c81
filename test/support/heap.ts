/** How much memory is still needed, once everything that is not has been collected? */
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";

/** In megabytes. Collects first, which takes a moment. */
export function heapMb(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1e6;
}
