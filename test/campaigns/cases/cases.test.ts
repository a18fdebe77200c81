/** Support cases: their fields, routing, worklist and lists. Over 200 lines, because all tests share one set-up. */
// Before any decorator runs.
import "reflect-metadata";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { caseRouting } from "../../../subgraphs/campaigns/decisions/case-routing.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import type { CaseRecord } from "../../../subgraphs/records/campaigns/types.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { createCases } from "../../../subgraphs/sandbox/world/cases.ts";
import { NOW } from "../../support/decibel.ts";
import { MISSING_ID } from "../../support/mutations.ts";
import { tableNamed } from "../../support/tables.ts";
import { allNodes, startCampaignsGraph } from "../../support/campaigns-graph.ts";
import type { CampaignsGraph, ListPage } from "../../support/campaigns-graph.ts";
import { whole } from "../../support/whole.ts";

type Page = ListPage<CaseNode>;
interface CaseNode {
  readonly id: string;
  readonly status: string;
  readonly openedAt: string;
  readonly campaign: { readonly id: string } | null;
  readonly routing: { readonly priority: number; readonly origin: string; readonly reasons: { code: string }[] } | null;
}

const HOUR = 3_600_000;
const PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage endCursor }";

let clock = NOW;
let graph: CampaignsGraph;
beforeAll(async () => {
  graph = await startCampaignsGraph({ now: () => clock });
});
afterAll(() => graph.stop());
afterEach(async () => {
  clock = NOW;
  await graph.misbehave();
});

const idOf = ({ id }: CaseRecord): string => `case_${id}`;
function worldCase(index: number): CaseRecord {
  const record = graph.cases[index];
  if (!record) throw new RangeError(`the world has no case ${index}`);
  return record;
}

async function worklist(first: number, after: string | null = null, fields = "id"): Promise<Page> {
  const { data } = await graph.query<{ caseWorklist: Page }>(
    `query ($first: Int, $after: String) { caseWorklist(first: $first, after: $after) { nodes { ${fields} } ${PAGE_INFO} } }`,
    { first, after },
  );
  return data.caseWorklist;
}

describe("a support case", () => {
  it("shows its record", async () => {
    const { account, issue, severity, description, status, openedAt } = worldCase(7);
    const { data, errors } = await graph.query(
      "query ($id: ID!) { supportCase(id: $id) { id account issue severity description status openedAt campaign { id tier } } }",
      { id: idOf(worldCase(7)) },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      supportCase: {
        id: idOf(worldCase(7)),
        account,
        issue,
        severity,
        description,
        status,
        openedAt: openedAt.toISOString(),
        campaign: { id: `campaign_${worldCase(7).campaignId}`, tier: "STRATEGIC" },
      },
    });
  });

  it("can have no campaign", async () => {
    const { data, errors } = await graph.query("query ($id: ID!) { supportCase(id: $id) { campaign { id } } }", {
      id: idOf(worldCase(0)),
    });
    expect([data, errors]).toEqual([{ supportCase: { campaign: null } }, []]);
  });

  it("is null if it does not exist", async () => {
    const { data, errors } = await graph.query(`{ supportCase(id: "case_${MISSING_ID}") { id } }`);
    expect([data, errors]).toEqual([{ supportCase: null }, []]);
  });

  it.each(["", "case_", `campaign_${MISSING_ID}`, "case_../1"])('refuses the id "%s"', async (id) => {
    const { data, errors } = await graph.query("query ($id: ID!) { supportCase(id: $id) { id } }", { id });
    expect(data).toEqual({ supportCase: null });
    expect(errors).toMatchObject([
      {
        message: `Cannot read id: ${JSON.stringify(id)} is no case id`,
        extensions: { code: "BAD_USER_INPUT", argument: "id" },
      },
    ]);
  });

  it("resolves references of other subgraphs", async () => {
    const representations = [idOf(worldCase(3)), `case_${MISSING_ID}`, "case"].map((id) => ({
      __typename: "SupportCase",
      id,
    }));
    const { data, errors } = await graph.query(
      "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on SupportCase { id issue } } }",
      { representations },
    );
    expect(data).toEqual({ _entities: [{ id: idOf(worldCase(3)), issue: worldCase(3).issue }, null, null] });
    expect(errors).toMatchObject([{ path: ["_entities", 2], extensions: { code: "BAD_USER_INPUT" } }]);
  });
});

