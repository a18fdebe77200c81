/**
 * Does any subgraph answer this gateway?
 *
 * While none does, it can answer nothing, and a balancer should prefer another one. While some do, it is as good as any: what
 * the others would say is null, with an error.
 */
import { request } from "undici";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";

const DEADLINE_MS = 2000;
/** For all of them, which are asked at once. */
export const SUBGRAPHS_DEADLINE_MS = DEADLINE_MS + 1000;

/** `routes`: subgraph name → the GraphQL endpoints of its replicas. Rejects with an UpstreamError. */
export async function assertAnyReachable(routes: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const origins = new Set(Object.values(routes).flatMap((urls) => urls.map((url) => new URL(url).origin)));
  try {
    await Promise.any(Array.from(origins, assertReachable));
  } catch (error) {
    throw new UpstreamError("subgraphs", "UNREACHABLE", "none of them can be reached", { cause: error });
  }
}

async function assertReachable(origin: string): Promise<void> {
  const { body } = await request(`${origin}/health`, { signal: AbortSignal.timeout(DEADLINE_MS) });
  await body.dump();
}
