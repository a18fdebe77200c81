/** The pages, errors and rate limit of the sandbox of Soundtrack. */
import { describe, expect, it } from "vitest";
import { time, start, raw, ordered, first } from "../../support/soundtrack-client.ts";

describe("Soundtrack's sandbox", () => {
  const lists = `query ($first: Int, $after: String) { me { ... on PublicAPIClient {
    accounts(first: $first, after: $after) {
      total pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }
    } } } }`;

  it("lists pages with page info", async () => {
    const { sandbox } = await start();
    interface Page {
      me: { accounts: { total: number; pageInfo: Record<string, unknown>; edges: { cursor: string; node: object }[] } };
    }
    const opening = ((await raw(sandbox, lists, { first: 3 })).data as Page).me.accounts;
    expect([opening.total, opening.edges.length]).toEqual([40, 3]);
    expect(opening.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: opening.edges[0]?.cursor,
      endCursor: opening.edges[2]?.cursor,
    });
    const rest = ((await raw(sandbox, lists, { first: 40, after: opening.edges[2]?.cursor })).data as Page).me.accounts;
    expect([rest.total, rest.edges.length, rest.pageInfo["hasNextPage"], rest.pageInfo["hasPreviousPage"]]).toEqual([
      40,
      37,
      false,
      true,
    ]);
    expect((await raw(sandbox, lists, { first: 1, after: "nowhere" })).codes).toEqual(["BAD_USER_INPUT"]);
  });

  it("answers 200 with partial data for failures inside a query", async () => {
    const { sandbox } = await start();
    expect(
      await raw(sandbox, "query ($a: ID!, $b: ID!) { a: location(id: $a) { id } b: account(id: $b) { id } }", {
        a: first,
        b: first,
      }),
    ).toMatchObject({ status: 200, data: { a: { id: first }, b: null }, codes: ["NOT_FOUND"] });
    expect(await raw(sandbox, "{ nothing }")).toMatchObject({
      status: 200,
      data: null,
      codes: ["GRAPHQL_VALIDATION_FAILED"],
    });
    expect(await raw(sandbox, "{")).toMatchObject({ status: 200, data: null, codes: ["GRAPHQL_PARSE_FAILED"] });
    expect((await sandbox.app.inject({ method: "POST", url: "/v2", payload: {} })).statusCode).toBe(401);
  });

  it("resolves every object by its id, with its parents", async () => {
    const { sandbox } = await start();
    const zone = ordered[0]?.zones[0]?.id ?? "";
    const account = ordered[0]?.accountId;
    const query = `query ($account: ID!, $location: ID!, $zone: ID!) {
      a: node(id: $account) { __typename id } b: node(id: $location) { __typename id } c: node(id: $zone) { __typename id }
      soundZone(id: $zone) { isPaired location { id account { id } } account { id } status { state code } playback { state } }
    }`;
    expect((await raw(sandbox, query, { account, location: first, zone })).data).toEqual({
      a: { __typename: "Account", id: account },
      b: { __typename: "Location", id: first },
      c: { __typename: "SoundZone", id: zone },
      soundZone: {
        isPaired: true,
        location: { id: first, account: { id: account } },
        account: { id: account },
        status: { state: "OK", code: "ALL_OK" },
        playback: { state: "playing" },
      },
    });
  });

  it("charges by the query for what it may return, and adds 50 a second", async () => {
    const { sandbox } = await start();
    // The example of Soundtrack's documentation, with what plays instead of the device.
    const query = `query ($id: ID!, $first: Int) { account(id: $id) { locations(first: $first) { edges { node { ...Zones } } } } }
      fragment Zones on Location { soundZones(first: 10) { edges { node { nowPlaying { track { id } } } } } }`;
    const id = ordered[0]?.accountId;
    expect(await raw(sandbox, query, { id, first: 10 })).toMatchObject({ cost: 211, available: 3389 });
    expect(await raw(sandbox, query, { id, first: 1 })).toMatchObject({ cost: 22, available: 3367 });
    time.now += 100;
    expect(await raw(sandbox, "{ me { __typename } }")).toMatchObject({ cost: 0, available: 3372 });
    time.now += 3_600_000;
    expect(await raw(sandbox, "{ me { __typename } }")).toMatchObject({ available: 3600 });
  });

  it("words its errors as documented, without codes", async () => {
    const { sandbox } = await start({
      errors: "messages",
      bucket: { capacity: 1, perSecond: 1 },
      troubles: new Map([[first, "FORBIDDEN"]]),
    });
    const headers = { authorization: "Basic sandbox" };
    const ask = (query: string) => sandbox.app.inject({ method: "POST", url: "/v2", headers, payload: { query } });
    const refused = await ask(`{ location(id: "${first}") { id } }`);
    expect([refused.statusCode, refused.json()]).toEqual([
      200,
      {
        data: { location: null },
        errors: [{ message: "Forbidden", path: ["location"], locations: [{ line: 1, column: 3 }] }],
      },
    ]);
    const spent = await ask(`{ location(id: "${first}") { id } }`);
    expect([spent.statusCode, spent.json()]).toEqual([
      429,
      { data: null, errors: [{ message: "Rate limit exceeded" }] },
    ]);
  });

  it("rejects a query above the budget without charging it", async () => {
    const { sandbox } = await start({ bucket: { capacity: 4, perSecond: 50 } });
    const query =
      "query ($id: ID!) { location(id: $id) { soundZones(first: 2) { edges { node { id } } } account { id } } }";
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ status: 200, cost: 4, available: 0 });
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ data: null, codes: ["RATE_LIMITED"], cost: 4 });
    time.now += 80;
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ codes: [] });
  });
});
