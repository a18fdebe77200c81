import { afterEach, describe, expect, it } from "vitest";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { createSoundtrackSandbox } from "../../../subgraphs/sandbox/soundtrack/server.ts";
import type { SoundtrackSandboxOptions } from "../../../subgraphs/sandbox/soundtrack/server.ts";
import { createLocations } from "../../../subgraphs/sandbox/world/locations.ts";
import type { LocationWorld, WorldLocation } from "../../../subgraphs/sandbox/world/locations.ts";
import { createSoundtrack } from "../../../subgraphs/sources/soundtrack/client.ts";
import type { Soundtrack } from "../../../subgraphs/sources/soundtrack/client.ts";
import type { PlacedLocation } from "../../../subgraphs/sources/soundtrack/walk.ts";
import type { SoundtrackOptions } from "../../../subgraphs/sources/soundtrack/connection.ts";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import { behave, misbehave } from "../../support/sandbox-control.ts";

const today = Date.parse("2026-03-10T12:00:00Z");
const world = createLocations({ scale: 1, now: new Date(today) });
const open: { close(): Promise<void> }[] = [];
let clock = today;

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function start(
  limits: Partial<SoundtrackSandboxOptions> = {},
  options: Partial<SoundtrackOptions> = {},
): Promise<{ readonly sandbox: Sandbox; readonly soundtrack: Soundtrack }> {
  clock = today;
  const sandbox = createSoundtrackSandbox({ world, now: () => clock, ...limits });
  open.push(sandbox);
  return { sandbox, soundtrack: connect(await sandbox.listen(), options) };
}

function connect(origin: string, options: Partial<SoundtrackOptions> = {}): Soundtrack {
  const soundtrack = createSoundtrack({ baseUrl: `${origin}/v2`, token: "sandbox", now: () => clock, ...options });
  open.push(soundtrack);
  return soundtrack;
}

/** A Soundtrack with the answers of a function from the variables of a query to the body. */
async function answering(
  answer: (variables: Readonly<Record<string, unknown>>) => unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly sandbox: Sandbox; readonly soundtrack: Soundtrack }> {
  clock = today;
  const sandbox = createSandbox({
    name: "soundtrack",
    problem: () => ({}),
    routes: (app) =>
      void app.post<{ Body: { variables: Record<string, unknown> } }>("/v2", (request, reply) =>
        reply.headers(headers).send(answer(request.body.variables)),
      ),
  });
  open.push(sandbox);
  return { sandbox, soundtrack: connect(await sandbox.listen()) };
}

interface Sent {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}
/** The bodies that were sent since the last call of this. */
async function sent({ app }: Sandbox): Promise<readonly Sent[]> {
  const { recent } = (await app.inject("/sandbox/calls")).json<{ recent: { body: Sent }[] }>();
  await app.inject({ method: "DELETE", url: "/sandbox/calls" });
  return recent.map(({ body }) => body);
}
async function raw({ app }: Sandbox, query: string, variables: object = {}) {
  const reply = await app.inject({
    method: "POST",
    url: "/v2",
    headers: { authorization: "Basic sandbox" },
    payload: { query, variables },
  });
  const { data, errors } = reply.json<{
    data: unknown;
    errors?: { message: string; extensions: { code: string } }[];
  }>();
  return {
    status: reply.statusCode,
    data,
    codes: errors?.map(({ extensions }) => extensions.code) ?? [],
    cost: Number(reply.headers["x-ratelimiting-cost"]),
    available: Number(reply.headers["x-ratelimiting-tokens-available"]),
  };
}

async function failure(asked: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpstreamError)) throw new Error(`expected an UpstreamError but got ${String(error)}`);
  return error;
}

const collator = new Intl.Collator("en");
/** The world's locations in the order of Soundtrack's list. */
function inOrder({ accounts, locations }: LocationWorld): readonly WorldLocation[] {
  return accounts
    .toSorted((left, right) => collator.compare(left.businessName, right.businessName))
    .flatMap(({ id }) =>
      locations
        .filter(({ accountId }) => accountId === id)
        .toSorted((left, right) => collator.compare(left.name, right.name)),
    );
}
const idsOf = (found: readonly PlacedLocation[]): string[] => found.map(({ location }) => location.id);
const ordered = inOrder(world);
const orderedIds = ordered.map(({ id }) => id);
const [first, second, third] = orderedIds as [string, string, string];
/** The cost of accounts, locations and sound zones together. */
const costOf = (locations: readonly WorldLocation[]): number =>
  new Set(locations.map(({ accountId }) => accountId)).size +
  locations.reduce((sum, { zones }) => sum + 1 + zones.length, 0);

