/**
 * Is every acknowledged mutation stored once, and did every effect reach its upstream once?
 *
 * The records are read from the database, and the state of each upstream through its public API. Over 200 lines,
 * because it has a query for each kind of record and upstream.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { z } from "zod";
import { campaignId, episodeId, listenerId } from "../../schema/id.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import type { Sandboxes } from "../../subgraphs/sandboxes.ts";
import type { Kind, Mutation } from "./mutations.ts";
import { timeOf } from "./mutations.ts";

export interface CrashResult {
  readonly database: Database;
  readonly sandboxes: Sandboxes;
  readonly mutations: readonly Mutation[];
  readonly print: (line: string) => void;
  /** How long to wait for the outbox to be idle. */
  readonly outboxTimeoutMs: number;
  /** Called once it is: what upstreams made is listed from then on. */
  readonly settled: () => Promise<void>;
}

/** Returns one line for each problem. */
export async function check(result: CrashResult): Promise<readonly string[]> {
  const { mutations, print } = result;
  const unfinished = await waitForOutbox(result);
  await result.settled();
  const done = mutations.filter((mutation) => mutation.outcome() === "done");
  const counts = new Map<Kind, number>();
  for (const { kind } of done) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  print(`done: ${Array.from(counts, ([kind, count]) => `${kind} ${count}`).join(", ")}`);
  print(`refused: ${mutations.filter((mutation) => mutation.outcome() === "refused").length}`);
  return [
    ...unfinished,
    ...(await records(result, done)),
    ...(await playlists(result)),
    ...(await campaigns(result)),
    ...(await episodes(result, done)),
    ...(await leads(result)),
  ];
}

/** Effects with a later date do not count: a look for a twin that comes a quarter of an hour after a repeated write. */
async function waitForOutbox({ database, print, outboxTimeoutMs }: CrashResult): Promise<readonly string[]> {
  const startedAt = performance.now();
  const jobs = () =>
    rows(
      database,
      sql`select state::text as name, count(*)::int as count from outbox.job
        where not (state = 'created' and data->>'at' is not null and start_after > outbox.job_now())
        group by state order by 1`,
      z.object({ name: z.string(), count: z.int() }),
    );
  const isBusy = (states: Awaited<ReturnType<typeof jobs>>): boolean =>
    states.some(({ name }) => name === "created" || name === "retry" || name === "active");
  let states = await jobs();
  while (isBusy(states) && performance.now() - startedAt < outboxTimeoutMs) {
    await sleep(500);
    states = await jobs();
  }
  print(`effects: ${states.map(({ name, count }) => `${count} ${name}`).join(", ")}`);
  return states.filter(({ name }) => name !== "completed").map(({ name, count }) => `${count} effects are ${name}`);
}

/** By kind of mutation, the query for the marks that it stored. */
const MARK_QUERIES: Partial<Record<Kind, SQL>> = {
  openCase: sql`select description as mark from campaigns.cases`,
  submitSponsorship: sql`select brand as mark from campaigns.sponsorships`,
  requestPlaylist: sql`select title as mark from locations.playlist_requests`,
  applyTargeting: sql`select offer as mark from campaigns.targetings`,
  recordEngagement: sql`select id as mark from listeners.engagement_events`,
};

async function records({ database, print }: CrashResult, done: readonly Mutation[]): Promise<readonly string[]> {
  const problems: string[] = [];
  let found = 0;
  for (const [kind, query] of Object.entries(MARK_QUERIES)) {
    const stored = await rows(database, query, z.object({ mark: z.string().nullable() }));
    const byMark = Map.groupBy(stored, ({ mark }) => mark);
    for (const { mark } of done.filter((mutation) => mutation.kind === kind)) {
      const count = byMark.get(mark)?.length ?? 0;
      found += count;
      if (count !== 1) problems.push(`${kind} ${mark} is stored ${count} times`);
    }
  }
  const consents = await rows(
    database,
    sql`select listener_id as listener, recorded_at as at from listeners.consents`,
    z.object({ listener: z.string(), at: z.coerce.date() }),
  );
  const byListenerAndTime = Map.groupBy(
    consents,
    ({ listener, at }) => `${listenerId.encode(listener)} ${at.toISOString()}`,
  );
  for (const { mark, subject } of done.filter(({ kind }) => kind === "recordConsent")) {
    const count = byListenerAndTime.get(`${subject} ${timeOf(Number(mark.split("-")[1]))}`)?.length ?? 0;
    found += count;
    if (count !== 1) problems.push(`recordConsent ${mark} is stored ${count} times`);
  }
  const [events] = await rows(
    database,
    sql`select (select count(*) from listeners.engagement_events)::int as events,
      (select count(*) from listeners.leads)::int as leads,
      (select count(*) from campaigns.sponsorships where evaluation_id is not null
        and evaluation_id not in (select id from decisions.evaluations))::int as unaccounted`,
    z.object({ events: z.int(), leads: z.int(), unaccounted: z.int() }),
  );
  const routed = done.filter(({ kind }) => kind === "routeLead").length;
  if (events?.leads !== routed) problems.push(`${routed} leads were routed, and ${events?.leads} are stored`);
  if (events?.unaccounted !== 0) problems.push(`${events?.unaccounted} sponsorships refer to lost evaluations`);
  print(`records: ${found} of mutations with a mark, ${events?.leads} leads`);
  return problems;
}

/** The fields of all sandbox accounts; each account has some of them. */
const Account = z.object({
  baseUrl: z.string().default(""),
  tokenUrl: z.string().default(""),
  accountId: z.string().default(""),
  networkId: z.string().default(""),
  token: z.string().default(""),
  url: z.string().default(""),
});

