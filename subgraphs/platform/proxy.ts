/**
 * Through which proxy are calls to an upstream sent?
 *
 * Through that of HTTPS_PROXY or HTTP_PROXY, in capitals or not, except for the hosts in NO_PROXY. What listens on this
 * machine is always called directly: the subgraphs and the sandboxes, which no proxy can reach.
 */
import { EnvHttpProxyAgent, Pool } from "undici";
import type { Dispatcher } from "undici";
import { variables as ofProcess } from "./environment.ts";
import type { Variables } from "./environment.ts";
import { isLoopback } from "./hosts.ts";

export function createPool(origin: string, options: Pool.Options, variables: Variables = ofProcess): Dispatcher {
  const of = (name: string): string => variables[name.toLowerCase()] || variables[name] || "";
  const [httpProxy, httpsProxy, noProxy] = [of("HTTP_PROXY"), of("HTTPS_PROXY"), of("NO_PROXY")];
  const isDirect = isLoopback(new URL(origin).hostname.replace(/^\[(.*)\]$/, "$1"));
  if (isDirect || (httpProxy === "" && httpsProxy === "")) return new Pool(origin, options);
  return new EnvHttpProxyAgent({ ...options, httpProxy, httpsProxy, noProxy });
}

/** What a proxy answered instead of connecting; undefined for any other error. */
export function refusalOfProxy(error: unknown): string | undefined {
  const [, status] = (error instanceof Error && /^Proxy response \((\d+)\)/.exec(error.message)) || [];
  return status === undefined ? undefined : `the proxy answered ${status}`;
}
