/**
 * Is everything that was acknowledged there once, and has every upstream heard of it once?
 *
 * The records are read as they stand in the database; the upstreams are asked what they hold, as anybody could.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { z } from "zod";
import { campaignId, episodeId, listenerId } from "../../schema/id.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import type { Sandboxes } from "../../subgraphs/sandboxes.ts";
import type { Kind, Mutation } from "./mutations.ts";
import { momentOf } from "./mutations.ts";

export interface Crashed {
  readonly database: Database;
  readonly sandboxes: Sandboxes;
  readonly made: readonly Mutation[];
  readonly say: (line: string) => void;
  /** Milliseconds that effects may still take. */
  readonly settleMs: number;
}

/** Gives what is wrong, a line each. */
export async function check(crashed: Crashed): Promise<readonly string[]> {
  const { made, say } = crashed;
  const left = await untilSettled(crashed);
  const done = made.filter((mutation) => mutation.outcome() === "done");
  const counts = new Map<Kind, number>();
  for (const { kind } of done) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  say(`done: ${Array.from(counts, ([kind, count]) => `${kind} ${count}`).join(", ")}`);
  say(`refused: ${made.filter((mutation) => mutation.outcome() === "refused").length}`);
  return [
    ...left,
    ...(await records(crashed, done)),
    ...(await playlists(crashed)),
    ...(await campaigns(crashed)),
    ...(await episodes(crashed, done)),
    ...(await leads(crashed)),
  ];
}

async function untilSettled({ database, say, settleMs }: Crashed): Promise<readonly string[]> {
  const startedAt = performance.now();
  const jobs = () =>
    rows(
      database,
      sql`select state::text as name, count(*)::int as count from outbox.job group by state order by 1`,
      z.object({ name: z.string(), count: z.int() }),
    );
  const isBusy = (states: Awaited<ReturnType<typeof jobs>>): boolean =>
    states.some(({ name }) => name === "created" || name === "retry" || name === "active");
  let states = await jobs();
  while (isBusy(states) && performance.now() - startedAt < settleMs) {
    await sleep(500);
    states = await jobs();
  }
  say(`effects: ${states.map(({ name, count }) => `${count} ${name}`).join(", ")}`);
  return states.filter(({ name }) => name !== "completed").map(({ name, count }) => `${count} effects are ${name}`);
}

/** Where a kind of mutation leaves its mark. */
const MARKS: Partial<Record<Kind, SQL>> = {
  openCase: sql`select description as mark from campaigns.cases`,
  submitSponsorship: sql`select brand as mark from campaigns.sponsorships`,
  requestPlaylist: sql`select title as mark from locations.playlist_requests`,
  applyTargeting: sql`select offer as mark from campaigns.targetings`,
  recordEngagement: sql`select id as mark from listeners.engagement_events`,
};

