/** How does a test make a sandbox fail, and see what it was sent? */
import type { Faults, Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";

/** Each request since the last call of this, except token requests, as `PATCH campaigns 200`, without prefix and query. */
export async function calls({ app }: Sandbox, prefix: string): Promise<readonly string[]> {
  const { recent } = (await app.inject("/sandbox/calls")).json<{
    recent: { method: string; path: string; status: number }[];
  }>();
  await app.inject({ method: "DELETE", url: "/sandbox/calls" });
  return recent
    .filter(({ path }) => path !== "/api/token")
    .map(({ method, path, status }) => `${method} ${path.replace(/\?.*/, "").replace(prefix, "")} ${status}`);
}

export async function misbehave({ app }: Pick<Sandbox, "app">, faults: Faults): Promise<void> {
  await app.inject({ method: "PUT", url: "/sandbox/faults", payload: faults });
}

export async function behave({ app }: Pick<Sandbox, "app">): Promise<void> {
  await app.inject({ method: "DELETE", url: "/sandbox/faults" });
}

/** The upstream executes the write, but its response is lost: like a crash right after a request. */
export const LOST: Faults = { body: "reset", only: "write" };

/** The upstream executes the write, but something before it answers 503. */
export const CARRIED_OUT: Faults = { status: 503, carriedOut: true, only: "write" };

/** A `random` by which a fault with a share of 0.5 affects exactly these requests, counted from 1. */
export function befalling(...indices: readonly number[]): () => number {
  let index = 0;
  return () => (indices.includes((index += 1)) ? 0 : 0.9);
}

export async function failure(work: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpstreamError)) throw new Error(`expected an UpstreamError but got ${String(error)}`);
  return error;
}
