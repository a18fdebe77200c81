/**
 * Does a whole Decibel decide the same over the public engine as over its own tables?
 *
 * Two graphs over the same world are asked for every decision field of everything in it: verdict, reasons and own
 * outputs. One is connected to the engine as to OpenText, the other decides locally.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { startTestDecibel, NOW } from "../../support/decibel.ts";
import type { Answer, TestDecibel } from "../../support/decibel.ts";
import type { Difference } from "./probe.ts";

export interface WorldComparison {
  readonly decisions: number;
  /** Decisions whose reasons all have the number of a rule, where the engine decided. */
  readonly explained: number;
  readonly differences: readonly Difference[];
}

const MADE = "verdict eligible reasons { code message rule }";
const ABOUT = ["about0", "about1", "about2"] as const;
const FIELDS = {
  campaigns: `
    targeting { ${MADE} include exclude offer }
    activation { ${MADE} alternative { id } }
    sponsorships(first: 50) { nodes { id decision { ${MADE} queue } } }
    cases(first: 50) { nodes { id routing { ${MADE} priority queue compensation } } }`,
  episodes: `
    publishing { ${MADE} missing blockedMarkets }
    ${ABOUT.map((name) => `${name}: placement(campaignId: $${name}) { ${MADE} queue }`).join("\n")}`,
  locations: `
    playback { ${MADE} playlists licenceAction priority }
    playlistRequests(first: 50) { nodes { id decision { ${MADE} action queue } } }`,
  listeners: `
    segments { ${MADE} segments }
    lead { ${MADE} score route queue }
    ${ABOUT.map((name) => `${name}: activation(campaignId: $${name}) { ${MADE} alternative { id } }`).join("\n")}`,
} as const;
type ListName = keyof typeof FIELDS;
const LISTS: readonly ListName[] = ["campaigns", "episodes", "locations", "listeners"];
const PAGE = 50;
const MINUTE = 60_000;

/** `origin` is of the engine's server. */
export async function compareWorlds(origin: string): Promise<WorldComparison> {
  const clock = { now: NOW };
  const now = (): number => clock.now;
  const account = { OPENTEXT_TENANT_ID: "sandbox", OPENTEXT_CLIENT_ID: "sandbox", OPENTEXT_CLIENT_SECRET: "sandbox" };
  const there = await startTestDecibel({ variables: { OPENTEXT_BASE_URL: origin, ...account, ...PATIENT }, now });
  const here = await startTestDecibel({ variables: { DECISIONS: "local" }, now });
  try {
    const counts = { decisions: 0, explained: 0 };
    const differences: Difference[] = [];
    const campaigns = await campaignsOf(here);
    for (const list of LISTS) {
      for (let after: string | null = null, more = true; more;) {
        // Upstreams limit the requests of a minute.
        clock.now += MINUTE;
        const variables: object = { after, ...(usesCampaigns(list) ? campaigns : {}) };
        const [left, right] = [await pageOf(there, list, variables), await pageOf(here, list, variables)];
        compare(list, left.data, right.data);
        differences.push(...messages(list, "there", left), ...messages(list, "here", right));
        after = right.endCursor;
        more = right.hasNextPage;
      }
    }
    return { ...counts, differences };

    function compare(path: string, left: unknown, right: unknown): void {
      const expected = Decision.safeParse(right).data;
      if (expected === undefined) {
        if (typeof right !== "object" || right === null) return;
        for (const [key, value] of Object.entries(right)) compare(`${path}.${key}`, fieldOf(left, key), value);
        return;
      }
      counts.decisions += 1;
      const got = Decision.safeParse(left).data;
      if (got?.reasons.every(({ rule }) => rule !== null)) counts.explained += 1;
      const what = whatDiffers(got, expected);
      if (what === undefined) return;
      const kind = `${path.replaceAll(/\.\d+/g, "").replaceAll(".nodes", "")}: ${what}`;
      differences.push({ kind, example: `${path}: there ${JSON.stringify(got)}, here ${JSON.stringify(expected)}` });
    }
  } finally {
    await Promise.all([there.stop(), here.stop()]);
  }
}

/** The engine is one process. */
const PATIENT = {
  OPENTEXT_TIMEOUT_MS: "60000",
  OPENTEXT_BATCH_TIMEOUT_MS: "300000",
  OPENTEXT_QUEUE_LIMIT: "100000",
  // By the clock that jumps: a version is trusted for some intervals, and read again in real time.
  OPENTEXT_VERSION_INTERVAL_MS: "3600000",
};

const Decision = z.looseObject({
  verdict: z.string(),
  reasons: z.array(z.object({ code: z.string(), message: z.string(), rule: z.int().nullable() })),
});
const Page = z.looseObject({
  nodes: z.array(z.unknown()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

async function pageOf(graph: TestDecibel, list: ListName, variables: object) {
  const declared = usesCampaigns(list) ? ABOUT.map((name) => `, $${name}: ID!`).join("") : "";
  const text = `query ($after: String${declared}) {
    list: ${list}(first: ${PAGE}, after: $after) { nodes { id ${FIELDS[list]} } pageInfo { hasNextPage endCursor } }
  }`;
  const { data, errors } = await graph.query<{ list: unknown } | null>(text, variables);
  const { nodes, pageInfo } = Page.parse(
    data?.list ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } },
  );
  return { data: nodes, errors, ...pageInfo };
}

async function campaignsOf(graph: TestDecibel): Promise<Readonly<Record<string, string>>> {
  const { data } = await graph.query<{ campaigns: { nodes: readonly { id: string }[] } }>(
    `{ campaigns(first: ${ABOUT.length}) { nodes { id } } }`,
  );
  return Object.fromEntries(data.campaigns.nodes.map(({ id }, index) => [ABOUT[index] ?? "", id]));
}

function usesCampaigns(list: ListName): boolean {
  return FIELDS[list].includes("$");
}

function whatDiffers(got: Made | undefined, expected: Made): string | undefined {
  if (got === undefined) return "no decision there";
  const keys = Object.keys(expected).filter((key) => key !== "reasons" && !isDeepStrictEqual(got[key], expected[key]));
  const reasonsOf = ({ reasons }: Made): readonly string[] => reasons.map(({ code, message }) => `${code}: ${message}`);
  const [left, right] = [reasonsOf(got), reasonsOf(expected)];
  const areOther = !isDeepStrictEqual(left.toSorted(), right.toSorted());
  if (areOther) keys.push("reasons");
  else if (!isDeepStrictEqual(left, right)) keys.push("order of reasons");
  return keys.length === 0 ? undefined : keys.join(", ");
}

type Made = z.infer<typeof Decision>;

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function messages(list: string, where: string, { errors }: Pick<Answer<unknown>, "errors">): readonly Difference[] {
  return errors.map(({ message, path = [] }) => ({
    kind: `${list}: an error ${where}: ${message}`,
    example: path.join("."),
  }));
}
