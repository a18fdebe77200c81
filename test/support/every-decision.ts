/** Every decision that a graph can make about the sandboxes' world: all fields of everything in its lists. */
import { z } from "zod";
import type { Answer, TestDecibel } from "./decibel.ts";

/** Verdict, reasons with rules, and own outputs. */
export type Made = z.infer<typeof Made>;
const Made = z.looseObject({
  verdict: z.string(),
  reasons: z.array(z.object({ code: z.string(), message: z.string(), rule: z.int().nullable() })),
});

export interface EveryDecision {
  /** By where it stands: `campaigns.campaign_1.targeting`. */
  readonly decisions: ReadonlyMap<string, Made>;
  /** Of each error: its message and its path. */
  readonly errors: readonly { readonly message: string; readonly path: string }[];
}

export interface EveryDecisionOptions {
  /** Before each page: upstreams limit the requests of a minute. */
  readonly beforePage?: () => void;
  /** Nodes of each list. Default: all. */
  readonly first?: number;
}

const MADE = "verdict eligible reasons { code message rule }";
/** Campaigns that episodes and listeners are decided for. */
const ABOUT = ["about0", "about1", "about2"] as const;
const FIELDS = {
  campaigns: `
    targeting { ${MADE} include exclude offer journey }
    activation { ${MADE} alternative { id } }
    sponsorships(first: 20) { nodes { id decision { ${MADE} queue } } }
    cases(first: 20) { nodes { id routing { ${MADE} priority queue compensation } } }`,
  episodes: `
    publishing { ${MADE} missing blockedMarkets }
    ${ABOUT.map((name) => `${name}: placement(campaignId: $${name}) { ${MADE} queue }`).join("\n")}`,
  locations: `
    playback { ${MADE} playlists licenceAction priority }
    playlistRequests(first: 20) { nodes { id decision { ${MADE} action queue } } }`,
  listeners: `
    segments { ${MADE} segments }
    lead { ${MADE} score route queue }
    ${ABOUT.map((name) => `${name}: activation(campaignId: $${name}) { ${MADE} alternative { id } }`).join("\n")}`,
} as const;
type ListName = keyof typeof FIELDS;
const LISTS: readonly ListName[] = ["campaigns", "episodes", "locations", "listeners"];
const PAGE = 200;

export async function everyDecision(
  graph: Pick<TestDecibel, "query">,
  { beforePage = () => {}, first = Infinity }: EveryDecisionOptions = {},
): Promise<EveryDecision> {
  const decisions = new Map<string, Made>();
  const errors: { readonly message: string; readonly path: string }[] = [];
  const campaigns = await campaignsOf(graph);
  for (const list of LISTS) {
    let left = first;
    for (let after: string | null = null, more = true; more && left > 0; left -= PAGE) {
      beforePage();
      const variables = { after, first: Math.min(PAGE, left), ...(usesCampaigns(list) ? campaigns : {}) };
      const page = await pageOf(graph, list, variables);
      collect(list, page.nodes);
      errors.push(...page.errors.map(({ message, path = [] }) => ({ message, path: path.join(".") })));
      after = page.endCursor;
      more = page.hasNextPage;
    }
  }
  return { decisions, errors };

  function collect(path: string, value: unknown): void {
    const made = Made.safeParse(value);
    if (made.success) decisions.set(path, made.data);
    else if (Array.isArray(value)) for (const node of value) collect(`${path}.${String(fieldOf(node, "id"))}`, node);
    else if (typeof value === "object" && value !== null)
      for (const [key, field] of Object.entries(value)) collect(`${path}.${key}`, field);
  }
}

const Page = z.object({
  nodes: z.array(z.unknown()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

async function pageOf(graph: Pick<TestDecibel, "query">, list: ListName, variables: object) {
  const declared = usesCampaigns(list) ? ABOUT.map((name) => `, $${name}: ID!`).join("") : "";
  const text = `query ($after: String, $first: Int!${declared}) {
    list: ${list}(first: $first, after: $after) { nodes { id ${FIELDS[list]} } pageInfo { hasNextPage endCursor } }
  }`;
  const { data, errors }: Answer<{ list: unknown } | null> = await graph.query(text, variables);
  const none = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
  const { nodes, pageInfo } = Page.parse(data?.list ?? none);
  return { nodes, errors, ...pageInfo };
}

async function campaignsOf(graph: Pick<TestDecibel, "query">): Promise<Readonly<Record<string, string>>> {
  const { data } = await graph.query<{ campaigns: { nodes: readonly { id: string }[] } }>(
    `{ campaigns(first: ${ABOUT.length}) { nodes { id } } }`,
  );
  return Object.fromEntries(data.campaigns.nodes.map(({ id }, index) => [ABOUT[index] ?? "", id]));
}

function usesCampaigns(list: ListName): boolean {
  return FIELDS[list].includes("$");
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