describe("Soundtrack's client", () => {
  it("reads accounts with their numbers of locations in one query, and caches them for five minutes", async () => {
    const { sandbox, soundtrack } = await start();
    const accounts = await soundtrack.accounts();
    expect(accounts.map(({ name }) => name).slice(0, 3)).toEqual(["Academia Ritmo", "Albergo Miramare", "Bar Navigli"]);
    expect([accounts.length, accounts.reduce((sum, { locations }) => sum + locations, 0)]).toEqual([40, 500]);
    clock += 299_999;
    await soundtrack.accounts();
    expect(await sent(sandbox)).toHaveLength(1);
    clock += 1;
    await soundtrack.accounts();
    expect(await sent(sandbox)).toHaveLength(1);
  });

  it("reads accounts page by page, with pages of any size", async () => {
    const pages = new Map([
      [null, ["a", "b"]],
      ["2", ["c"]],
    ]);
    const { sandbox, soundtrack } = await answering(({ after }) => ({
      data: {
        me: {
          accounts: {
            pageInfo: { hasNextPage: after === null, endCursor: after === null ? "2" : null },
            edges: [
              { node: null },
              ...(pages.get(after as string | null) ?? []).map((id) => ({
                node: { id, businessName: id, locations: { total: 1 } },
              })),
            ],
          },
        },
      },
    }));
    expect((await soundtrack.accounts()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([
      { first: 500, after: null },
      { first: 500, after: "2" },
    ]);
  });

  it("reads a page of locations across accounts in one query", async () => {
    const { sandbox, soundtrack } = await start();
    await soundtrack.accounts();
    await sent(sandbox);
    const page = await soundtrack.locations({ first: 20 });
    expect(idsOf(page)).toEqual(orderedIds.slice(0, 20));
    expect(page[0]?.location).toEqual({
      id: first,
      name: "Manaus, Avenida Brasil",
      account: "Academia Ritmo",
      country: "BR",
      city: "Manaus",
      timezone: "America/Manaus",
      zones: (ordered[0]?.zones ?? []).map(({ id, name, online, subscription }) => ({
        id,
        name,
        online,
        subscription: subscription.state,
      })),
    });
    const [query, ...more] = await sent(sandbox);
    expect(more).toEqual([]);
    const { id: one = "" } = world.accounts.find(({ businessName }) => businessName === "Academia Ritmo") ?? {};
    const { id: two = "" } = world.accounts.find(({ businessName }) => businessName === "Albergo Miramare") ?? {};
    expect(query?.variables).toEqual({ i0: one, f0: 12, c0: null, i1: two, f1: 8, c1: null });
  });

  it.each([1, 7, 100, 333])("gives every location once, in pages of %i", async (size) => {
    const { soundtrack } = await start({ bucket: { capacity: 1e6, perSecond: 0 } });
    const ids: string[] = [];
    for (let after: PlacedLocation["position"] | undefined; ;) {
      const page = await soundtrack.locations({ first: size, after });
      ids.push(...idsOf(page));
      if (page.length < size) break;
      after = page.at(-1)?.position;
    }
    expect(ids).toEqual(orderedIds);
  });

  it("caches a page for a minute, with one query for concurrent reads", async () => {
    const { sandbox, soundtrack } = await start();
    await soundtrack.accounts();
    await sent(sandbox);
    const [page, same] = await Promise.all([soundtrack.locations({ first: 3 }), soundtrack.locations({ first: 3 })]);
    clock += 59_999;
    expect([same, await soundtrack.locations({ first: 3 })]).toEqual([page, page]);
    expect(await sent(sandbox)).toHaveLength(1);
    clock += 1;
    await soundtrack.locations({ first: 3 });
    expect(await sent(sandbox)).toHaveLength(1);
  });

  it("continues after a position from another process", async () => {
    const { sandbox, soundtrack } = await start();
    const position = (await soundtrack.locations({ first: 5 })).at(-1)?.position;
    const address = sandbox.app.server.address();
    const elsewhere = connect(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    expect(idsOf(await elsewhere.locations({ first: 3, after: position }))).toEqual(orderedIds.slice(5, 8));
  });

  it("continues after a deleted location without a gap", async () => {
    const position = (await (await start()).soundtrack.locations({ first: 5 })).at(-1)?.position;
    // Soundtrack continues after the cursor of an existing location, and refuses the cursor of a deleted one.
    const { soundtrack } = await start({
      world: { ...world, locations: world.locations.filter(({ id }) => id !== orderedIds[2]) },
    });
    expect(idsOf(await soundtrack.locations({ first: 2, after: position }))).toEqual(orderedIds.slice(5, 7));
  });

  it("ends after a position in a deleted account", async () => {
    const position = (await (await start()).soundtrack.locations({ first: 5 })).at(-1)?.position;
    const { soundtrack } = await start({
      world: { ...world, accounts: world.accounts.filter(({ id }) => id !== ordered[0]?.accountId) },
    });
    expect(await soundtrack.locations({ first: 2, after: position })).toEqual([]);
  });

  it("sends a second query if an account has fewer locations than counted", async () => {
    const node = (id: string) => ({
      cursor: id,
      node: {
        id,
        name: id,
        physicalAddress: { city: "", country: "SE" },
        timezone: "UTC",
        soundZones: { total: 0, edges: [] },
      },
    });
    const held = new Map([
      ["a", ["a1"]],
      ["b", ["b1", "b2", "b3"]],
    ]);
    const { sandbox, soundtrack } = await answering((variables) => {
      if (!("i0" in variables)) {
        const edges = ["a", "b", "gone"].map((id) => ({ node: { id, businessName: id, locations: { total: 3 } } }));
        return { data: { me: { accounts: { pageInfo: { hasNextPage: false, endCursor: null }, edges } } } };
      }
      const part = (index: number) => {
        const own = held.get(String(variables[`i${index}`]));
        const start = (own?.indexOf(String(variables[`c${index}`])) ?? -1) + 1;
        const edges = own?.slice(start, start + Number(variables[`f${index}`])).map(node);
        return own ? { businessName: "x", locations: { edges } } : null;
      };
      const indexes = [0, 1, 2].filter((index) => `i${index}` in variables);
      return {
        data: Object.fromEntries(indexes.map((index) => [`a${index}`, part(index)])),
        errors: [{ message: "Not found", path: ["a1"], extensions: { code: "NOT_FOUND" } }],
      };
    });
    expect(idsOf(await soundtrack.locations({ first: 5 }))).toEqual(["a1", "b1", "b2", "b3"]);
    expect((await sent(sandbox)).slice(1).map(({ variables }) => variables)).toEqual([
      { i0: "a", f0: 3, c0: null, i1: "b", f1: 2, c1: null },
      { i0: "b", f0: 1, c0: "b2", i1: "gone", f1: 1, c1: null },
    ]);
  });

  it("reads all locations in three queries and one for the accounts, and caches them for a minute", async () => {
    const { sandbox, soundtrack } = await start();
    const [all, same] = await Promise.all([soundtrack.everyLocation(), soundtrack.everyLocation()]);
    expect([idsOf(all), same]).toEqual([orderedIds, all]);
    expect(await sent(sandbox)).toHaveLength(4);
    clock += 59_999;
    await soundtrack.everyLocation();
    expect(await sent(sandbox)).toHaveLength(0);
    clock += 1;
    await soundtrack.everyLocation();
    expect(await sent(sandbox)).toHaveLength(3);
  });

  it("has the same positions in the whole list and in pages", async () => {
    const { soundtrack } = await start();
    const all = await soundtrack.everyLocation();
    const page = await soundtrack.locations({ first: 30, after: all[9]?.position });
    expect(page.map(({ position }) => position)).toEqual(all.slice(10, 40).map(({ position }) => position));
  });

  it("reads locations by id, a hundred in a query, each once, aligned with the ids", async () => {
    const { sandbox, soundtrack } = await start();
    const wanted = [...orderedIds.slice(0, 150).toReversed(), first];
    const found = await soundtrack.locationsById(wanted);
    expect(found.map((location) => (location instanceof Error ? null : location?.id))).toEqual(wanted);
    const queries = await sent(sandbox);
    expect(queries.map(({ variables }) => Object.keys(variables).length)).toEqual([100, 50]);
    expect(new Set(queries.flatMap(({ variables }) => Object.values(variables))).size).toBe(150);
  });

  it("reads the same fields by id and in a list", async () => {
    const { soundtrack } = await start();
    const [byId] = await soundtrack.locationsById([first]);
    expect(byId).toEqual((await soundtrack.locations({ first: 1 }))[0]?.location);
  });

  it("sends one query for all reads by id in a tick", async () => {
    const { sandbox, soundtrack } = await start();
    await Promise.all([soundtrack.locationsById([first, second]), soundtrack.locationsById([second, third])]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([{ i0: first, i1: second, i2: third }]);
  });

  it("caches locations read by id or in a list for a minute", async () => {
    const { sandbox, soundtrack } = await start();
    await soundtrack.locationsById([first]);
    await soundtrack.locations({ first: 2 });
    await sent(sandbox);
    clock += 59_999;
    await soundtrack.locationsById([first, second]);
    expect(await sent(sandbox)).toEqual([]);
    clock += 1;
    await soundtrack.locationsById([first, second]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([{ i0: first, i1: second }]);
  });

  it("is null for an unknown location, and sends no malformed id", async () => {
    const { sandbox, soundtrack } = await start();
    const nobody = Buffer.from("Location,,nobody/").toString("base64");
    const found = await soundtrack.locationsById([nobody, first, "", "a b", "ü", '"', "x".repeat(300)]);
    expect(found.map((location) => location !== null)).toEqual([false, true, false, false, false, false, false]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([{ i0: nobody, i1: first }]);
    expect(await soundtrack.locationsById(["?"])).toEqual([null]);
    expect(await sent(sandbox)).toEqual([]);
  });

  it("reads what plays in sound zones in one query; null if nothing does", async () => {
    const paused = world.locations
      .flatMap(({ zones }) => zones)
      .find(({ subscription: { state } }) => state === "PAUSED");
    const playing = ordered[0]?.zones.map(({ id }) => id) ?? [];
    const { sandbox, soundtrack } = await start();
    const ids = [...playing, paused?.id ?? "", "U291bmRab25lLCxub2JvZHkv", "?"];
    expect(await soundtrack.nowPlaying(ids)).toEqual(["Quiet Machinery", "Copper Sky", null, null, null]);
    expect(await sent(sandbox)).toHaveLength(1);
    clock += 210_000;
    expect(await soundtrack.nowPlaying(playing)).not.toEqual(["Quiet Machinery", "Copper Sky"]);
  });
});

describe("a partial answer of Soundtrack", () => {
  const trouble = (...more: readonly (readonly [string, string])[]) => ({ troubles: new Map(more) });

  it("has null zones if they failed, with the rest of the location", async () => {
    const { soundtrack } = await start(trouble([`${first}.soundZones`, "INTERNAL_SERVER_ERROR"]));
    const zones = (found: readonly unknown[]): unknown[] =>
      found.map((one) => (one as { zones: unknown }).zones === null);
    expect(zones(await soundtrack.locationsById([first, second]))).toEqual([true, false]);
    expect(zones((await soundtrack.locations({ first: 2 })).map(({ location }) => location))).toEqual([true, false]);
  });

  it("has null zones if one is missing", async () => {
    const zone = ordered[0]?.zones[0]?.id ?? "";
    const { soundtrack } = await start(trouble([zone, "INTERNAL_SERVER_ERROR"]));
    const [location] = await soundtrack.locationsById([first]);
    expect(location).toMatchObject({ id: first, zones: null });
  });

  it("has null zones if there are more than were returned", async () => {
    const location = {
      id: "a",
      name: "a",
      physicalAddress: { city: "", country: "SE" },
      timezone: "UTC",
      soundZones: { total: 2, edges: [{ node: { id: "z", name: "z", online: true, subscription: { state: "NEW" } } }] },
    };
    const { soundtrack } = await answering(() => ({ data: { a0: { ...location, account: null } } }));
    expect(await soundtrack.locationsById(["a"])).toEqual([
      { id: "a", name: "a", account: null, country: "SE", city: null, timezone: "UTC", zones: null },
    ]);
  });

  it("has a location without its account", async () => {
    const { soundtrack } = await start(trouble([`${first}.account`, "INTERNAL_SERVER_ERROR"]));
    expect(await soundtrack.locationsById([first])).toMatchObject([{ id: first, account: null }]);
  });

  it("has an error at the id's index, and reads it again", async () => {
    const { sandbox, soundtrack } = await start(trouble([second, "INTERNAL_SERVER_ERROR"], [third, "FORBIDDEN"]));
    const found = await soundtrack.locationsById([first, second, third]);
    expect([found[0], found[2]]).toMatchObject([{ id: first }, null]);
    const [, error] = found;
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({
      message: `Cannot ask soundtrack: it answered INTERNAL_SERVER_ERROR: Failed to resolve ${second}`,
      failure: "STATUS",
      status: 500,
      retryable: true,
    });
    await sent(sandbox);
    await soundtrack.locationsById([first, second, third]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([{ i0: second }]);
  });

  it("omits inaccessible objects from a list, and fails for others", async () => {
    const { soundtrack } = await start(trouble([first, "NOT_FOUND"], [second, "FORBIDDEN"]));
    expect(idsOf(await soundtrack.locations({ first: 4 }))).toEqual(orderedIds.slice(2, 6));
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds.slice(2));

    const failing = await start(trouble([third, "INTERNAL_SERVER_ERROR"]));
    expect(idsOf(await failing.soundtrack.locations({ first: 2 }))).toEqual([first, second]);
    expect((await failure(failing.soundtrack.locations({ first: 3 }))).message).toBe(
      `Cannot ask soundtrack: it answered INTERNAL_SERVER_ERROR: Failed to resolve ${third}`,
    );
  });

  it("fails a list if an account failed", async () => {
    const account = ordered[0]?.accountId ?? "";
    const { soundtrack } = await start(trouble([`${account}.locations`, "TEAPOT"]));
    const error = await failure(soundtrack.locations({ first: 1 }));
    expect([error.failure, error.retryable, error.message]).toEqual([
      "UNEXPECTED",
      false,
      `Cannot ask soundtrack: it answered TEAPOT: Failed to resolve ${account}.locations`,
    ]);
  });

  it("has an error at the zone's index", async () => {
    const [one = "", two = ""] = ordered[0]?.zones.map(({ id }) => id) ?? [];
    const { soundtrack } = await start(trouble([`${one}.nowPlaying`, "INTERNAL_SERVER_ERROR"]));
    const [error, title] = await soundtrack.nowPlaying([one, two]);
    expect([error instanceof UpstreamError, title]).toEqual([true, "Copper Sky"]);
  });
});

describe("a failing Soundtrack", () => {
  it.each([["a wrong token", { token: "other" }, "it answered 401: UNAUTHENTICATED: Invalid credentials", 401, false]])(
    "reports %s",
    async (_what, limits, message, status, retryable) => {
      const { soundtrack } = await start(limits);
      const error = await failure(soundtrack.accounts());
      expect([error.message, error.status, error.retryable]).toEqual([
        `Cannot ask soundtrack: ${message}`,
        status,
        retryable,
      ]);
    },
  );

  it.each([
    [{ status: 503 }, "it answered 503: HTTP_503: The service could not process the request", true],
    [{ body: "malformed" }, "it answered 200 with a body that is not JSON", false],
    [{ latencyMs: 60_000 }, "no answer within 200 ms", true],
  ] as const)("says so of %j", async (fault, message, retryable) => {
    const { sandbox, soundtrack } = await start({}, { timeoutMs: 200 });
    await misbehave(sandbox, fault);
    const error = await failure(soundtrack.accounts());
    expect([error.message, error.retryable]).toEqual([`Cannot ask soundtrack: ${message}`, retryable]);
    await behave(sandbox);
    expect(await soundtrack.accounts()).toHaveLength(40);
  });

  it.each([
    [{}, "it answered neither data nor errors"],
    [{ data: null, errors: [] }, "it answered neither data nor errors"],
    [{ data: null, errors: [{ message: "Boom" }] }, "it answered UNKNOWN: Boom"],
    [{ data: {} }, "it answered unexpectedly: data.me: Invalid input: expected object, received undefined"],
    [{ errors: "no" }, "it answered unexpectedly: errors: Invalid input: expected array, received string"],
  ])("rejects the reply %j", async (body, message) => {
    const { soundtrack } = await answering(() => body);
    const error = await failure(soundtrack.accounts());
    expect([error.failure, error.message]).toEqual(["UNEXPECTED", `Cannot ask soundtrack: ${message}`]);
  });
});

describe("a query above the budget", () => {
  /** Pages of 200, each one query, without a cache. */
  const page = (soundtrack: Soundtrack): Promise<readonly PlacedLocation[]> => soundtrack.locations({ first: 200 });
  const cost = costOf(ordered.slice(0, 200));

  async function counted(patience: Partial<SoundtrackOptions>) {
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
      clock += ms;
    };
    const { sandbox, soundtrack } = await start({}, { ttlMs: 0, sleep, ...patience });
    await soundtrack.accounts();
    return { sandbox, soundtrack, slept };
  }

  it("waits for its tokens", async () => {
    const { sandbox, soundtrack, slept } = await counted({ timeoutMs: 60_000 });
    for (let left = 3600 - 40; left >= cost; left -= cost) await page(soundtrack);
    expect(slept).toEqual([]);
    const missing = cost - ((3600 - 40) % cost);
    expect(await page(soundtrack)).toHaveLength(200);
    expect(slept).toEqual([(missing / 50) * 1000]);
    expect((await raw(sandbox, "{ me { __typename } }")).available).toBe(0);
  });

  it("is rejected at once with a retry-after if the wait exceeds half of its deadline", async () => {
    const { sandbox, soundtrack, slept } = await counted({ timeoutMs: 1000 });
    for (let left = 3600 - 40; left >= cost; left -= cost) await page(soundtrack);
    await sent(sandbox);
    const missing = cost - ((3600 - 40) % cost);
    const error = await failure(page(soundtrack));
    expect([error.message, error.status, error.retryAfterMs, error.retryable]).toEqual([
      `Cannot ask soundtrack: its tokens are spent for ${Math.ceil(missing / 50)} s`,
      429,
      (missing / 50) * 1000,
      true,
    ]);
    expect([await sent(sandbox), slept]).toEqual([[], []]);
    clock += (missing / 50) * 1000;
    expect(await page(soundtrack)).toHaveLength(200);
  });

  it("queues behind queries in flight", async () => {
    const { soundtrack, slept } = await counted({ timeoutMs: 40_000 });
    for (let left = 3600 - 40; left >= cost; left -= cost) await page(soundtrack);
    const missing = cost - ((3600 - 40) % cost);
    // The clock advances by the wait of the first query, which refills the tokens that it takes.
    await Promise.all([page(soundtrack), page(soundtrack)]);
    expect(slept).toEqual([(missing / 50) * 1000, (cost / 50) * 1000]);
  });

  it("is rejected by Soundtrack if its cost is unknown, and waits later", async () => {
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
      clock += ms;
    };
    const { sandbox, soundtrack } = await start({ bucket: { capacity: 40, perSecond: 50 } }, { sleep });
    // Another client with the same token has used some of the budget.
    const { cost: spent } = await raw(sandbox, "query ($id: ID!) { location(id: $id) { account { id } } }", {
      id: first,
    });
    const error = await failure(soundtrack.accounts());
    expect([error.message, error.status, error.retryable]).toEqual([
      "Cannot ask soundtrack: it answered RATE_LIMITED: Rate limit exceeded",
      429,
      true,
    ]);
    expect(slept).toEqual([]);
    expect(await soundtrack.accounts()).toHaveLength(40);
    expect(slept).toEqual([(spent / 50) * 1000]);
  });

  it("keeps the parts of a list that were read before it", async () => {
    const { sandbox, soundtrack } = await start({ bucket: { capacity: 1500, perSecond: 50 } });
    expect((await failure(soundtrack.everyLocation())).status).toBe(429);
    expect(await sent(sandbox)).toHaveLength(3);
    clock += 30_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
    expect(await sent(sandbox)).toHaveLength(1);
  });

  it("is sent if Soundtrack reports no cost", async () => {
    const { soundtrack } = await answering(() => ({
      data: { me: { accounts: { pageInfo: { hasNextPage: false, endCursor: null }, edges: [] } } },
    }));
    for (let times = 0; times < 3; times += 1) {
      expect(await soundtrack.accounts()).toEqual([]);
      clock += 300_000;
    }
  });
});

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

  it("charges a token for each account, location, sound zone and track, and adds 50 a second", async () => {
    const { sandbox } = await start();
    const query = `query ($id: ID!) { location(id: $id) { soundZones { total edges { node { nowPlaying { track { title } } } } } } }`;
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ cost: 5, available: 3595 });
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ cost: 5, available: 3590 });
    clock += 100;
    expect(await raw(sandbox, "{ me { __typename } }")).toMatchObject({ cost: 0, available: 3595 });
    clock += 3_600_000;
    expect(await raw(sandbox, "{ me { __typename } }")).toMatchObject({ available: 3600 });
  });

  it("rejects a query above the budget without charging it", async () => {
    const { sandbox } = await start({ bucket: { capacity: 4, perSecond: 50 } });
    const query = "query ($id: ID!) { location(id: $id) { soundZones { edges { node { id } } } account { id } } }";
    const zones = ordered[0]?.zones.length ?? 0;
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ status: 200, cost: 2 + zones, available: 0 });
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ data: null, codes: ["RATE_LIMITED"], cost: 4 });
    clock += 80;
    expect(await raw(sandbox, query, { id: first })).toMatchObject({ codes: [] });
  });
});
