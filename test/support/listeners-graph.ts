/** A whole Decibel for tests of the mutations about listeners, and the operations they share. */
import { expect } from "vitest";
import { z } from "zod";
import { listenerId } from "../../schema/id.ts";
import type { ListenerRecord } from "../../subgraphs/records/listeners/types.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { NOW, startTestDecibel } from "./decibel.ts";
import type { Answer, TestDecibel } from "./decibel.ts";
import { whole } from "./whole.ts";

export const UNKNOWN_LISTENER = listenerId.encode("unknown");

export interface ShownListener {
  readonly id: string;
  readonly consents: readonly { purpose: string; granted: boolean; recordedAt: string }[];
  readonly engagement: Readonly<Record<string, number | string | null>>;
  readonly segments: { readonly verdict: string; readonly segments: readonly string[] } | null;
  readonly lead: { readonly verdict: string; readonly route: string; readonly score: number } | null;
}

export interface ListenersGraph extends TestDecibel {
  /** The id of a listener that fits; each only once, so that tests do not share one. */
  pick(fits?: (listener: ListenerRecord) => boolean): string;
  recordConsent(input: object): Promise<Answer<{ recordConsent: { listener: ShownListener } } | null>>;
  recordEngagement(
    events: readonly object[],
  ): Promise<Answer<{ recordEngagement: { accepted: number; duplicates: number } } | null>>;
  routeLead(input: object): Promise<Answer<{ routeLead: { listener: ShownListener } } | null>>;
  read(id: string): Promise<ShownListener>;
  rows<Row>(statement: string): Promise<readonly Row[]>;
  outboxIsIdle(): Promise<void>;
  /** The leads that the CRM has accepted of a listener. */
  sentLeads(id: string): Promise<z.infer<typeof Leads>["leads"]>;
}

const LISTENER = `id consents { purpose granted recordedAt }
  engagement { listens skips follows playlistAdds ctaClicks lastAt }
  segments { verdict segments } lead { verdict route score queue }`;

const Leads = z.object({
  leads: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      timestamp: z.string(),
      data: z.record(z.string(), z.unknown()),
      duplicates: z.int(),
    }),
  ),
});

export const worldListeners: readonly ListenerRecord[] = whole(createWorld({ scale: 1, now: new Date(NOW) })).listeners
  .listeners;

export async function startListenersGraph(): Promise<ListenersGraph> {
  const graph = await startTestDecibel({ variables: { OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: "1000" } });
  const picked = new Set<string>();
  return {
    ...graph,
    pick(fits) {
      const free = worldListeners.filter(({ id }) => !picked.has(id));
      // The first listeners of the world are the rare cases: only a test that asks for one gets it.
      const found = fits ? free.find(fits) : free.at(-1);
      if (!found) throw new RangeError("the world has no such listener left");
      picked.add(found.id);
      return listenerId.encode(found.id);
    },
    recordConsent: (input) =>
      graph.query(
        `mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { listener { ${LISTENER} } } }`,
        { input },
      ),
    recordEngagement: (events) =>
      graph.query(
        "mutation ($input: RecordEngagementInput!) { recordEngagement(input: $input) { accepted duplicates } }",
        { input: { events } },
      ),
    routeLead: (input) =>
      graph.query(`mutation ($input: RouteLeadInput!) { routeLead(input: $input) { listener { ${LISTENER} } } }`, {
        input,
      }),
    async read(id) {
      const { data, errors } = await graph.query<{ listener: ShownListener }>(
        `query ($id: ID!) { listener(id: $id) { ${LISTENER} } }`,
        { id },
      );
      expect(errors).toEqual([]);
      return data.listener;
    },
    async rows<Row>(statement: string) {
      const { rows } = await graph.decibel.database.db.execute(statement);
      return rows as unknown as readonly Row[];
    },
    async outboxIsIdle() {
      await expect.poll(() => graph.decibel.outbox.isIdle(), { timeout: 30_000 }).toBe(true);
    },
    async sentLeads(id) {
      const response = await fetch(`${graph.sandbox("crm").origin}/sandbox/leads`);
      return Leads.parse(await response.json()).leads.filter(({ data }) => data["listenerId"] === id);
    },
  };
}

export function hasGranted({ consents }: ListenerRecord, purpose: string): boolean {
  return consents.some((consent) => consent.purpose === purpose && consent.granted);
}
