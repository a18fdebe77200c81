/**
 * How long after a change is a subscriber told of it, and is it told exactly what asking again would tell?
 *
 * 1,000 changes (consents, licences, versions of tables), one after the other, and 500 subjects that one subscriber watches over
 * server-sent events. The delay is from before a change is sent until its last event has arrived.
 */
import { pino } from "pino";
import { startDecibel } from "../../subgraphs/decibel.ts";
import { readEnvironment } from "../../subgraphs/platform/environment.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { asAdmin, urlOf } from "../support/database.ts";
import { ANY_PORTS, ask } from "../support/decibel.ts";
import { overSse } from "../support/live.ts";
import type { Subscribed } from "../support/live.ts";
import { askAgain, change, watchedIn } from "../support/live-changes.ts";
import type { Graph } from "../support/live-changes.ts";
import { createRandom } from "../support/random.ts";

export interface LiveFigures {
  readonly database: "server" | "embedded";
  readonly changes: number;
  readonly subjects: number;
  /** Events that asking again would tell. */
  readonly expected: number;
  readonly missing: number;
  readonly wrong: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

const CHANGES = 1000;
const SUBJECTS = 500;
const VERSIONS = 0.03;
const PATIENCE_MS = 5000;
const DATABASE = "decibel_bench_live";

export async function benchLive(): Promise<LiveFigures> {
  try {
    await asAdmin(`drop database if exists ${DATABASE} with (force)`, `create database ${DATABASE}`);
  } catch {
    return figuresOf("embedded", {});
  }
  try {
    return await figuresOf("server", { DATABASE_URL: urlOf(DATABASE) });
  } finally {
    await asAdmin(`drop database if exists ${DATABASE} with (force)`);
  }
}

interface Event {
  readonly id: string;
  readonly previous: string | null;
  readonly verdict: string;
}

async function figuresOf(
  database: LiveFigures["database"],
  variables: Readonly<Record<string, string>>,
): Promise<LiveFigures> {
  const given = { ...ANY_PORTS, DECISIONS_VERIFY_SHARE: "0", OPENTEXT_REQUESTS_PER_SECOND: "1000", ...variables };
  const decibel = await startDecibel(readEnvironment(given, configurable), pino({ enabled: false }));
  try {
    const graph: Graph = { decibel, query: (text, sent) => ask(decibel.url, text, sent) };
    const watched = await watchedIn(graph, SUBJECTS);
    const { campaignId, listeners, locations } = watched;
    const last: Record<string, string | null> = { ...(await askAgain(graph, watched)) };
    const query = `subscription ($ids: [ID!]!, $campaignId: ID) {
      eligibilityChanged(ids: $ids, campaignId: $campaignId) { id previous verdict }
    }`;
    const subscriber = await overSse(decibel.url, query, {
      variables: { ids: [...listeners, ...locations], campaignId },
    });
    const random = createRandom(1);
    const expected: Event[] = [];
    const delays: number[] = [];
    for (let n = 0; n < CHANGES; n += 1) {
      const startedAt = performance.now();
      const { touched } = await change(graph, watched, random, VERSIONS);
      const before = expected.length;
      for (const [id, verdict] of Object.entries(await askAgain(graph, touched))) {
        if (verdict === null || verdict === last[id]) continue;
        expected.push({ id, previous: last[id] ?? null, verdict });
        last[id] = verdict;
      }
      if (expected.length === before) continue;
      await toldBy(subscriber, expected.length);
      delays.push((subscriber.toldAt[expected.length - 1] ?? performance.now()) - startedAt);
    }
    // One too many would come about now.
    await toldBy(subscriber, expected.length + 1, 1000);
    const told = subscriber.told.map(({ data }) => JSON.stringify(data?.["eligibilityChanged"]));
    subscriber.leave();
    const texts = expected.map((event) => JSON.stringify(event));
    const sorted = delays.toSorted((left, right) => left - right);
    const at = (share: number): number => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
    return {
      database,
      changes: CHANGES,
      subjects: listeners.length + locations.length,
      expected: texts.length,
      missing: without(texts, told),
      wrong: without(told, texts),
      p50: at(0.5),
      p95: at(0.95),
      max: at(1),
    };
  } finally {
    await decibel.stop();
  }
}

/** Resolves when so many were told, or when it waits no longer. */
async function toldBy({ told }: Subscribed, count: number, patienceMs = PATIENCE_MS): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (told.length < count && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** How many of the texts the others do not have. */
function without(texts: readonly string[], others: readonly string[]): number {
  const left = new Map<string, number>();
  for (const text of others) left.set(text, (left.get(text) ?? 0) + 1);
  return texts.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  }).length;
}
