/** What does a test of writes need? To know what a sandbox was asked, to break it, and to see what went wrong. */
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream.ts";

/** Each request since the last time this was asked, tokens aside, as `PATCH campaigns 200`: without prefix and query. */
export async function calls({ app }: Sandbox, prefix: string): Promise<readonly string[]> {
  const { recent } = (await app.inject("/sandbox/calls")).json<{
    recent: { method: string; path: string; status: number }[];
  }>();
  await app.inject({ method: "DELETE", url: "/sandbox/calls" });
  return recent
    .filter(({ path }) => path !== "/api/token")
    .map(({ method, path, status }) => `${method} ${path.replace(/\?.*/, "").replace(prefix, "")} ${status}`);
}

/** Nothing befalls it any more where the faults are left out. */
export async function faults({ app }: Sandbox, body: object = {}): Promise<void> {
  await app.inject({ method: "PUT", url: "/sandbox/faults", payload: body });
}

/** The upstream does it, and whoever asked for it never learns: what a crash right after a request looks like. */
export const LOST = { body: "reset", only: "write" };

/** A `random` by which a fault with a share of 0.5 befalls the requests of these places, the first being 1. */
export function befalling(...places: readonly number[]): () => number {
  let place = 0;
  return () => (places.includes((place += 1)) ? 0 : 0.9);
}

export async function failure(asked: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpstreamError)) throw new Error(`expected an UpstreamError but got ${String(error)}`);
  return error;
}
