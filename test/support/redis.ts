/** Which Redis do tests use? That of `CACHE_URL`, else a local one. Without one, its tests are skipped; in CI that is an error. */
import { connect } from "node:net";

// oxlint-disable-next-line node/no-process-env -- the machine configures the servers for tests
const { CACHE_URL, CI } = process.env;
const CONNECT_TIMEOUT_MS = 5000;

/** undefined if none listens. */
export async function redisForTests(): Promise<URL | undefined> {
  const url = new URL(CACHE_URL || "redis://127.0.0.1:6379/15");
  if (await listens(url)) return url;
  if (CI) throw new Error(`Cannot test the shared cache: no Redis at ${url.href}`);
  // oxlint-disable-next-line no-console -- a skipped suite must be visible
  console.warn(`SKIPPED: the tests of the shared cache, because there is no Redis at ${url.href}`);
  return undefined;
}

function listens({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 6379), timeout: CONNECT_TIMEOUT_MS });
    const end = (listening: boolean) => (): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
