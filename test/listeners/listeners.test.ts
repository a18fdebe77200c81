import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { UndecidedError } from "../../subgraphs/pipeline/decision.ts";
import type { Facts, Row } from "../../subgraphs/pipeline/table/table.ts";
import { grantedPurposes, latestConsents, refusedPurposes } from "../../subgraphs/listeners/consents/consents.ts";
import { audienceSegment, segmentFacts } from "../../subgraphs/listeners/decisions/audience-segment.ts";
import { leadFacts, leadRouting } from "../../subgraphs/listeners/decisions/lead-routing.ts";
import { toListener } from "../../subgraphs/listeners/services.ts";
import type { ConsentRecord, ListenerRecord, ListenerRecords } from "../../subgraphs/records/listeners/types.ts";
import { listenerRecordsOf } from "../support/memory-records.ts";
import { createCampaigns } from "../../subgraphs/sandbox/world/campaigns.ts";
import { createListeners } from "../../subgraphs/sandbox/world/listeners.ts";
import { judge } from "../../subgraphs/pipeline/verdict.ts";
import { startAudience } from "../support/audience.ts";
import type { Audience } from "../support/audience.ts";
import { NOW } from "../support/decibel.ts";

interface Decided {
  readonly verdict: string;
  readonly reasons: readonly { readonly code: string }[];
}
interface Node {
  readonly id: string;
  readonly country: string;
  readonly segments: (Decided & { readonly segments: readonly string[] }) | null;
  readonly lead: (Decided & { readonly score: number; readonly route: string; readonly queue: string | null }) | null;
}
interface Page {
  readonly listeners: {
    readonly nodes: readonly Node[];
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
    readonly pageInfo: Readonly<Record<string, unknown>> & {
      readonly hasNextPage: boolean;
      readonly endCursor: string;
    };
    readonly totalCount: number;
  };
}

const DAY_MS = 86_400_000;
const at = (text: string): Date => new Date(text);
const world = createListeners({ scale: 1, now: new Date(NOW) }).listeners;
const byId = world.toSorted((left, right) => (left.id < right.id ? -1 : 1));
const idOf = ({ id }: { readonly id: string }): string => `listener_${id}`;

/** Nothing a person reads would be like it by accident. */
const SENTINEL: ListenerRecord = {
  id: "00000000-0000-4000-8000-00000000abcd",
  spotifyAccountId: "sentinelaccount",
  country: "LI",
  region: "sentinelregion",
  age: 86_420,
  customerValue: "HIGH",
  industry: "sentinelindustry",
  productsOwned: ["sentinelproduct"],
  productInterest: "sentinelinterest",
  consents: [
    { purpose: "MARKETING", granted: true, recordedAt: at("1987-06-05T04:03:02.109Z") },
    { purpose: "PROFILING", granted: true, recordedAt: at("1987-06-05T04:03:02.109Z") },
  ],
  engagement: {
    listens: 97_531,
    skips: 86_421,
    follows: 75_319,
    playlistAdds: 64_208,
    ctaClicks: 53_197,
    lastAt: at("1988-07-06T05:04:03.211Z"),
  },
};
/** Holds what no table takes for a number. */
const BROKEN = {
  ...SENTINEL,
  id: "00000000-0000-4000-8000-00000000abce",
  engagement: { ...SENTINEL.engagement, follows: "75319-and-a-half" as unknown as number },
};
const PERSONAL =
  /sentinel|\bLI\b|86420|97531|86421|75319|64208|53197|1987-06-05|1988-07-06|549864182109|584168643211|MARKETING/;

let counted = 0;
/** In place of what the world says of a listener. */
const changed = new Map<string, ListenerRecord>();
const memory = listenerRecordsOf(world);
const records: ListenerRecords = {
  listeners: (page) => memory.listeners(page),
  count: (country) => {
    counted += 1;
    return memory.count(country);
  },
  byIds: async (ids) => (await memory.byIds(ids)).map((found, index) => changed.get(ids[index] ?? "") ?? found),
};

