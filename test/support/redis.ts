/**
 * Where is the Redis for tests, if there is one? `CACHE_URL` says, else it is looked for on this machine. Where there is none,
 * the tests that need it are left out, loudly; in CI that is an error.
 */
import { connect } from "node:net";

// oxlint-disable-next-line node/no-process-env -- where the servers for tests are is the machine's to say
const { CACHE_URL, CI } = process.env;
const PATIENCE_MS = 5000;

/** Undefined where nobody listens. */
export async function redisForTests(): Promise<URL | undefined> {
  const url = new URL(CACHE_URL || "redis://127.0.0.1:6379/15");
  if (await listens(url)) return url;
  if (CI) throw new Error(`Cannot test the shared cache: no Redis at ${url.href}`);
  // oxlint-disable-next-line no-console -- loud on purpose
  console.warn(`LEFT OUT: the tests of the shared cache, for want of a Redis at ${url.href}`);
  return undefined;
}

function listens({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 6379), timeout: PATIENCE_MS });
    const end = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
