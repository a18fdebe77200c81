/**
 * Through which proxy are calls to an upstream sent?
 *
 * Through that of HTTPS_PROXY or HTTP_PROXY, in capitals or not, except for the hosts in NO_PROXY. What listens on this
 * machine is always called directly: the subgraphs and the sandboxes, which no proxy can reach.
 */
import { BlockList, isIP } from "node:net";
import { Pool, ProxyAgent } from "undici";
import type { Dispatcher } from "undici";
import { variables as ofProcess } from "./environment.ts";
import type { Variables } from "./environment.ts";
import { isLoopback } from "./hosts.ts";
import { basicOf } from "./upstream-settings.ts";

export interface Proxy {
  readonly url: string;
  /** The variable that names it. */
  readonly variable: string;
}

/** undefined where the origin is called directly. */
export function proxyOf(origin: string, variables: Variables = ofProcess): Proxy | undefined {
  const of = (name: string): string => variables[name.toLowerCase()] || variables[name] || "";
  const url = new URL(origin);
  const host = nameOf(url.hostname);
  if (
    isLoopback(host) ||
    of("NO_PROXY")
      .split(/[,\s]+/)
      .some((exception) => isExcepted(url, host, exception))
  )
    return undefined;
  const names = url.protocol === "https:" ? ["HTTPS_PROXY", "HTTP_PROXY"] : ["HTTP_PROXY"];
  const variable = names.find((name) => of(name) !== "");
  return variable === undefined ? undefined : { url: of(variable), variable };
}

export interface PoolOptions extends Pool.Options {
  /** Of a connection, and of the proxy's answer to the request for one. */
  readonly timeoutMs: number;
}

export function createPool(
  origin: string,
  proxy: Proxy | undefined,
  { timeoutMs, ...options }: PoolOptions,
): Dispatcher {
  const connect = { timeout: timeoutMs };
  if (proxy === undefined) return new Pool(origin, { ...options, connect });
  // The library sends no password without a user.
  const token = basicOf(new URL(proxy.url));
  return new ProxyAgent({
    ...options,
    uri: proxy.url,
    ...(token !== undefined && { token }),
    requestTls: connect,
    proxyTls: connect,
    factory: (to, given: Pool.Options) => new Pool(to, { ...options, ...given }),
    clientFactory: (to, given: Pool.Options) => new Pool(to, { ...given, headersTimeout: timeoutMs }),
  });
}

/** What failed between here and the upstream, for people. `code` is that of the connection's error. */
export function failureOfConnection(error: unknown, code: string, proxy: Proxy | undefined): string {
  if (proxy === undefined) return `the connection failed (${code})`;
  const [, status] = (error instanceof Error && REFUSAL.exec(error.message)) || [];
  if (status === undefined) return `the connection through the proxy of ${proxy.variable} failed (${code})`;
  const remedy = status === "407" ? ": it wants another user and password" : "";
  return `the proxy of ${proxy.variable} answered ${status}${remedy}`;
}

/** For https, and for http. */
const REFUSAL = /^Proxy (?:response|Authentication Required) \((\d+)\)/;

/** Whether a part of NO_PROXY means this host: `.example`, `*.example`, `host:port`, `10.0.0.0/8`, `*`. */
function isExcepted({ port, protocol }: URL, host: string, exception: string): boolean {
  const [, given = exception, only] =
    /^\[(.*)\](?::(\d+))?$/.exec(exception) ?? /^([^:]+)(?::(\d+))?$/.exec(exception) ?? [];
  const own = port || (protocol === "https:" ? "443" : "80");
  if (given === "" || (only !== undefined && only !== own)) return false;
  if (given === "*") return true;
  if (isIP(host) > 0) return isInNetwork(host, given);
  const name = nameOf(given.replace(/^\*?\./, ""));
  return host.endsWith(`.${name}`) || (host === name && !given.startsWith("*"));
}

function isInNetwork(address: string, network: string): boolean {
  const [base = "", bits] = network.split("/");
  const family = isIP(base);
  const longest = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : /^\d+$/.test(bits) ? Number(bits) : Infinity;
  if (family === 0 || family !== isIP(address) || prefix > longest) return false;
  const kind = family === 6 ? "ipv6" : "ipv4";
  const networks = new BlockList();
  networks.addSubnet(base, prefix, kind);
  return networks.check(address, kind);
}

/** As it is compared: without the brackets of an address, and the last dot of a name. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/(.)\.$/, "$1");
}