let audience: Audience;
beforeAll(async () => {
  for (const one of [SENTINEL, BROKEN]) changed.set(one.id, one);
  audience = await startAudience({ records });
});
beforeEach(async () => {
  await audience.calls("opentext");
  audience.batches();
});
afterAll(() => audience.stop());

const list = async (args: string, selection: string): Promise<Page["listeners"]> => {
  const { data, errors } = await audience.query<Page>("listeners", `{ listeners${args} { ${selection} } }`);
  expect(errors).toEqual([]);
  return data.listeners;
};
const factsOf = (record: ListenerRecord): { readonly [key: string]: Facts } => {
  const listener = toListener(record);
  return { audience_segment: segmentFacts(listener, NOW), lead_routing: leadFacts(listener) };
};

/** What the table says of a listener, without the service. */
const rowsOf = (key: string, record: ListenerRecord): readonly Row[] => {
  const evaluation = audience.table(key).evaluate(factsOf(record)[key] ?? {});
  return "failed" in evaluation ? [] : evaluation.rows;
};

describe("the world's listeners", () => {
  it("are 5,000, and a larger world only adds to them", () => {
    expect(world).toHaveLength(5000);
    const double = createListeners({ scale: 2, now: new Date(NOW) }).listeners;
    expect(double).toHaveLength(10_000);
    expect(double.slice(0, 5000)).toEqual(world);
    expect(new Set(double.map(({ id }) => id)).size).toBe(10_000);
  });

  it("are the same all day and move with the day", () => {
    const on = (text: string): readonly ListenerRecord[] => createListeners({ scale: 1, now: at(text) }).listeners;
    expect(on("2026-03-10T00:00:00Z")).toEqual(on("2026-03-10T23:59:59Z"));
    const [today, tomorrow] = [on("2026-03-10T00:00:00Z"), on("2026-03-11T00:00:00Z")];
    const shifts = today.map(({ engagement }, index) => {
      const later = tomorrow[index]?.engagement.lastAt;
      return Number(later) - Number(engagement.lastAt);
    });
    expect(new Set(shifts)).toEqual(new Set([DAY_MS]));
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot be made at a scale of %d", (scale) => {
    expect(() => createListeners({ scale, now: new Date(NOW) })).toThrow(
      new RangeError(`scale is a whole number from 1, but got ${scale}`),
    );
  });

  it("live in 16 countries, and some have told neither their age nor been asked for consent", () => {
    expect(new Set(world.map(({ country }) => country)).size).toBe(16);
    expect(world.filter(({ age }) => age === null).length).toBeGreaterThan(200);
    expect(world.filter(({ age }) => age !== null && age < 13).length).toBeGreaterThan(20);
    expect(world.filter(({ consents }) => consents.length === 0).length).toBeGreaterThan(500);
  });

  it("skip no more than they listen, and have done nothing this month where they have been away for longer", () => {
    for (const { engagement } of world) {
      expect(engagement.skips).toBeLessThanOrEqual(engagement.listens);
      if (NOW - Number(engagement.lastAt) > 31 * DAY_MS) {
        expect({ ...engagement, lastAt: null }).toEqual({
          listens: 0,
          skips: 0,
          follows: 0,
          playlistAdds: 0,
          ctaClicks: 0,
          lastAt: null,
        });
      }
    }
  });

  it.each(["audience_segment", "lead_routing"])("reach every rule of %s", (key) => {
    const { table } = audience.table(key);
    const reached = new Set(world.flatMap((one) => rowsOf(key, one)));
    expect(table.rules.filter(({ row }) => !reached.has(row)).map(({ row }) => row["reason_code"])).toEqual([]);
  });
});

