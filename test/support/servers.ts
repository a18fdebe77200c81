/** Which servers does this process start? For tests that look at their connections or close them. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server } from "node:net";

const LISTENING = "tracing:net.server.listen:asyncEnd";

/** The servers that begin to listen after this call, until `cleanups` run. */
export function collectServers(cleanups: (() => unknown)[]): readonly Server[] {
  const servers: Server[] = [];
  const add = (message: unknown): void => void servers.push((message as { readonly server: Server }).server);
  subscribe(LISTENING, add);
  cleanups.push(() => unsubscribe(LISTENING, add));
  return servers;
}
