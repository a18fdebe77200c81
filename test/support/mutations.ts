/**
 * How does a test change the graph, and see the effects?
 *
 * It sends one mutation as a client would, waits until the outbox is idle, and reads the writes that the upstream's sandbox
 * received.
 */
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { campaignId } from "../../schema/id.ts";
import { evaluations } from "../../subgraphs/records/decisions/tables.ts";
import type { Decibel } from "../../subgraphs/decibel.ts";
import type { Outbox } from "../../subgraphs/records/outbox/outbox.ts";
import type { Answer, TestDecibel } from "./decibel.ts";

/** No backoff longer than a test may take: effects are retried at once, and the decision service is probed often. */
export const FAST_RETRIES = { OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: "1000", OPENTEXT_RECOVERY_MS: "50" };
/** The upstream id of nothing. */
export const MISSING_ID = "00000000-0000-4000-8000-000000000000";

/** The value of the mutation's field; null if it failed. */
export type MutationAnswer<Payload> = Answer<Payload | null>;

/** `mutation` is the field's name; its input type is derived from it. */
export async function mutate<Payload>(
  { query }: Pick<TestDecibel, "query">,
  mutation: string,
  input: object,
  selection: string,
): Promise<MutationAnswer<Payload>> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await query<Readonly<Record<string, Payload>> | null>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) ${selection} }`,
    { input },
  );
  return { data: data?.[mutation] ?? null, errors };
}

/** Sends the same mutation many times concurrently. */
export function race<Payload>(
  times: number,
  once: () => Promise<MutationAnswer<Payload>>,
): Promise<readonly MutationAnswer<Payload>[]> {
  return Promise.all(Array.from({ length: times }, once));
}

/** Polls for longer than the outbox takes to pick up a retry, which is two seconds, on a busy machine too. */
export function eventually<Value>(read: () => Value | Promise<Value>) {
  return expect.poll(read, { timeout: 30_000, interval: 30 });
}

/** Waits until no effect is due. */
export async function outboxIsIdle({
  decibel,
}: {
  readonly decibel: { readonly outbox: Pick<Outbox, "isIdle"> };
}): Promise<void> {
  await eventually(() => decibel.outbox.isIdle()).toBe(true);
}

/** The id that a campaign of the graph has in Spotify Ads. */
export const adsIdOf = (id: string): string => campaignId.decode(id)[0];

/** The ids of the evaluations of a subject in the ledger. */
export async function evaluationsOf(
  { decibel }: { readonly decibel: Pick<Decibel, "database"> },
  subject: string,
): Promise<readonly string[]> {
  const rows = await decibel.database.db.select().from(evaluations).where(eq(evaluations.subject, subject));
  return rows.map(({ id }) => id);
}

export interface Write {
  /** `PATCH campaigns/9f1c… 200` */
  readonly call: string;
  readonly body: unknown;
}

/** The writes that Spotify Ads received since its log was last cleared. */
export async function adsWrites({ sandbox }: Pick<TestDecibel, "sandbox">): Promise<readonly Write[]> {
  const { recent } = await sandbox("spotify-ads").calls();
  return recent
    .filter(({ method, path }) => method !== "GET" && String(path).includes("/ad_accounts/"))
    .map(({ method, path, status, body }) => ({
      call: `${String(method)} ${String(path).replace(/^.*\/ad_accounts\/[^/]+\//, "")} ${String(status)}`,
      body,
    }));
}

/** Those of them that Spotify Ads answered with 2xx. */
export async function acceptedAdsWrites(graph: Pick<TestDecibel, "sandbox">): Promise<readonly Write[]> {
  return (await adsWrites(graph)).filter(({ call }) => / 2\d\d$/.test(call));
}

/** The error of a mutation whose input has one invalid field. */
export const invalidField = (mutation: string, field: string, problem: string) => [
  {
    message: `Cannot ${mutation}: ${field} ${problem}`,
    path: [mutation],
    extensions: { code: "BAD_USER_INPUT", argument: "input", fields: { [field]: [problem] } },
  },
];