/** Every request is fulfilled, and its playlist is in the library once with all of its tracks. */
async function playlists({ database, sandboxes, print }: CrashResult): Promise<readonly string[]> {
  const { baseUrl, tokenUrl } = Account.parse(sandboxes.accounts["spotify-web"]);
  const headers = { authorization: await tokenOf(tokenUrl) };
  const get = async (path: string): Promise<unknown> => (await fetch(`${baseUrl}${path}`, { headers })).json();
  const Page = z.object({
    total: z.int(),
    items: z.array(z.object({ id: z.string(), uri: z.string(), name: z.string() })),
  });
  const found: z.infer<typeof Page>["items"] = [];
  for (let offset = 0; ; offset += 50) {
    const page = Page.parse(await get(`/me/playlists?limit=50&offset=${offset}`));
    found.push(...page.items);
    if (offset + 50 >= page.total) break;
  }
  const requests = await rows(
    database,
    sql`select title, status, playlist_uri as uri, array_length(track_uris, 1) as tracks
      from locations.playlist_requests where title like 'crash-%' and status in ('APPROVED', 'FULFILLED', 'FAILED')`,
    z.object({ title: z.string(), status: z.string(), uri: z.string().nullable(), tracks: z.int() }),
  );
  const problems = requests
    .filter(({ status }) => status !== "FULFILLED")
    .map(({ title, status }) => `playlist ${title} is ${status}`);
  let items = 0;
  for (const { uri, title, tracks } of requests) {
    const matching = found.filter((playlist) => playlist.uri === uri);
    const [playlist] = matching;
    if (matching.length !== 1 || !playlist) {
      problems.push(`playlist ${title} is in the library ${matching.length} times`);
      continue;
    }
    const { total } = z.object({ total: z.int() }).parse(await get(`/playlists/${playlist.id}/items?limit=1`));
    items += total;
    if (total !== tracks) problems.push(`playlist ${title} has ${total} of ${tracks} tracks`);
  }
  if (found.length !== requests.length)
    problems.push(`${found.length} playlists are in the library for ${requests.length} requests`);
  print(`playlists: ${found.length} in the library for ${requests.length} requests, ${items} tracks`);
  return problems;
}

/** Spotify has the status that was requested last. */
async function campaigns({ database, sandboxes, print }: CrashResult): Promise<readonly string[]> {
  const { baseUrl, tokenUrl, accountId } = Account.parse(sandboxes.accounts["spotify-ads"]);
  const headers = { authorization: await tokenOf(tokenUrl) };
  const requests = await rows(
    database,
    sql`select campaign_id as id, status, closed_at as "closedAt" from campaigns.status_requests`,
    z.object({ id: z.string(), status: z.string(), closedAt: z.coerce.date().nullable() }),
  );
  const problems: string[] = [];
  for (const { id, status, closedAt } of requests) {
    const response = await fetch(`${baseUrl}/ad_accounts/${accountId}/campaigns/${id}`, { headers });
    const { status: shown } = z.object({ status: z.string() }).parse(await response.json());
    if (shown !== status || closedAt === null)
      problems.push(`${campaignId.encode(id)} is ${shown}, and ${status} was requested`);
  }
  print(`campaigns: ${requests.length} have the status that was requested last`);
  return problems;
}

async function episodes({ sandboxes, print }: CrashResult, done: readonly Mutation[]): Promise<readonly string[]> {
  const { baseUrl, networkId, token } = Account.parse(sandboxes.accounts["megaphone"]);
  const published = done.filter(({ kind }) => kind === "publishEpisode");
  const problems: string[] = [];
  for (const { subject } of published) {
    const [podcast, episodeOfPodcast] = episodeId.decode(subject);
    const response = await fetch(`${baseUrl}/networks/${networkId}/podcasts/${podcast}/episodes/${episodeOfPodcast}`, {
      headers: { authorization: `Token token="${token}"` },
    });
    const episode = z.object({ draft: z.boolean() }).safeParse(await response.json()).data;
    if (episode?.draft !== false) problems.push(`${subject} is not published`);
  }
  print(`episodes: ${published.length} published`);
  return problems;
}

/** The CRM deduplicates webhooks by id. */
async function leads({ database, sandboxes, print }: CrashResult): Promise<readonly string[]> {
  const response = await fetch(new URL("/sandbox/leads", Account.parse(sandboxes.accounts["crm"]).url));
  const Reply = z.object({ leads: z.array(z.object({ id: z.string(), duplicates: z.int() })) });
  const received = Reply.parse(await response.json()).leads;
  const sent = await rows(
    database,
    sql`select count(*)::int as count from listeners.leads where sent_at is not null`,
    z.object({ count: z.int() }),
  );
  const repeats = received.reduce((sum, { duplicates }) => sum + duplicates, 0);
  print(`leads: ${received.length} in the CRM for ${sent[0]?.count} sent; ${repeats} duplicates were dropped`);
  return received.length === sent[0]?.count
    ? []
    : [`${sent[0]?.count} leads were sent, ${received.length} are in the CRM`];
}

async function tokenOf(tokenUrl: string): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from("sandbox:sandbox").toString("base64")}` },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: "sandbox" }),
  });
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await response.json());
  return `Bearer ${token}`;
}

async function rows<T>({ db }: Database, query: SQL, row: z.ZodType<T>): Promise<readonly T[]> {
  return z.array(row).parse((await db.execute(query)).rows);
}