describe("what a listener consented to", () => {
  const said = (granting: boolean, day: number, purpose: ConsentRecord["purpose"] = "MARKETING"): ConsentRecord => ({
    purpose,
    granted: granting,
    recordedAt: new Date(NOW - day * DAY_MS),
  });

  it("is the latest answer for each purpose, in whatever order they were kept", () => {
    const standing = latestConsents([
      said(true, 1),
      said(false, 9),
      said(true, 8, "PROFILING"),
      said(false, 2, "PROFILING"),
    ]);
    expect(standing).toEqual([said(true, 1), said(false, 2, "PROFILING")]);
    expect([grantedPurposes(standing), refusedPurposes(standing)]).toEqual([["MARKETING"], ["PROFILING"]]);
  });

  it.each([[[true, false]], [[false, true]]])("is no where two answers %j are of the same moment", (answers) => {
    expect(latestConsents(answers.map((answer) => said(answer, 3)))).toEqual([said(false, 3)]);
  });

  it("is nothing where nobody asked: neither granted nor refused", () => {
    expect([grantedPurposes([]), refusedPurposes([])]).toEqual([[], []]);
  });
});

describe("the facts of a listener", () => {
  const [record = SENTINEL] = world;
  const engagement = { listens: 0, skips: 0, follows: 0, playlistAdds: 0, ctaClicks: 0, lastAt: null };
  const of = (change: Partial<ListenerRecord>) => toListener({ ...record, consents: [], ...change });

  it("say unknown, 9999 days and no skips where nothing is recorded", () => {
    const empty = of({ engagement, region: null, industry: null, productInterest: null });
    expect(segmentFacts(empty, NOW)).toMatchObject({
      consent: false,
      skip_rate: 0,
      region: "unknown",
      days_since_last: 9999,
    });
    expect(leadFacts(empty)).toMatchObject({
      consent: false,
      engagement: 0,
      industry: "unknown",
      product_interest: "unknown",
    });
  });

  it("ask consent to profiling of audiences, and consent to marketing of leads", () => {
    const agreed = (purpose: ConsentRecord["purpose"]) => {
      const listener = of({ consents: [{ purpose, granted: true, recordedAt: new Date(NOW) }] });
      return [segmentFacts(listener, NOW).consent, leadFacts(listener).consent];
    };
    expect([agreed("PROFILING"), agreed("MARKETING"), agreed("PERSONALISATION")]).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  it("take skips as percent of the listens, 100 at the most", () => {
    const rate = (listens: number, skips: number): number =>
      segmentFacts(of({ engagement: { ...engagement, listens, skips } }), NOW).skip_rate;
    expect([rate(8, 3), rate(3, 3), rate(2, 5)]).toEqual([37.5, 100, 100]);
  });

  it("count whole days since the last time, and none for what is yet to come", () => {
    const days = (lastAt: Date): number =>
      segmentFacts(of({ engagement: { ...engagement, lastAt } }), NOW).days_since_last;
    expect([days(new Date(NOW - DAY_MS + 1)), days(new Date(NOW - DAY_MS)), days(new Date(NOW + 9 * DAY_MS))]).toEqual([
      0, 1, 0,
    ]);
  });

  it("weigh engagement as a whole number, 100 at the most", () => {
    const weight = (listens: number, follows: number, playlistAdds: number): number =>
      leadFacts(of({ engagement: { ...engagement, listens, follows, playlistAdds } })).engagement;
    expect([weight(9, 1, 1), weight(0, 0, 0), weight(4000, 9, 9)]).toEqual([8, 0, 100]);
  });
});

describe("a listener", () => {
  const selection = `id spotifyAccountId country region age customerValue industry productsOwned
    consents { purpose granted recordedAt } engagement { listens skips follows playlistAdds ctaClicks lastAt }`;

  it("is what the records say, with the consents that stand", async () => {
    const record = byId.find(({ consents }) => consents.length === 6) ?? SENTINEL;
    const { data, errors } = await audience.query(
      "listeners",
      `query ($id: ID!) { listener(id: $id) { ${selection} } }`,
      {
        id: idOf(record),
      },
    );
    expect(errors).toEqual([]);
    const { productInterest: _internal, ...known } = record;
    expect(data).toEqual({
      listener: JSON.parse(JSON.stringify({ ...known, id: idOf(record), consents: record.consents.slice(3) })),
    });
  });

  it("is null where there is none", async () => {
    const { data, errors } = await audience.query("listeners", `{ listener(id: "listener_nobody") { id } }`);
    expect([data, errors]).toEqual([{ listener: null }, []]);
  });

  it("is not found by the id of something else", async () => {
    const { data, errors } = await audience.query("listeners", `{ listener(id: "campaign_1") { id } }`);
    expect(data).toEqual({ listener: null });
    expect(errors).toMatchObject([
      {
        message: 'Cannot read id: "campaign_1" is no listener id',
        extensions: { code: "BAD_USER_INPUT", argument: "id" },
      },
    ]);
  });

  it("is found by reference, each by its own, and one that is malformed leaves the others alone", async () => {
    const [first = SENTINEL, second = SENTINEL] = byId;
    const wanted = [idOf(first), "listener_nobody", 5, idOf(second)];
    const { entities, errors } = await audience.entities(
      "listeners",
      wanted.map((id) => ({ __typename: "Listener", id })),
      "... on Listener { id country facts { age country consents refusals } }",
    );
    const expected = (record: ListenerRecord) => ({
      id: idOf(record),
      country: record.country,
      facts: {
        age: record.age,
        country: record.country,
        consents: grantedPurposes(latestConsents(record.consents)),
        refusals: refusedPurposes(latestConsents(record.consents)),
      },
    });
    expect(entities).toEqual([expected(first), null, null, expected(second)]);
    expect(errors.map(({ path, message }) => [path, message])).toEqual([
      [["entities", 2], "Cannot resolve Listener: its representation's id is malformed"],
    ]);
  });
});

describe("the list of listeners", () => {
  it("gives twenty at a time in the order of their ids, and says how many there are", async () => {
    const page = await list(
      "",
      "totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }",
    );
    expect(page.nodes.map(({ id }) => id)).toEqual(byId.slice(0, 20).map(idOf));
    expect(page.edges.map(({ node }) => node.id)).toEqual(page.nodes.map(({ id }) => id));
    expect(page.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: page.edges[0]?.cursor,
      endCursor: page.edges[19]?.cursor,
    });
    expect(page.totalCount).toBe(5000);
  });

  it("gives each listener exactly once to whoever turns all its pages", async () => {
    const found: string[] = [];
    let pages = 0;
    for (let after = "null", more = true; more; pages += 1) {
      const page = await list(`(first: 200, after: ${after})`, "nodes { id } pageInfo { hasNextPage endCursor }");
      found.push(...page.nodes.map(({ id }) => id));
      after = JSON.stringify(page.pageInfo.endCursor);
      more = page.pageInfo.hasNextPage;
    }
    expect(pages).toBe(25);
    expect(found).toEqual(byId.map(idOf));
  });

  it("gives those of one country, and counts them", async () => {
    const there = byId.filter(({ country }) => country === "NZ");
    const first = await list('(country: "NZ", first: 30)', "totalCount nodes { id country } pageInfo { endCursor }");
    expect(first.totalCount).toBe(there.length);
    expect(first.nodes).toEqual(there.slice(0, 30).map((one) => ({ id: idOf(one), country: "NZ" })));
    const after = JSON.stringify(first.pageInfo.endCursor);
    const rest = await list(`(country: "NZ", first: 200, after: ${after})`, "nodes { id } pageInfo { hasNextPage }");
    expect(rest).toEqual({
      nodes: there.slice(30).map((one) => ({ id: idOf(one) })),
      pageInfo: { hasNextPage: false },
    });
    expect(await list('(country: "AQ")', "totalCount nodes { id } pageInfo { hasNextPage endCursor }")).toEqual({
      totalCount: 0,
      nodes: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });

  it("goes on where it was when whoever stood there is gone", async () => {
    const left = listenerRecordsOf(world.filter(({ id }) => id !== byId[4]?.id));
    const found = await left.listeners({ after: byId[4]?.id, limit: 2 });
    expect(found.map(({ id }) => id)).toEqual([byId[5]?.id, byId[6]?.id]);
  });

  it("counts only where a client asks how many there are", async () => {
    counted = 0;
    await list("(first: 1)", "nodes { id } pageInfo { hasNextPage }");
    expect(counted).toBe(0);
    await list("(first: 1)", "totalCount");
    expect(counted).toBe(1);
  });

  it.each([
    ["(first: 0)", "Cannot list: first must be from 1 to 200, but got 0", "first"],
    ["(first: 201)", "Cannot list: first must be from 1 to 200, but got 201", "first"],
    ['(after: "abc")', "Cannot list: after is not a cursor of listeners", "after"],
    [`(after: "${cursor(["campaigns", "x"])}")`, "Cannot list: after is not a cursor of listeners", "after"],
    [`(after: "${cursor(["listeners", 7])}")`, "Cannot list: after is not a cursor of listeners", "after"],
    [
      `(after: "${cursor(["listeners", "x".repeat(129)])}")`,
      "Cannot list: after is not a cursor of listeners",
      "after",
    ],
  ])("refuses %s", async (args, message, argument) => {
    const { data, errors } = await audience.query("listeners", `{ listeners${args} { nodes { id } } }`);
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT", argument } }]);
  });
});

describe("the decisions about listeners", () => {
  const selection = `nodes { id country
    segments { verdict reasons { code } segments } lead { verdict reasons { code } score route queue } }`;

  it("are one batch for a page, with one evaluation for each class of listeners", async () => {
    const { nodes } = await list("(first: 200)", selection);
    const asked = byId.slice(0, 200);
    const classes = ["audience_segment", "lead_routing"].map(
      (key) => new Set(asked.map((one) => audience.table(key).identity(factsOf(one)[key] ?? {}))).size,
    );
    expect(classes).toEqual([61, 25]);
    expect(audience.batches()).toEqual([61 + 25]);
    expect(await audience.calls("opentext")).toBe(61 + 25);
    const shown = ({ verdict, reasons }: ReturnType<typeof judge>) => ({
      verdict,
      reasons: reasons.map(({ code }) => ({ code })),
    });
    expect(nodes).toEqual(
      asked.map((one) => {
        const [segments, lead] = [
          judge(audienceSegment, rowsOf("audience_segment", one)),
          judge(leadRouting, rowsOf("lead_routing", one)),
        ];
        return {
          id: idOf(one),
          country: one.country,
          segments: { ...shown(segments), ...segments.answer },
          lead: { ...shown(lead), ...lead.answer },
        };
      }),
    );
  });

  it("may be acted on for half a minute", async () => {
    const { data } = await audience.query<{
      listener: Readonly<Record<string, { decidedAt: string; expiresAt: string }>>;
    }>(
      "listeners",
      `query ($id: ID!) { listener(id: $id) { segments { decidedAt expiresAt } lead { decidedAt expiresAt } } }`,
      { id: idOf(byId[0] ?? SENTINEL) },
    );
    for (const { decidedAt, expiresAt } of Object.values(data.listener)) {
      expect(Date.parse(expiresAt) - Date.parse(decidedAt)).toBe(30_000);
    }
  });

  it("heed a consent that is withdrawn at once, whatever was answered before", async () => {
    const record =
      byId.find(({ consents }) => consents.length === 3 && consents.every((one) => one.granted)) ?? SENTINEL;
    const query = `query ($id: ID!) { listener(id: $id) { segments { verdict segments } lead { verdict route } } }`;
    const before = await audience.query<{ listener: Node }>("listeners", query, { id: idOf(record) });
    expect([before.data.listener.segments?.verdict, before.data.listener.lead?.verdict]).not.toContain("DENY");
    const withdrawn = record.consents.map((one) => ({ ...one, granted: false, recordedAt: new Date(NOW) }));
    changed.set(record.id, { ...record, consents: [...withdrawn, ...record.consents] });
    const after = await audience.query("listeners", query, { id: idOf(record) });
    changed.delete(record.id);
    expect(after.data).toEqual({
      listener: { segments: { verdict: "DENY", segments: [] }, lead: { verdict: "DENY", route: "SUPPRESS" } },
    });
  });

  it("are null beside an error where the service gives none, and the listener is there all the same", async () => {
    await audience.misbehave("opentext", { rows: "empty" });
    const record = world.find(({ country }) => country === "RU") ?? SENTINEL;
    const { data, errors } = await audience.query(
      "listeners",
      `query ($id: ID!) { listener(id: $id) { country lead { route } } }`,
      {
        id: idOf(record),
      },
    );
    await audience.behave("opentext");
    expect(data).toEqual({ listener: { country: "RU", lead: null } });
    expect(errors).toMatchObject([
      {
        path: ["listener", "lead"],
        extensions: { code: "DECISION_UNDETERMINED", decision: "lead_routing", retryable: false },
      },
    ]);
  });

  it.each([
    [{ score: 50 }, "no row has a known route"],
    [{ score: 50, route: "CALL_AT_NIGHT" }, "no row has a known route"],
    [{ score: 72.5, route: "SALES" }, "score is not an integer from 0 to 100"],
    [{ score: 101, route: "SALES" }, "score is not an integer from 0 to 100"],
    [{ route: "SALES" }, "no row says score"],
  ])("are none where the rows of a lead say %j", (row, message) => {
    expect(() => leadRouting.answer([row])).toThrow(new UndecidedError(message));
  });
});

describe("what is personal about a listener", () => {
  const everything = `id country region age customerValue industry productsOwned spotifyAccountId
    consents { purpose granted recordedAt } engagement { listens skips playlistAdds ctaClicks lastAt }
    segments { verdict segments } lead { verdict score route } facts { age country consents refusals }`;
  const query = `query ($ids: [_Any!]!) { _entities(representations: $ids) { ... on Listener { ${everything} } } }`;
  const ids = [SENTINEL, BROKEN].map((one) => ({ __typename: "Listener", id: idOf(one) }));
  const [campaign = ""] = createCampaigns({ scale: 1, now: new Date(NOW) }).campaigns.map(({ id }) => `campaign_${id}`);
  const personal = { age: 86_420, country: "LI", consents: ["MARKETING"], refusals: ["sentinelrefusal"] };

  it("goes to the client that asked for it", async () => {
    const { data } = await audience.query("listeners", query, { ids });
    const answer = JSON.stringify(data);
    for (const value of ["sentinelaccount", "sentinelregion", "86420", "97531", "1988-07-06T05:04:03.211Z"]) {
      expect(answer).toContain(value);
    }
  });

  it.each([
    ["all is well", undefined],
    ["the decision service refuses", { status: 400 }],
    ["the decision service fails", { status: 500 }],
    ["the decision service has no rows", { rows: "empty" }],
    ["the decision service breaks off", { body: "malformed" }],
  ] as const)("is in no log line and no error where %s", async (_when, faults) => {
    if (faults) await audience.misbehave("opentext", faults);
    // A listener of a class nobody has asked about yet, so that the service is really asked.
    changed.set(SENTINEL.id, {
      ...SENTINEL,
      productsOwned: ["sentinelproduct", `sentinel${_when}`],
      region: `sentinel${_when}`,
    });
    const from = audience.lines.length;
    const answers = await Promise.all([
      audience.query("listeners", query, { ids }),
      audience.entities(
        "campaigns",
        representations(),
        `... on Listener { id activation(campaignId: "${campaign}") { verdict } }`,
      ),
    ]);
    await audience.behave("opentext");
    changed.set(SENTINEL.id, SENTINEL);
    const logged = audience.lines.slice(from);
    expect(logged.length).toBeGreaterThan(0);
    expect(answers.map(({ errors }) => errors.length > 0)).toEqual([true, true]);
    for (const text of [...logged, JSON.stringify(answers.map(({ errors }) => errors))]) {
      expect(text).not.toMatch(PERSONAL);
    }
  });

  /** References to a listener as a gateway sends them, and as none should. */
  function representations(): readonly unknown[] {
    const wrong = [
      { age: "86420" },
      { age: 86_420.5 },
      { country: { code: "LI" } },
      { consents: "MARKETING" },
      { consents: [86_420] },
      { refusals: [{ sentinel: true }] },
    ];
    return [{}, ...wrong].map((change) => ({
      __typename: "Listener",
      id: idOf(SENTINEL),
      facts: { ...personal, ...change },
    }));
  }
});

function cursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}
