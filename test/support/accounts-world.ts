/**
 * Whose is what in the sandboxes' world?
 *
 * Half of all advertisers and businesses are one side, the rest the other one; what belongs to no account is nobody's.
 * Reviews, evaluations and effects of all sides are made here, as somebody with all rights.
 */
import { eq } from "drizzle-orm";
import { effectId, evaluationId, reviewId } from "../../schema/id.ts";
import { openReview } from "../../subgraphs/records/decisions/reviews.ts";
import { evaluations } from "../../subgraphs/records/decisions/tables.ts";
import type { AsCaller } from "./as-caller.ts";
import { callerOf } from "./as-caller.ts";
import type { TestDecibel } from "./decibel.ts";
import { untold } from "./untold.ts";

export const SIDES = ["own", "foreign", "nobody's"] as const;
export type Side = (typeof SIDES)[number];

/** By the prefix of their ids. */
export const KINDS = [
  "campaign",
  "case",
  "sponsorship",
  "location",
  "zone",
  "playlist-request",
  "review",
  "evaluation",
  "effect",
] as const;
export type IdKind = (typeof KINDS)[number];

export interface AccountsWorld {
  readonly accounts: Readonly<Record<"own" | "foreign", readonly string[]>>;
  /** Every id of what may belong to an account. */
  readonly sideOf: ReadonlyMap<string, Side>;
  /** The ids of one kind on one side. */
  ids(kind: IdKind, side: Side): readonly string[];
  /** Of an episode: it belongs to nobody. */
  readonly episodeId: string;
  /** Names and texts that only things of other sides have. */
  readonly foreignTexts: readonly string[];
}

interface Owned {
  readonly id: string;
}
interface CampaignNode extends Owned {
  readonly name: string;
  readonly status: string;
  readonly advertiser: string | null;
  readonly advertiserId: string | null;
  readonly sponsorships: { readonly nodes: readonly (Owned & { readonly decision: Owned | null })[] };
  readonly cases: { readonly nodes: readonly Owned[] };
}
interface LocationNode extends Owned {
  readonly name: string;
  readonly account: string;
  readonly accountId: string | null;
  readonly zones: readonly Owned[];
  readonly playlistRequests: { readonly nodes: readonly (Owned & { readonly decision: Owned | null })[] };
}

const EVERYTHING = `{
  campaigns(first: 200) { nodes {
    id name status advertiser advertiserId targeting { id }
    sponsorships(first: 200) { nodes { id decision { id } } }
    cases(first: 200) { nodes { id routing { id } } }
  } }
  caseWorklist(first: 200) { nodes { id campaign { id } routing { id } } }
  episodes(first: 20) { nodes { id publishing { id } } }
}`;
const LOCATIONS = `query ($after: String) {
  locations(first: 200, after: $after) { nodes {
    id name account accountId zones { id } playback { id }
    playlistRequests(first: 200) { nodes { id decision { id } } }
  } pageInfo { hasNextPage endCursor } }
}`;

interface Everything {
  readonly campaigns: { readonly nodes: readonly CampaignNode[] };
  readonly episodes: { readonly nodes: readonly Owned[] };
  readonly caseWorklist: { readonly nodes: readonly (Owned & { readonly campaign: Owned | null })[] };
}