describe("the routing of a support case", () => {
  const ROUTING = `query ($id: ID!) { supportCase(id: $id) { account routing {
    model { key version } verdict eligible priority queue compensation reasons { code } decidedAt expiresAt origin
  } } }`;

  it("decides the queue, the priority and the compensation", async () => {
    const { data, errors } = await graph.query(ROUTING, { id: idOf(worldCase(7)) });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      supportCase: {
        routing: {
          model: { key: "case_routing", version: "1" },
          verdict: "REVIEW",
          eligible: false,
          priority: 2,
          queue: "billing-lead",
          compensation: "credit-note",
          reasons: [
            { code: "BILLING_HIGH_VALUE" },
            { code: "MEDIUM_AFTER_A_DAY" },
            { code: "VALUABLE_CUSTOMER" },
            { code: "MEDIUM" },
            { code: "BILLING" },
            { code: "CLEAR" },
          ],
          decidedAt: new Date(NOW).toISOString(),
          expiresAt: new Date(NOW + 5 * 60_000).toISOString(),
        },
      },
    });
  });

  it("routes a breach that must be reported to data protection", async () => {
    const { data } = await graph.query(ROUTING, { id: idOf(worldCase(0)) });
    expect(data).toMatchObject({
      supportCase: { routing: { verdict: "DENY", priority: 1, queue: "data-protection", compensation: null } },
    });
  });

  it("changes with the age of the case", async () => {
    const routing = async (): Promise<unknown> => {
      const { data } = await graph.query<{ supportCase: { routing: unknown } }>(
        "query ($id: ID!) { supportCase(id: $id) { routing { priority queue compensation } } }",
        { id: idOf(worldCase(14)) },
      );
      return data.supportCase.routing;
    };
    expect(worldCase(14)).toMatchObject({ issue: "PLAYBACK", severity: "LOW" });
    const openedAt = Number(worldCase(14).openedAt);
    clock = openedAt + 72 * HOUR;
    expect(await routing()).toEqual({ priority: 5, queue: "playback-operations", compensation: null });
    clock = openedAt + 72 * HOUR + 60_000;
    expect(await routing()).toEqual({ priority: 3, queue: "playback-operations", compensation: "apology" });
    clock = openedAt + 168 * HOUR + 60_000;
    expect(await routing()).toEqual({ priority: 1, queue: "support-lead", compensation: "goodwill-credit" });
  });

  it("offers a valuable customer no less after three days", async () => {
    const table = tableNamed(await loadTables(join(projectRoot(), "subgraphs", "campaigns")), "case_routing");
    const offered = (hours_open: number): unknown => {
      const evaluation = table.evaluate({
        issue: "PLAYBACK",
        severity: "MEDIUM",
        tier: "NONE",
        customer_value: "HIGH",
        country: "DE",
        hours_open,
      });
      return "rows" in evaluation ? judge(caseRouting, evaluation.rows).answer.compensation : evaluation;
    };
    expect([offered(1), offered(73)]).toEqual(["goodwill-credit", "goodwill-credit"]);
  });

  it("is null with an error if there is no decision, and the case still resolves", async () => {
    await graph.misbehave({ rows: "empty" });
    clock = NOW + 24 * HOUR;
    const { data, errors } = await graph.query(ROUTING, { id: idOf(worldCase(5)) });
    expect(data).toEqual({ supportCase: { account: worldCase(5).account, routing: null } });
    expect(errors).toEqual([
      {
        message: "Cannot decide case_routing: no rule matched, or the evaluation failed",
        path: ["supportCase", "routing"],
        extensions: { code: "DECISION_UNDETERMINED", decision: "case_routing", retryable: false },
      },
    ]);
  });

  it("matches every rule of its table over the open cases", async () => {
    const tables = await loadTables(join(projectRoot(), "subgraphs", "campaigns"));
    const { table } = tables.find((compiled) => compiled.table.key === "case_routing") ?? {};
    const { nodes } = await worklist(200, null, "routing { reasons { code } }");
    const codes = nodes.flatMap(({ routing }) => routing?.reasons.map(({ code }) => code) ?? []);
    expect(table?.rules).toHaveLength(24);
    expect(new Set(codes)).toEqual(new Set(table?.rules.map(({ row }) => row["reason_code"])));
  });
});

