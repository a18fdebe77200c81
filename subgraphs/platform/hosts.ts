/**
 * By which names may a client call a server?
 *
 * A page can point its own site's name at the address of a server on a private network (DNS rebinding): a browser then
 * takes the server for that site, and lets the page read every answer. Its requests still name that site in `Host`. So a
 * server that only its own machine can reach answers to `localhost`, to addresses, and to the names that it is given.
 */
import { isIP, isIPv4 } from "node:net";
import type { IncomingHttpHeaders } from "node:http";

/** `*` among the names allows any. A request without `Host` is from no browser. */
export function isAllowedHost({ host }: IncomingHttpHeaders, names: readonly string[]): boolean {
  if (host === undefined || names.includes("*")) return true;
  const name = host.replace(/:\d*$/, "").toLowerCase();
  if (isIP(name.replace(/^\[(.*)\]$/, "$1")) > 0) return true;
  return name === "localhost" || name.endsWith(".localhost") || names.includes(name);
}

/** Several are refused: a proxy may have read another one of them. `rawHeaders`: names and values in turn. */
export function hasOneHost(rawHeaders: readonly string[]): boolean {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host").length <= 1;
}

/** Whether only its own machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