interface LocationPage {
  readonly locations: {
    readonly nodes: readonly LocationNode[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

const QUEUE = "brand-safety";

export async function accountsWorld(graph: TestDecibel, as: AsCaller): Promise<AccountsWorld> {
  const { database } = graph.decibel;
  const everybody = callerOf("everybody");
  const read = async <Data>(query: string, variables: object = {}): Promise<Data> => {
    const { data, errors } = JSON.parse(await as.ask(everybody, query, variables)) as {
      data: Data;
      errors?: readonly unknown[];
    };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const { campaigns, caseWorklist, episodes } = await read<Everything>(EVERYTHING);
  const locations: LocationNode[] = [];
  for (let after: string | null = null, isLast = false; !isLast;) {
    const { nodes, pageInfo }: LocationPage["locations"] = (await read<LocationPage>(LOCATIONS, { after })).locations;
    locations.push(...nodes);
    [after, isLast] = [pageInfo.endCursor, !pageInfo.hasNextPage];
  }
  const accounts = [
    ...new Set([
      ...campaigns.nodes.flatMap(({ advertiserId }) => advertiserId ?? []),
      ...locations.flatMap(({ accountId }) => accountId ?? []),
    ]),
  ];
  const own = new Set(accounts.filter((_account, index) => index % 2 === 0));
  const side = (account: string | null): Side => (account === null ? "nobody's" : own.has(account) ? "own" : "foreign");

  const sideOf = new Map<string, Side>();
  const reviewed: { readonly kind: string; readonly subject: string }[] = [];
  for (const { id, advertiserId, sponsorships, cases } of campaigns.nodes) {
    for (const one of [{ id }, ...sponsorships.nodes, ...cases.nodes]) sideOf.set(one.id, side(advertiserId));
    reviewed.push(...sponsorships.nodes.slice(0, 1).map((one) => ({ kind: "sponsorship", subject: one.id })));
  }
  for (const { id, accountId, zones, playlistRequests } of locations) {
    for (const one of [{ id }, ...zones, ...playlistRequests.nodes]) sideOf.set(one.id, side(accountId));
    reviewed.push(...playlistRequests.nodes.slice(0, 1).map((one) => ({ kind: "playlist-request", subject: one.id })));
  }
  for (const { id } of caseWorklist.nodes) if (!sideOf.has(id)) sideOf.set(id, "nobody's");

  // Effects on both sides.
  for (const { id, status } of campaigns.nodes) {
    if (status === "ACTIVE")
      await read(`mutation { pauseCampaign(input: { campaignId: "${id}" }) { campaign { id } } }`);
  }
  await read("{ evaluations(first: 1) { totalCount } }");
  const written = await database.db.select().from(evaluations);
  const subjectOf = (id: string): Side => sideOf.get(id) ?? "nobody's";
  for (const { id, subject } of written) sideOf.set(id, subjectOf(subject));
  for (const { kind, subject } of reviewed) {
    const [evaluation] = await database.db.select().from(evaluations).where(eq(evaluations.subject, subject));
    if (!evaluation) continue;
    const opened = { kind, subject, queue: QUEUE, evaluationId: evaluation.id, openedAt: new Date(0) };
    sideOf.set(reviewId.encode(await database.transaction((tx) => openReview(tx, untold, opened))), subjectOf(subject));
  }
  const { effects } = await read<{ effects: { nodes: readonly { readonly id: string; readonly subject: string }[] } }>(
    "{ effects(first: 200) { nodes { id subject } } }",
  );
  for (const { id, subject } of effects.nodes) sideOf.set(id, subjectOf(subject));

  const prefixes = new Map<IdKind, string>(KINDS.map((kind) => [kind, `${kind}_`]));
  prefixes.set("evaluation", evaluationId.prefix).set("effect", effectId.prefix);
  const textsOf = (wanted: readonly Side[]): ReadonlySet<string> =>
    new Set([
      ...campaigns.nodes
        .filter(({ id }) => wanted.includes(subjectOf(id)))
        .flatMap(({ name, advertiser }) => [name, advertiser ?? []].flat()),
      ...locations.filter(({ id }) => wanted.includes(subjectOf(id))).flatMap(({ name, account }) => [name, account]),
    ]);
  const ownTexts = textsOf(["own"]);
  return {
    accounts: { own: [...own], foreign: accounts.filter((account) => !own.has(account)) },
    sideOf,
    episodeId: episodes.nodes[0]?.id ?? "",
    ids: (kind, wanted) =>
      [...sideOf].flatMap(([id, found]) => (found === wanted && id.startsWith(prefixes.get(kind) ?? kind) ? [id] : [])),
    foreignTexts: [...textsOf(["foreign", "nobody's"])].filter((text) => !ownTexts.has(text) && text !== "unknown"),
  };
}
