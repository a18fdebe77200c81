/** Lists that are filtered, by what would be decided of each or by name, hold exactly those of which that is so. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerOf, asCallers } from "../support/as-caller.ts";
import type { AsCaller } from "../support/as-caller.ts";
import { FACTS_KEPT, NOW, startTestDecibel } from "../support/decibel.ts";
import type { GraphError, TestDecibel } from "../support/decibel.ts";
import { changedTable, deploy } from "../support/table-files.ts";
import { MINUTE_MS } from "../support/times.ts";

let graph: TestDecibel;
let as: AsCaller;
let clock = NOW;

beforeAll(async () => {
  // By the clock that jumps: a version is believed for some intervals.
  const variables = { ...FACTS_KEPT, OPENTEXT_VERSION_INTERVAL_MS: "3600000" };
  graph = await startTestDecibel({ variables, now: () => clock });
  as = await asCallers(graph);
}, 60_000);
afterAll(() => graph.stop());

interface Node {
  readonly id: string;
  readonly name?: string | null;
  readonly decided?: { readonly eligible: boolean } | null;
}
interface Page {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
}
interface Listed {
  readonly nodes: readonly Node[];
  /** As each page says it. */
  readonly totals: ReadonlySet<number>;
  readonly errors: readonly GraphError[];
}

/** All pages of a list. */
async function listed(field: string, filter = "", { selection = "", first = 200 } = {}): Promise<Listed> {
  const nodes: Node[] = [];
  const totals = new Set<number>();
  const errors: GraphError[] = [];
  for (let after: string | null = null, more = true; more;) {
    // Megaphone answers 60 requests a minute.
    clock += MINUTE_MS;
    const page: { readonly data: { readonly list: Page } | null; readonly errors: readonly GraphError[] } =
      await graph.query(
        `query ($after: String) { list: ${field}(first: ${first}, after: $after ${filter}) {
          nodes { id ${selection} } pageInfo { hasNextPage endCursor } totalCount
        } }`,
        { after },
      );
    errors.push(...page.errors);
    if (!page.data) break;
    const { list } = page.data;
    nodes.push(...list.nodes);
    totals.add(list.totalCount);
    more = list.pageInfo.hasNextPage;
    after = list.pageInfo.endCursor;
  }
  return { nodes, totals, errors };
}

const idsOf = (nodes: readonly Node[]): readonly string[] => nodes.map(({ id }) => id);
const decided = (nodes: readonly Node[], eligible: boolean): readonly string[] =>
  idsOf(nodes.filter((node) => node.decided?.eligible === eligible));

describe("a list by eligibility holds those, and only those, that are decided so, in the order of the list", () => {
  it.each([
    { field: "campaigns", argument: "eligible", decision: "activation" },
    { field: "locations", argument: "mayPlay", decision: "playback" },
  ])("$field($argument:)", { timeout: 120_000 }, async ({ field, argument, decision }) => {
    const everything = await listed(field, "", { selection: `decided: ${decision} { eligible }` });
    for (const wanted of [true, false]) {
      const { nodes, totals, errors } = await listed(field, `${argument}: ${wanted}`, { first: 37 });
      expect(errors).toEqual([]);
      expect(nodes.length).toBeGreaterThan(0);
      expect(idsOf(nodes)).toEqual(decided(everything.nodes, wanted));
      expect(totals).toEqual(new Set([nodes.length]));
    }
  });

  it("episodes(eligibleFor:)", { timeout: 120_000 }, async () => {
    const campaigns = idsOf((await listed("campaigns", "eligible: true")).nodes).slice(0, 4);
    const counts = new Set<number>();
    for (const id of campaigns) {
      const selection = `decided: placement(campaignId: "${id}") { eligible }`;
      const everything = await listed("episodes", "", { selection });
      const { nodes, totals, errors } = await listed("episodes", `eligibleFor: "${id}"`, { first: 61 });
      expect(errors).toEqual([]);
      expect(idsOf(nodes)).toEqual(decided(everything.nodes, true));
      expect(totals).toEqual(new Set([nodes.length]));
      counts.add(nodes.length);
    }
    expect(counts.size).toBeGreaterThan(1);
  });

  it("together with the other filters of the list", { timeout: 120_000 }, async () => {
    const campaigns = await listed("campaigns", "status: ACTIVE", { selection: "decided: activation { eligible }" });
    const active = await listed("campaigns", "status: ACTIVE, eligible: true", { first: 7 });
    expect(idsOf(active.nodes)).toEqual(decided(campaigns.nodes, true));
    const locations = await listed("locations", 'country: "US"', { selection: "decided: playback { eligible }" });
    const american = await listed("locations", 'country: "US", mayPlay: false', { first: 7 });
    expect(idsOf(american.nodes)).toEqual(decided(locations.nodes, false));
    const [campaign = ""] = idsOf(active.nodes);
    const selection = `decided: placement(campaignId: "${campaign}") { eligible }`;
    const episodes = await listed("episodes", "status: DRAFT", { selection });
    const drafts = await listed("episodes", `status: DRAFT, eligibleFor: "${campaign}"`);
    expect(idsOf(drafts.nodes)).toEqual(decided(episodes.nodes, true));
  });
});

