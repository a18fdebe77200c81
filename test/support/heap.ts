/** How much memory is in use after garbage collection? */
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";

/** In megabytes. */
export function heapMb(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1e6;
}
