/**
 * Which addresses are counted as one?
 *
 * With IPv6 everybody has at least 2 ^ 64 of them, which begin with the same four groups: a client with a new address for each
 * request is still one. An address of IPv4 counts for itself, also where a server that listens to both writes it as IPv6.
 */
import { isIPv6 } from "node:net";

const GROUPS = 8;
const OF_NETWORK = 4;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** `address` as Node writes that of a socket. */
export function networkOf(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  // Of a link-local address, behind `%` stands the interface. `::` is as many groups of zeros as are missing.
  const [before = [], after = []] = (address.split("%")[0] ?? "").split("::").map(groupsOf);
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].slice(0, OF_NETWORK).join(":");
}

function groupsOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(":");
}
