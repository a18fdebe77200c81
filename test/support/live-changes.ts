/**
 * Which changes make verdicts change, and what would somebody notice who asks again after each?
 *
 * Consents of listeners, licences of locations, and versions of the tables that decide them: drawn, one at a time.
 */
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Decibel } from "../../subgraphs/decibel.ts";
import type { TestDecibel } from "./decibel.ts";
import type { Random } from "./random.ts";

export interface Watched {
  readonly campaignId: string;
  readonly listeners: readonly string[];
  readonly locations: readonly string[];
}

/** By id; null for what is not decided. */
export type Verdicts = Readonly<Record<string, string | null>>;

export type Graph = Pick<TestDecibel, "query"> & { readonly decibel: Pick<Decibel, "pipeline" | "sandboxes"> };

/** Half of them listeners, half of them locations. */
export async function watchedIn(graph: Graph, count: number): Promise<Watched> {
  const half = count / 2;
  const listeners = await idsOf(graph, "listeners", half);
  const locations = await idsOf(graph, "locations", half);
  // Among the campaigns one that shows listeners different verdicts.
  let best = { campaignId: "", allowed: -1 };
  for (const campaignId of await idsOf(graph, "campaigns", 40)) {
    const verdicts = await askAgain(graph, { campaignId, listeners: listeners.slice(0, 20), locations: [] });
    const allowed = Object.values(verdicts).filter((verdict) => verdict === "ALLOW").length;
    if (allowed > best.allowed) best = { campaignId, allowed };
  }
  return { campaignId: best.campaignId, listeners, locations };
}

async function idsOf({ query }: Pick<Graph, "query">, list: string, count: number): Promise<readonly string[]> {
  type Page = {
    readonly page: {
      readonly nodes: readonly { readonly id: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  };
  const ids: string[] = [];
  for (let after: string | null = null; ids.length < count;) {
    const text = `query ($first: Int, $after: String) {
      page: ${list}(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
    }`;
    const { data }: { readonly data: Page } = await query<Page>(text, {
      first: Math.min(200, count - ids.length),
      after,
    });
    ids.push(...data.page.nodes.map(({ id }) => id));
    if (!data.page.pageInfo.hasNextPage) break;
    after = data.page.pageInfo.endCursor;
  }
  return ids;
}

export async function askAgain(
  { query }: Pick<TestDecibel, "query">,
  { campaignId, listeners, locations }: Watched,
): Promise<Verdicts> {
  const verdicts: Record<string, string | null> = {};
  const fields = [
    ...listeners.map(
      (id, n) => `l${n}: listener(id: "${id}") { id decision: activation(campaignId: "${campaignId}") { verdict } }`,
    ),
    ...locations.map((id, n) => `o${n}: location(id: "${id}") { id decision: playback { verdict } }`),
  ];
  for (let start = 0; start < fields.length; start += PART) {
    type Subject = { readonly id: string; readonly decision: { readonly verdict: string } | null } | null;
    const { data } = await query<Readonly<Record<string, Subject>>>(
      `{ ${fields.slice(start, start + PART).join(" ")} }`,
    );
    for (const subject of Object.values(data)) if (subject) verdicts[subject.id] = subject.decision?.verdict ?? null;
  }
  return verdicts;
}

const PART = 100;
const PURPOSES = ["MARKETING", "PERSONALISATION", "PROFILING"] as const;
const STATUSES = ["ACTIVE", "EXPIRING", "EXPIRED", "NONE"] as const;
const MODELS = ["marketing_activation", "location_playback"] as const;

export interface Changed {
  readonly what: string;
  /** Whose verdicts it can change. */
  readonly touched: Watched;
}

/** A change; `versions`: the share of them that are new versions of a table. */
export async function change(graph: Graph, watched: Watched, random: Random, versions = 0.1): Promise<Changed> {
  if (random.isLucky(versions)) return { what: await deploy(graph, random), touched: watched };
  if (random.isLucky(0.5)) {
    const listenerId = random.pick(watched.listeners);
    const input = { listenerId, purpose: random.pick(PURPOSES), granted: random.isLucky(0.5) };
    await mutate(graph, "recordConsent", "RecordConsentInput", input);
    const what = `consent ${JSON.stringify(input)}`;
    return { what, touched: { ...watched, listeners: [listenerId], locations: [] } };
  }
  const locationId = random.pick(watched.locations);
  const input = { locationId, status: random.pick(STATUSES), tier: "background" };
  await mutate(graph, "recordLicence", "RecordLicenceInput", input);
  return { what: `licence ${JSON.stringify(input)}`, touched: { ...watched, listeners: [], locations: [locationId] } };
}

async function mutate({ query }: Pick<TestDecibel, "query">, name: string, type: string, input: object): Promise<void> {
  const { errors } = await query(`mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`, { input });
  if (errors.length > 0) throw new Error(`Cannot ${name}: ${JSON.stringify(errors)}`);
}

/** The committed table, or a new version of it: the same where one rule has another verdict. */
async function deploy({ decibel: { pipeline, sandboxes } }: Graph, random: Random): Promise<string> {
  const key = random.pick(MODELS);
  const table = pipeline.models.get(key)?.compiled.table;
  if (!table) throw new RangeError(`there is no table ${key}`);
  const changed = random.isLucky(0.4) ? table : withOtherVerdict(table, random);
  sandboxes.opentext?.deploy(compile(changed));
  await pipeline.versions.refresh();
  return `version of ${key}`;
}

function withOtherVerdict(table: Table, random: Random): Table {
  const place = random.integer(0, table.rules.length - 1);
  const verdict = random.pick(["ALLOW", "DENY"] as const);
  const rules = table.rules.map((rule, index) =>
    index === place ? Object.assign({}, rule, { row: { ...rule.row, verdict } }) : rule,
  );
  deployments += 1;
  return { ...table, version: table.version + deployments, rules };
}

let deployments = 0;
