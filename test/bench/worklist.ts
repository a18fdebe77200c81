/**
 * How long does a page of a worklist take, whatever its length?
 *
 * The whole path: a query over HTTP to the gateway, an embedded database and, where there is one, a PostgreSQL server. The
 * first 500 locations are the sandbox's, swept as always; the others are copies of their rows. Pages are read on from one
 * another, with their total; and with a decision of each location, which is made for the page.
 */
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { startDecibel } from "../../subgraphs/decibel.ts";
import { readEnvironment } from "../../subgraphs/platform/environment.ts";
import { worklist } from "../../subgraphs/records/locations/tables.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { asAdmin, urlOf } from "../support/database.ts";
import { ANY_PORTS, ask } from "../support/decibel.ts";

export interface WorklistFigures {
  readonly [database: string]: readonly PageFigures[];
}

/** Milliseconds. */
export interface PageFigures {
  readonly locations: number;
  readonly listed: number;
  readonly p50: number;
  readonly p99: number;
  readonly withDecisionsP50: number;
  readonly withDecisionsP99: number;
}

interface Page {
  readonly list: {
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const SIZES = [500, 5000, 50_000] as const;
const PAGES = 100;
/** Until code is compiled and connections are open. */
const WARM_UP = 30;
const DATABASE = "decibel_bench_worklist";

export async function benchWorklist(): Promise<WorklistFigures> {
  const embedded = await figuresOf({});
  try {
    await asAdmin(`drop database if exists ${DATABASE} with (force)`, `create database ${DATABASE}`);
  } catch {
    return { embedded };
  }
  try {
    return { embedded, server: await figuresOf({ DATABASE_URL: urlOf(DATABASE) }) };
  } finally {
    await asAdmin(`drop database if exists ${DATABASE} with (force)`);
  }
}

async function figuresOf(database: Readonly<Record<string, string>>): Promise<readonly PageFigures[]> {
  const environment = readEnvironment({ ...ANY_PORTS, ...database }, configurable);
  const decibel = await startDecibel(environment, pino({ enabled: false }));
  try {
    const figures: PageFigures[] = [];
    await timesOf(decibel.url, "id", WARM_UP);
    for (const size of SIZES) {
      await fill(decibel.database.db, size);
      const plain = await timesOf(decibel.url, "id name country", PAGES);
      const decided = await timesOf(decibel.url, "id name playback { verdict priority }", PAGES);
      figures.push({
        locations: await decibel.database.db.$count(worklist),
        listed: plain.listed,
        p50: at(plain.ms, 0.5),
        p99: at(plain.ms, 0.99),
        withDecisionsP50: at(decided.ms, 0.5),
        withDecisionsP99: at(decided.ms, 0.99),
      });
    }
    return figures;
  } finally {
    await decibel.stop();
  }
}

/** Copies of the locations that are there, with ids of their own. */
async function fill(db: Awaited<ReturnType<typeof startDecibel>>["database"]["db"], size: number): Promise<void> {
  const present = await db.$count(worklist);
  await db.execute(sql`insert into locations.worklist
    select location_id || copy, account_id, is_listed, priority, ends_at,
      replace(location, location_id, location_id || copy), as_of, due_at, error, revision
    from (select * from locations.worklist order by location_id limit 500) as present,
      generate_series(${present}::int, ${size - 1}::int, 500) as copy`);
}

async function timesOf(url: string, selection: string, pages: number) {
  const ms: number[] = [];
  let listed = 0;
  for (let after: string | null = null; ms.length < pages;) {
    const startedAt = performance.now();
    const answer: { readonly data: Page; readonly errors: readonly object[] } = await ask(
      url,
      `query ($after: String) { list: locationWorklist(first: 20, after: $after) {
        asOf totalCount nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    ms.push(performance.now() - startedAt);
    if (answer.errors.length > 0) throw new Error(JSON.stringify(answer.errors));
    const { totalCount, pageInfo } = answer.data.list;
    listed = totalCount;
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  }
  return { ms, listed };
}

/** In tenths of a millisecond. */
function at(all: readonly number[], share: number): number {
  const sorted = all.toSorted((left, right) => left - right);
  return Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
}