async function records({ database, say }: Crashed, done: readonly Mutation[]): Promise<readonly string[]> {
  const problems: string[] = [];
  let found = 0;
  for (const [kind, query] of Object.entries(MARKS)) {
    const marks = await rows(database, query, z.object({ mark: z.string().nullable() }));
    const times = Map.groupBy(marks, ({ mark }) => mark);
    for (const { mark } of done.filter((mutation) => mutation.kind === kind)) {
      const count = times.get(mark)?.length ?? 0;
      found += count;
      if (count !== 1) problems.push(`${kind} ${mark} is there ${count} times`);
    }
  }
  const consents = await rows(
    database,
    sql`select listener_id as listener, recorded_at as at from listeners.consents`,
    z.object({ listener: z.string(), at: z.coerce.date() }),
  );
  const answers = Map.groupBy(consents, ({ listener, at }) => `${listenerId.encode(listener)} ${at.toISOString()}`);
  for (const { mark, subject } of done.filter(({ kind }) => kind === "recordConsent")) {
    const count = answers.get(`${subject} ${momentOf(Number(mark.split("-")[1]))}`)?.length ?? 0;
    found += count;
    if (count !== 1) problems.push(`recordConsent ${mark} is there ${count} times`);
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
  if (events?.leads !== routed) problems.push(`${routed} leads were routed, and ${events?.leads} are there`);
  if (events?.unaccounted !== 0) problems.push(`${events?.unaccounted} sponsorships rest on evaluations that are lost`);
  say(`records: ${found} of mutations that leave a mark, ${events?.leads} leads`);
  return problems;
}

/** Of any sandbox: each has some of these. */
const Account = z.object({
  baseUrl: z.string().default(""),
  tokenUrl: z.string().default(""),
  accountId: z.string().default(""),
  networkId: z.string().default(""),
  token: z.string().default(""),
  url: z.string().default(""),
});

/** Each that is fulfilled is in the library once, with all of its tracks in their order. */
async function playlists({ database, sandboxes, say }: Crashed): Promise<readonly string[]> {
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
  const wanted = await rows(
    database,
    sql`select title, status, playlist_uri as uri, array_length(track_uris, 1) as tracks
      from locations.playlist_requests where title like 'crash-%' and status in ('APPROVED', 'FULFILLED', 'FAILED')`,
    z.object({ title: z.string(), status: z.string(), uri: z.string().nullable(), tracks: z.int() }),
  );
  const problems = wanted
    .filter(({ status }) => status !== "FULFILLED")
    .map(({ title, status }) => `playlist ${title} is ${status}`);
  let items = 0;
  for (const { uri, title, tracks } of wanted) {
    const own = found.filter((playlist) => playlist.uri === uri);
    const [playlist] = own;
    if (own.length !== 1 || !playlist) {
      problems.push(`playlist ${title} is in the library ${own.length} times`);
      continue;
    }
    const { total } = z.object({ total: z.int() }).parse(await get(`/playlists/${playlist.id}/items?limit=1`));
    items += total;
    if (total !== tracks) problems.push(`playlist ${title} has ${total} of ${tracks} tracks`);
  }
  if (found.length !== wanted.length)
    problems.push(`${found.length} playlists are in the library, ${wanted.length} are wanted`);
  say(`playlists: ${found.length} in the library for ${wanted.length} requests, ${items} tracks`);
  return problems;
}

/** Spotify has the status that was requested last. */
async function campaigns({ database, sandboxes, say }: Crashed): Promise<readonly string[]> {
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
  say(`campaigns: ${requests.length} have the status that was requested last`);
  return problems;
}

async function episodes({ sandboxes, say }: Crashed, done: readonly Mutation[]): Promise<readonly string[]> {
  const { baseUrl, networkId, token } = Account.parse(sandboxes.accounts["megaphone"]);
  const published = done.filter(({ kind }) => kind === "publishEpisode");
  const problems: string[] = [];
  for (const { subject } of published) {
    const [podcast, own] = episodeId.decode(subject);
    const response = await fetch(`${baseUrl}/networks/${networkId}/podcasts/${podcast}/episodes/${own}`, {
      headers: { authorization: `Token token="${token}"` },
    });
    const episode = z.object({ draft: z.boolean() }).safeParse(await response.json()).data;
    if (episode?.draft !== false) problems.push(`${subject} is not published`);
  }
  say(`episodes: ${published.length} published`);
  return problems;
}

/** The CRM counts a webhook once, however often it comes. */
async function leads({ database, sandboxes, say }: Crashed): Promise<readonly string[]> {
  const response = await fetch(new URL("/sandbox/leads", Account.parse(sandboxes.accounts["crm"]).url));
  const Told = z.object({ leads: z.array(z.object({ id: z.string(), duplicates: z.int() })) });
  const told = Told.parse(await response.json()).leads;
  const sent = await rows(
    database,
    sql`select count(*)::int as count from listeners.leads where sent_at is not null`,
    z.object({ count: z.int() }),
  );
  const repeats = told.reduce((sum, { duplicates }) => sum + duplicates, 0);
  say(`leads: ${told.length} in the CRM for ${sent[0]?.count} that were sent; ${repeats} came again and were dropped`);
  return told.length === sent[0]?.count ? [] : [`${sent[0]?.count} leads were sent, ${told.length} are in the CRM`];
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