describe("a list by name", () => {
  const FIELDS = [
    { field: "campaigns", name: "name", other: "eligible: true", decision: "activation", part: "CASINO" },
    { field: "locations", name: "name", other: "mayPlay: true", decision: "playback", part: "COMERCIO" },
    { field: "episodes", name: "title", other: "status: DRAFT", decision: "publishing", part: "the MISSING" },
  ];

  it.each(FIELDS)("of $field holds those, and only those, of that name", async ({ field, name, part, ...more }) => {
    const selection = `name: ${name} decided: ${more.decision} { eligible }`;
    const everything = await listed(field, "", { selection });
    const plain = (text: string): string =>
      text
        .normalize("NFD")
        .replaceAll(/[\u0300-\u036F]/g, "")
        .toLowerCase();
    const isNamed = ({ name: text = "" }: Node): boolean => plain(text ?? "").includes(plain(part));
    const { nodes, totals, errors } = await listed(field, `search: " ${part}"`, { first: 7 });
    expect(errors).toEqual([]);
    expect(nodes.length).toBeGreaterThan(2);
    expect(nodes.length).toBeLessThan(everything.nodes.length);
    expect(idsOf(nodes)).toEqual(idsOf(everything.nodes.filter(isNamed)));
    expect(totals).toEqual(new Set([nodes.length]));
    const both = await listed(field, `search: "${part}", ${more.other}`);
    const others = new Set(idsOf((await listed(field, more.other)).nodes));
    expect(idsOf(both.nodes)).toEqual(idsOf(nodes).filter((id) => others.has(id)));
  });

  it.each(FIELDS)("of $field is all where nothing is searched, and empty where nothing is so", async ({ field }) => {
    const all = await listed(field);
    expect(idsOf((await listed(field, 'search: "  "')).nodes)).toEqual(idsOf(all.nodes));
    const none = await listed(field, 'search: "%_*.\\\\"');
    expect([none.nodes, none.totals, none.errors]).toEqual([[], new Set([0]), []]);
  });

  it.each(FIELDS)("of $field is refused where it is searched for too much", async ({ field }) => {
    const { errors } = await listed(field, `search: "${"a".repeat(201)}"`);
    expect(errors[0]).toMatchObject({
      message: "Cannot list: search has at most 200 characters",
      extensions: { code: "BAD_USER_INPUT", argument: "search" },
    });
  });
});