describe("the worklist of cases", () => {
  const FIELDS = "id status openedAt campaign { id } routing { priority origin reasons { code } }";

  it("lists all unresolved cases by priority, then by age", async () => {
    const { nodes } = await worklist(200, null, FIELDS);
    const open = graph.cases.filter(({ status }) => status !== "RESOLVED");
    const priorities = new Map(nodes.map(({ id, routing }) => [id, routing?.priority ?? 0]));
    const expected = open.toSorted(
      (left, right) =>
        (priorities.get(idOf(left)) ?? 0) - (priorities.get(idOf(right)) ?? 0) ||
        Number(left.openedAt) - Number(right.openedAt),
    );
    expect(nodes.map(({ id }) => id)).toEqual(expected.map(idOf));
    expect(new Set(priorities.values())).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(nodes.some(({ campaign }) => campaign === null)).toBe(true);
  });

  it.each([1, 7, 200])("lists each case once, %d a page", async (size) => {
    const { nodes } = await worklist(200);
    expect(await allNodes((after) => worklist(size, after))).toEqual(nodes);
  });

  it("counts its cases", async () => {
    const { data } = await graph.query<{ caseWorklist: Page }>("{ caseWorklist(first: 1) { totalCount } }");
    expect(data.caseWorklist.totalCount).toBe(graph.cases.filter(({ status }) => status !== "RESOLVED").length);
  });

  it("fails if its cases cannot be read, or nothing was decided yet and nothing can be", async () => {
    const fresh = await startCampaignsGraph();
    try {
      for (const failing of ["worklist.unresolved", "campaigns.profiles", "worklist.items"]) {
        fresh.failing.add(failing);
        const { data, errors } = await fresh.query("{ caseWorklist { nodes { id } } }");
        fresh.failing.delete(failing);
        expect(data).toBeNull();
        expect(errors).toMatchObject([{ path: ["caseWorklist"], extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
      }
    } finally {
      await fresh.stop();
    }
  });

  it("is shown as it was last decided while it cannot be decided anew, and says of when that is", async () => {
    const query = "{ caseWorklist(first: 200) { asOf nodes { id } } }";
    await graph.sweep();
    const before = await graph.query(query);
    expect(before.data).toMatchObject({ caseWorklist: { asOf: new Date(NOW).toISOString() } });
    graph.failing.add("campaigns.profiles");
    clock = NOW + 5 * HOUR;
    const after = await graph.query(query);
    graph.failing.delete("campaigns.profiles");
    expect(after).toEqual(before);
  });

  it("starts with undecided cases", async () => {
    const oldCase = graph.cases.find(({ issue, severity }) => issue === "OTHER" && severity === "MEDIUM");
    const id = oldCase ? idOf(oldCase) : "";
    const aDay = Number(oldCase?.openedAt) + 24 * HOUR;
    // Before, so that each class was compared twice.
    clock = aDay - 60_000;
    await graph.refreshVersions();
    await graph.sweep();
    await worklist(200, null, FIELDS);
    clock = aDay;
    await graph.refreshVersions();
    await graph.sweep();
    const { nodes: before } = await worklist(200, null, FIELDS);
    expect(before.find((node) => node.id === id)?.routing?.priority).toBe(4);

    await graph.misbehave({ rows: "empty" });
    // Only a case that has passed a threshold since is decided anew, and one that is open longer than any that was compared.
    clock = aDay + 60_000;
    await graph.refreshVersions();
    await graph.sweep();
    const after = await graph.query<{ caseWorklist: Page }>(`{ caseWorklist(first: 200) { nodes { ${FIELDS} } } }`);
    const { nodes } = after.data.caseWorklist;
    const idsOf = (cases: readonly { readonly id: string }[]) => cases.map((one) => one.id);
    const undecided = idsOf(nodes.filter(({ routing }) => routing === null));
    expect(undecided).toContain(id);
    expect(undecided.length).toBeLessThan(nodes.length / 4);
    const others = idsOf(before).filter((other) => !undecided.includes(other));
    expect(idsOf(nodes)).toEqual([...undecided, ...others]);
    expect(after.errors).toHaveLength(undecided.length);
    expect(after.errors).toMatchObject(
      undecided.map((_id, index) => ({
        path: ["caseWorklist", "nodes", index, "routing"],
        extensions: { code: "DECISION_UNDETERMINED" },
      })),
    );
  });

  it("decides all cases in one batch, with and without a campaign", async () => {
    graph.batches();
    const calls = await graph.executes();
    clock = NOW + 400 * HOUR;
    await graph.sweep();
    const [distinct, ...others] = graph.batches();
    const unresolved = graph.cases.filter(({ status }) => status !== "RESOLVED");
    expect([distinct, others]).toEqual([unresolved.length, []]);
    expect((await graph.executes()) - calls).toBe(distinct);
  });

  it("evaluates few of the cases that match the same rules", async () => {
    const like = (change: Partial<CaseRecord>) => ({ ...worldCase(19), ...change });
    const { campaignId } = worldCase(19);
    const alike = await startCampaignsGraph({
      cases: () => [
        like({ id: "1", country: "DE", openedAt: new Date(NOW - 9 * HOUR), campaignId }),
        like({ id: "2", country: "FR", openedAt: new Date(NOW - 10 * HOUR), campaignId }),
        like({ id: "3", country: "FR", openedAt: new Date(NOW - 11 * HOUR), campaignId }),
        like({ id: "4", country: "DE", openedAt: new Date(NOW - 12 * HOUR), campaignId }),
        like({ id: "5", country: "DE", openedAt: new Date(NOW - 11 * HOUR - HOUR / 2), campaignId }),
      ],
    });
    try {
      const { data } = await alike.query<{ caseWorklist: Page }>(`{ caseWorklist { nodes { ${FIELDS} } } }`);
      const origins = data.caseWorklist.nodes.map(({ routing }) => routing?.origin);
      // The worklist is sorted by what was decided, and then shows it.
      expect(new Set(origins)).toEqual(new Set(["EQUIVALENT", "CACHE"]));
      // Those that are open shortest and longest, and one from the other country.
      expect([await alike.executes(), alike.batches()]).toEqual([3, [5, 1]]);
    } finally {
      await alike.stop();
    }
  });
});

describe("the cases of a campaign", () => {
  it("are all of its cases, newest first", async () => {
    const { data } = await graph.query<{ campaigns: { nodes: { id: string; cases: Page }[] } }>(
      `{ campaigns(first: 200) { nodes { id cases { totalCount nodes { id } ${PAGE_INFO} } } } }`,
    );
    for (const { id, cases } of data.campaigns.nodes) {
      const records = graph.cases.filter(({ campaignId }) => `campaign_${campaignId}` === id);
      const newest = records.toSorted((left, right) => Number(right.openedAt) - Number(left.openedAt));
      expect(cases).toEqual({
        totalCount: records.length,
        nodes: newest.map((one) => ({ id: idOf(one) })),
        pageInfo: {
          hasNextPage: false,
          hasPreviousPage: false,
          endCursor: expect.toBeOneOf([expect.any(String), null]),
        },
      });
    }
    expect(data.campaigns.nodes.flatMap(({ cases }) => cases.nodes)).toHaveLength(
      graph.cases.filter(({ campaignId }) => campaignId !== null).length,
    );
  });

  it("are one query for all campaigns, and counted only if totalCount is selected", async () => {
    graph.recordCalls();
    await graph.query("{ campaigns(first: 60) { nodes { cases { nodes { id } } } } }");
    expect(graph.recordCalls()).toEqual(["cases.lists of 60"]);
    await graph.query(
      "{ campaigns(first: 60) { nodes { cases { totalCount } rest: cases(first: 3) { nodes { id } } } } }",
    );
    expect(graph.recordCalls().toSorted()).toEqual(["cases.counts of 60", "cases.lists of 60", "cases.lists of 60"]);
  });

  it.each([1, 2])("lose no case with %d a page", async (size) => {
    const most = [...Map.groupBy(graph.cases, ({ campaignId }) => campaignId)]
      .filter(([campaignId]) => campaignId !== null)
      .toSorted(([, left], [, right]) => right.length - left.length)[0];
    const [campaignId, records = []] = most ?? [];
    const nodes = await allNodes(async (after) => {
      const { data } = await graph.query<{ campaign: { cases: Page } }>(
        `query ($id: ID!, $first: Int, $after: String) {
          campaign(id: $id) { cases(first: $first, after: $after) { nodes { id } ${PAGE_INFO} } }
        }`,
        { id: `campaign_${campaignId}`, first: size, after },
      );
      return data.campaign.cases;
    });
    const newest = records.toSorted((left, right) => Number(right.openedAt) - Number(left.openedAt));
    expect(records.length).toBeGreaterThan(2);
    expect(nodes.map(({ id }) => id)).toEqual(newest.map(idOf));
  });

  const forged = (list: string, position: unknown): string =>
    Buffer.from(JSON.stringify([list, position])).toString("base64url");
  it.each([
    ["a cursor of another list", { after: forged("campaigns", 3) }, "after", "after is not a cursor of cases"],
    ["a malformed cursor", { after: "x" }, "after", "after is not a cursor of cases"],
    [
      "a cursor with an invalid time",
      { after: forged("cases", { at: "2026-02-30T00:00:00Z", id: "x" }) },
      "after",
      "after is not a cursor of cases",
    ],
    ["no nodes", { first: 0 }, "first", "first must be from 1 to 200, but got 0"],
    ["too many nodes", { first: 201 }, "first", "first must be from 1 to 200, but got 201"],
  ])("refuse %s", async (_what, page, argument, state) => {
    const { data, errors } = await graph.query(
      "query ($id: ID!, $first: Int, $after: String) { campaign(id: $id) { cases(first: $first, after: $after) { nodes { id } } } }",
      { id: `campaign_${worldCase(7).campaignId}`, ...page },
    );
    expect(data).toEqual({ campaign: null });
    expect(errors).toMatchObject([
      { message: `Cannot list: ${state}`, extensions: { code: "BAD_USER_INPUT", argument } },
    ]);
  });
});

describe("the world's cases", () => {
  const now = new Date("2026-03-10T13:45:00Z");
  const { profiles } = whole(createCampaigns({ scale: 1, now }));
  const cases = whole(createCases({ scale: 1, now, profiles }));

  it("are 60, of every issue, severity, status, customer value and tier, and without a campaign", () => {
    const tiers = new Map(profiles.map(({ campaignId, tier }) => [campaignId, tier]));
    expect(cases).toHaveLength(60);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(60);
    expect(new Set(cases.map(({ issue }) => issue)).size).toBe(6);
    expect(new Set(cases.map(({ severity }) => severity)).size).toBe(4);
    expect(new Set(cases.map(({ status }) => status)).size).toBe(3);
    expect(new Set(cases.map(({ customerValue }) => customerValue)).size).toBe(3);
    expect(new Set(cases.map(({ campaignId }) => campaignId && tiers.get(campaignId)))).toEqual(
      new Set([null, "STANDARD", "PREMIUM", "STRATEGIC"]),
    );
  });

  it("were opened in the past, and are the same for a whole hour", () => {
    expect(cases.filter(({ openedAt }) => openedAt > now)).toEqual([]);
    const made = (minute: string) =>
      whole(createCases({ scale: 1, now: new Date(`2026-03-10T13:${minute}Z`), profiles }));
    expect(made("00:00.000")).toEqual(made("59:59.999"));
  });

  it("grow with the scale, and contain the smaller world", () => {
    const triple = whole(createCases({ scale: 3, now, profiles: createCampaigns({ scale: 3, now }).profiles }));
    expect(triple).toHaveLength(180);
    expect(triple.slice(0, 60)).toEqual(cases);
    expect(new Set(triple.map(({ id }) => id)).size).toBe(180);
  });

  it.each([0, -1, 1.5, Number.NaN])("refuse a scale of %d", (scale) => {
    expect(() => createCases({ scale, now, profiles })).toThrow(
      new RangeError(`scale is a whole number from 1, but got ${scale}`),
    );
  });
});
