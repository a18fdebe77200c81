import "reflect-metadata";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grantedPurposes, latestConsents, refusedPurposes } from "../../../subgraphs/listeners/consents/consents.ts";
import type { ListenerRecord, ListenerRecords } from "../../../subgraphs/records/listeners/types.ts";
import { startAudience } from "../../support/audience.ts";
import type { Audience } from "../../support/audience.ts";
import { listenerRecordsOf } from "../../support/memory-records.ts";
import { byId, idOf, world } from "../../support/listener-world.ts";

interface Page {
  readonly listeners: {
    readonly nodes: readonly { readonly id: string; readonly country: string }[];
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
    readonly pageInfo: Readonly<Record<string, unknown>> & {
      readonly hasNextPage: boolean;
      readonly endCursor: string;
    };
    readonly totalCount: number;
  };
}

let countCalls = 0;
const memory = listenerRecordsOf(world);
const records: ListenerRecords = {
  ...memory,
  count: (country) => {
    countCalls += 1;
    return memory.count(country);
  },
};

let audience: Audience;
beforeAll(async () => {
  audience = await startAudience({ records });
});
afterAll(() => audience.stop());

async function list(args: string, selection: string): Promise<Page["listeners"]> {
  const { data, errors } = await audience.query<Page>("listeners", `{ listeners${args} { ${selection} } }`);
  expect(errors).toEqual([]);
  return data.listeners;
}

describe("a listener", () => {
  const selection = `id spotifyAccountId country region age customerValue industry productsOwned
    consents { purpose granted recordedAt } engagement { listens skips follows playlistAdds ctaClicks lastAt }`;

  it("has the fields of its record, with the latest consents", async () => {
    const record = byId.find(({ consents }) => consents.length === 6) ?? expect.fail("the world has no such listener");
    const { data, errors } = await audience.query(
      "listeners",
      `query ($id: ID!) { listener(id: $id) { ${selection} } }`,
      {
        id: idOf(record),
      },
    );
    expect(errors).toEqual([]);
    const { productInterest: _internal, ...shown } = record;
    expect(data).toEqual({
      listener: JSON.parse(JSON.stringify({ ...shown, id: idOf(record), consents: record.consents.slice(3) })),
    });
  });

  it("is null if it is unknown", async () => {
    const { data, errors } = await audience.query("listeners", `{ listener(id: "listener_nobody") { id } }`);
    expect([data, errors]).toEqual([{ listener: null }, []]);
  });

  it("is not found by the id of another type", async () => {
    const { data, errors } = await audience.query("listeners", `{ listener(id: "campaign_1") { id } }`);
    expect(data).toEqual({ listener: null });
    expect(errors).toMatchObject([
      {
        message: 'Cannot read id: "campaign_1" is no listener id',
        extensions: { code: "BAD_USER_INPUT", argument: "id" },
      },
    ]);
  });

  it("is found by reference; a malformed one is an error and leaves the others unaffected", async () => {
    const [first, second] = byId;
    if (!first || !second) throw new RangeError("the world has no two listeners");
    const ids = [idOf(first), "listener_nobody", 5, idOf(second)];
    const { entities, errors } = await audience.entities(
      "listeners",
      ids.map((id) => ({ __typename: "Listener", id })),
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
  it("has pages of 20 in the order of the ids, and the total count", async () => {
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

  it("has each listener exactly once over all pages", async () => {
    const found: string[] = [];
    let pages = 0;
    for (let after = "null", hasNextPage = true; hasNextPage; pages += 1) {
      const page = await list(`(first: 200, after: ${after})`, "nodes { id } pageInfo { hasNextPage endCursor }");
      found.push(...page.nodes.map(({ id }) => id));
      after = JSON.stringify(page.pageInfo.endCursor);
      ({ hasNextPage } = page.pageInfo);
    }
    expect(pages).toBe(25);
    expect(found).toEqual(byId.map(idOf));
  });

  it("is filtered and counted by country", async () => {
    const expected = byId.filter(({ country }) => country === "NZ");
    const first = await list('(country: "NZ", first: 30)', "totalCount nodes { id country } pageInfo { endCursor }");
    expect(first.totalCount).toBe(expected.length);
    expect(first.nodes).toEqual(expected.slice(0, 30).map((record) => ({ id: idOf(record), country: "NZ" })));
    const after = JSON.stringify(first.pageInfo.endCursor);
    const rest = await list(`(country: "NZ", first: 200, after: ${after})`, "nodes { id } pageInfo { hasNextPage }");
    expect(rest).toEqual({
      nodes: expected.slice(30).map((record) => ({ id: idOf(record) })),
      pageInfo: { hasNextPage: false },
    });
    expect(await list('(country: "AQ")', "totalCount nodes { id } pageInfo { hasNextPage endCursor }")).toEqual({
      totalCount: 0,
      nodes: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });

  it("continues after a cursor whose listener was erased", async () => {
    const remaining = listenerRecordsOf(world.filter(({ id }) => id !== byId[4]?.id));
    const found = await remaining.listeners({ after: byId[4]?.id, limit: 2 });
    expect(found.map(({ id }) => id)).toEqual([byId[5]?.id, byId[6]?.id]);
  });

  it("counts only if totalCount is selected", async () => {
    countCalls = 0;
    await list("(first: 1)", "nodes { id } pageInfo { hasNextPage }");
    expect(countCalls).toBe(0);
    await list("(first: 1)", "totalCount");
    expect(countCalls).toBe(1);
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

function cursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}