describe("a list by eligibility", () => {
  it("asks the decision service nothing where the table here is trusted", async () => {
    await listed("locations", "", { selection: "decided: playback { eligible }" });
    await graph.sandbox("opentext").forget();
    await listed("locations", "mayPlay: true");
    await listed("campaigns", "eligible: false");
    expect((await graph.sandbox("opentext").calls()).executes).toBe(0);
  });

  it("is of the caller's accounts", async () => {
    const query = `{ locations(first: 200, mayPlay: true) { nodes { accountId } totalCount }
      campaigns(first: 200, eligible: true) { nodes { advertiserId } totalCount } }`;
    const all = JSON.parse(await as.ask(callerOf("all"), query)).data;
    const [business] = all.locations.nodes.map((node: { accountId: string }) => node.accountId);
    const [advertiser] = all.campaigns.nodes.flatMap(
      (node: { advertiserId: string | null }) => node.advertiserId ?? [],
    );
    const own = JSON.parse(await as.ask(callerOf("own", [business, advertiser]), query)).data;
    expect(new Set(own.locations.nodes.map((node: { accountId: string }) => node.accountId))).toEqual(
      new Set([business]),
    );
    expect(new Set(own.campaigns.nodes.map((node: { advertiserId: string }) => node.advertiserId))).toEqual(
      new Set([advertiser]),
    );
    expect(own.campaigns.totalCount).toBe(own.campaigns.nodes.length);
    expect(own.locations.totalCount).toBeLessThan(all.locations.totalCount);
  });

  it("needs the scope of decisions, and is not kept by clients", async () => {
    const reader = { ...callerOf("reader"), scopes: new Set(["graph:read"]) };
    const answer = await as.ask(reader, "{ campaigns(first: 1, eligible: true) { nodes { id } } }");
    expect(JSON.parse(answer).errors[0]).toMatchObject({
      message: "Cannot answer Query.campaigns(eligible:): it needs the scope eligibility:read",
      extensions: { code: "FORBIDDEN", requiredScopes: [["eligibility:read"]] },
    });
    const asked = async (query: string) => {
      const response = await fetch(graph.decibel.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
      });
      return response.headers.get("cache-control");
    };
    expect(await asked("{ campaigns(first: 1) { nodes { id } } }")).toMatch(/max-age/);
    expect(await asked("{ campaigns(first: 1, eligible: true) { nodes { id } } }")).toBe("no-store");
  });

  it("of a campaign that does not exist is an error that names it", async () => {
    const { errors } = await listed("episodes", 'eligibleFor: "campaign_nothing"');
    expect(errors[0]).toMatchObject({
      message: "Cannot list: there is no campaign campaign_nothing",
      extensions: { code: "NOT_FOUND" },
    });
    const other = await listed("episodes", 'eligibleFor: "show_1"');
    expect(other.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "eligibleFor" });
  });
});

describe("a list by eligibility is refused", () => {
  it("where more would have to be known than is configured", async () => {
    const small = await startTestDecibel({ variables: { ...FACTS_KEPT, ELIGIBILITY_MAX: "10" } });
    try {
      const { errors } = await small.query("{ campaigns(eligible: true) { nodes { id } } }");
      expect(errors[0]?.message).toMatch(
        /^Cannot list: eligible is known of up to 10, and there are \d+: give status too$/,
      );
      expect(errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "eligible" });
      const { errors: others } = await small.query("{ locations(mayPlay: true) { nodes { id } } }");
      expect(others[0]?.message).toMatch(/^Cannot list: mayPlay is known of up to 10, and there are \d+$/);
    } finally {
      await small.stop();
    }
  });

  it("where the service runs another table than the one here, after one question", async () => {
    const other = await startTestDecibel({ variables: FACTS_KEPT });
    try {
      await deploy(
        other,
        changedTable("locations/location_playback.otdt", (name) => (name === "verdict" ? "DENY" : undefined)),
      );
      await other.sandbox("opentext").forget();
      const { data, errors } = await other.query("{ locations(mayPlay: true) { nodes { id } } }");
      expect(data).toBeNull();
      expect(errors[0]).toMatchObject({
        message:
          "Cannot decide location_playback: the decision service runs another table than the one here, so it would have " +
          "to be asked about each",
        extensions: { code: "DECISION_UNDETERMINED", decision: "location_playback", retryable: false },
      });
      expect((await other.sandbox("opentext").calls()).executes).toBeLessThanOrEqual(1);
    } finally {
      await other.stop();
    }
  });
});
