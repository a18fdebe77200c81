/**
 * How does a test act on the graph, and see what came of it?
 *
 * It sends one mutation as a client would, waits until the outbox has nothing left to do, and looks at what the upstream's
 * sandbox was asked to change.
 */
import { expect } from "vitest";
import type { Answer, TestDecibel } from "./decibel.ts";

/** Waits for nothing longer than a test may: an effect is tried again at once, the decision service soon. */
export const IMPATIENT = { OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: "1000", OPENTEXT_RECOVERY_MS: "50" };
/** Of a thing that is nowhere. */
export const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** What a mutation answers, by its field; null where it has failed. */
export type Acted<Payload> = Answer<Payload | null>;

/** Gives what stands below the mutation's field. */
export async function act<Payload>(
  { query }: Pick<TestDecibel, "query">,
  mutation: string,
  input: object,
  selection: string,
): Promise<Acted<Payload>> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await query<Readonly<Record<string, Payload>> | null>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) ${selection} }`,
    { input },
  );
  return { data: data?.[mutation] ?? null, errors };
}

/** The same mutation many times at once. */
export function race<Payload>(times: number, once: () => Promise<Acted<Payload>>): Promise<readonly Acted<Payload>[]> {
  return Promise.all(Array.from({ length: times }, once));
}

/** For what the outbox does: it looks for what failed every other second. */
export function eventually<Seen>(look: () => Seen | Promise<Seen>) {
  return expect.poll(look, { timeout: 8000, interval: 30 });
}

/** Until nothing is left that could be done now. */
export async function settled({ decibel }: Pick<TestDecibel, "decibel">): Promise<void> {
  await eventually(() => decibel.outbox.isIdle()).toBe(true);
}

export interface Write {
  /** `PATCH campaigns/9f1c… 200` */
  readonly call: string;
  readonly body: unknown;
}

/** What was to be changed in Spotify Ads since its log was last forgotten. */
export async function adsWrites({ sandbox }: Pick<TestDecibel, "sandbox">): Promise<readonly Write[]> {
  const { recent } = await sandbox("spotify-ads").calls();
  return recent
    .filter(({ method, path }) => method !== "GET" && String(path).includes("/ad_accounts/"))
    .map(({ method, path, status, body }) => ({
      call: `${String(method)} ${String(path).replace(/^.*\/ad_accounts\/[^/]+\//, "")} ${String(status)}`,
      body,
    }));
}

/** Those that Spotify took. */
export async function adsTook(graph: Pick<TestDecibel, "sandbox">): Promise<readonly Write[]> {
  return (await adsWrites(graph)).filter(({ call }) => / 2\d\d$/.test(call));
}
