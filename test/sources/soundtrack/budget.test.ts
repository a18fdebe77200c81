/** Queries within the rate limit of Soundtrack. */
import { describe, expect, it } from "vitest";
import type { PlacedLocation } from "../../../subgraphs/sources/soundtrack/walk.ts";
import type { SoundtrackOptions } from "../../../subgraphs/sources/soundtrack/connection.ts";
import { failure } from "../../support/sandbox-control.ts";
import {
  world,
  time,
  start,
  answering,
  sent,
  raw,
  idsOf,
  ordered,
  orderedIds,
} from "../../support/soundtrack-client.ts";
import type { ReadSoundtrack } from "../../support/soundtrack-client.ts";
import { keptFacts } from "../../support/facts.ts";
import type { UpstreamFacts } from "../../../subgraphs/platform/facts/facts.ts";
import { createBudget } from "../../../subgraphs/sources/soundtrack/budget.ts";
import { createFacts } from "../../../subgraphs/platform/facts/facts.ts";
import { setTimeout } from "node:timers/promises";
import { pino } from "pino";
import type { WorldLocation } from "../../../subgraphs/sandbox/world/locations.ts";

/** As the world, but no location has more zones than are read with it. */
const few = {
  ...world,
  locations: world.locations.map((location) => Object.assign({}, location, { zones: location.zones.slice(0, 2) })),
};
/** Of the accounts, and of a location with two zones. */
const [ACCOUNTS, LOCATION] = [200, 3];
const costOf = (locations: readonly WorldLocation[]): number =>
  new Set(locations.map(({ accountId }) => accountId)).size + locations.length * LOCATION;

/** No locations are. */
function accountsKept(): UpstreamFacts {
  const { kind } = keptFacts("soundtrack", () => time.now);
  return {
    kind: (options) => kind(options.entity === "accounts" ? options : { ...options, freshForMs: 0, staleForMs: 0 }),
  };
}

describe("a query above the budget", () => {
  /** Pages of 200, each one query. */
  const page = async (soundtrack: ReadSoundtrack, first = 200): Promise<readonly PlacedLocation[]> =>
    (await soundtrack.locations({ first })).found;
  const cost = costOf(ordered.slice(0, 200));

  async function counted(patience: Partial<SoundtrackOptions>) {
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
      time.now += ms;
    };
    const { sandbox, soundtrack } = await start({ world: few }, { sleep, ...patience }, accountsKept());
    await soundtrack.accounts();
    return { sandbox, soundtrack, slept };
  }

  it("waits for its tokens", async () => {
    const { sandbox, soundtrack, slept } = await counted({ timeoutMs: 60_000 });
    for (let left = 3600 - ACCOUNTS; left >= cost; left -= cost) await page(soundtrack);
    expect(slept).toEqual([]);
    const missing = cost - ((3600 - ACCOUNTS) % cost);
    expect(await page(soundtrack)).toHaveLength(200);
    expect(slept).toEqual([(missing / 50) * 1000]);
    expect((await raw(sandbox, "{ me { __typename } }")).available).toBe(0);
  });

  it("is rejected at once with a retry-after if the wait exceeds half of its deadline", async () => {
    const { sandbox, soundtrack, slept } = await counted({ timeoutMs: 1000 });
    for (let left = 3600 - ACCOUNTS; left >= cost; left -= cost) await page(soundtrack);
    await sent(sandbox);
    const missing = cost - ((3600 - ACCOUNTS) % cost);
    const error = await failure(page(soundtrack));
    expect([error.message, error.status, error.retryAfterMs, error.retryable]).toEqual([
      `Cannot ask soundtrack: its tokens are spent for ${Math.ceil(missing / 50)} s`,
      429,
      (missing / 50) * 1000,
      true,
    ]);
    expect([await sent(sandbox), slept]).toEqual([[], []]);
    time.now += (missing / 50) * 1000;
    expect(await page(soundtrack)).toHaveLength(200);
  });

  it("queues behind queries in flight", async () => {
    const { soundtrack, slept } = await counted({ timeoutMs: 40_000 });
    for (let left = 3600 - ACCOUNTS; left >= cost; left -= cost) await page(soundtrack);
    const missing = cost - ((3600 - ACCOUNTS) % cost);
    // The time.now advances by the wait of the first query, which refills the tokens that it takes.
    await Promise.all([page(soundtrack), page(soundtrack, 199)]);
    expect(slept).toEqual([(missing / 50) * 1000, (costOf(ordered.slice(0, 199)) / 50) * 1000]);
  });

  describe.each(["messages", "codes"] as const)(
    "that Soundtrack refuses in %s, because somebody else spends the tokens",
    (errors) => {
      async function spent(waited: (ms: number) => void, timeoutMs: number) {
        const sleep = async (ms: number): Promise<void> => {
          waited(ms);
          time.now += ms;
        };
        const bucket = { capacity: ACCOUNTS, perSecond: 50 };
        const { sandbox, soundtrack } = await start({ bucket, errors }, { sleep, timeoutMs });
        const others = "{ me { ... on PublicAPIClient { accounts(first: 99) { edges { node { id } } } } } }";
        return { soundtrack, price: (await raw(sandbox, others)).cost };
      }

      it("waits for its tokens", async () => {
        const slept: number[] = [];
        const { soundtrack, price } = await spent((ms) => slept.push(ms), 10_000);
        expect(await soundtrack.accounts()).toHaveLength(40);
        expect(slept).toEqual([(price / 50) * 1000]);
      });

      it("says when to come back where that takes too long", async () => {
        const { soundtrack, price } = await spent(() => expect.unreachable(), 1000);
        const error = await failure(soundtrack.accounts());
        expect([error.status, error.retryAfterMs]).toEqual([429, (price / 50) * 1000]);
      });
    },
  );

  it("keeps the parts of a list that were read before it", async () => {
    const { sandbox, soundtrack } = await start(
      { world: few, bucket: { capacity: 1500, perSecond: 50 } },
      { timeoutMs: 1000 },
    );
    expect((await failure(soundtrack.everyLocation())).status).toBe(429);
    const read = (await sent(sandbox)).length;
    time.now += 30_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
    expect([read, (await sent(sandbox)).length]).toEqual([3, 1]);
  });

  it("is paid for the whole list, and for it again once it is old", async () => {
    const { sandbox, soundtrack } = await start();
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
    const { available } = await raw(sandbox, "{ me { __typename } }");
    expect(available).toBeGreaterThan(1000);
    time.now += 60_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
  });

  it("is asked for in smaller pieces if it costs more than documented", async () => {
    const part = (variables: Readonly<Record<string, unknown>>, index: number) => {
      const [from, count] = [Number(variables[`c${index}`] ?? 0), Number(variables[`f${index}`])];
      const edges = Array.from({ length: Math.min(count, 200 - from) }, (_none, at) => ({
        cursor: String(from + at + 1),
        node: { id: `l${from + at}`, soundZones: { total: 0, edges: [] } },
      }));
      return { locations: { edges } };
    };
    const { sandbox, soundtrack } = await answering(
      (variables) =>
        "i0" in variables
          ? { data: { a0: part(variables, 0) } }
          : {
              data: {
                me: { accounts: { total: 1, edges: [{ cursor: "a", node: { id: "a", locations: { total: 200 } } }] } },
              },
            },
      ({ f0 }) => ({
        "x-ratelimiting-cost": String(f0 === undefined ? ACCOUNTS : 1 + Number(f0) * 30),
        "x-ratelimiting-tokens-available": "3000",
      }),
    );
    await soundtrack.locations({ first: 10 });
    expect((await soundtrack.everyLocation()).found).toHaveLength(200);
    const pieces = (await sent(sandbox)).slice(2).map(({ variables }) => variables["f0"]);
    expect(pieces).toEqual(pieces.map((_piece, index) => Math.min(30, 200 - index * 30)));
  });

  it("gives the whole list while its tokens come back, and reads it anew once half of them are to spare", async () => {
    const kept = createFacts({ now: () => time.now, log: pino({ enabled: false }) }).of("soundtrack", {});
    const { sandbox, soundtrack } = await start({ world: few, bucket: { capacity: 3600, perSecond: 5 } }, {}, kept);
    await soundtrack.everyLocation();
    time.now += 10_000;
    // It shows how fast they come back.
    await soundtrack.nowPlaying([few.locations[0]?.zones[0]?.id ?? ""]);
    let read = 0;
    const lists = async () =>
      (read += (await sent(sandbox)).filter(({ query }) => query.includes("LocationFields")).length);
    expect(await lists()).toBe(3);
    time.now += 50_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
    await setTimeout(60);
    // Of three queries, the small one leaves enough.
    expect(await lists()).toBe(4);
    time.now += 900_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
    await expect.poll(lists).toBe(7);
  });

  it("is sent if Soundtrack reports no cost", async () => {
    const { soundtrack } = await answering(() => ({
      data: { me: { accounts: { total: 0, edges: [] } } },
    }));
    for (let times = 0; times < 3; times += 1) {
      expect(await soundtrack.accounts()).toEqual([]);
      time.now += 300_000;
    }
  });
});

describe("a budget that others spend from too", () => {
  it("does not take their spending for a slow refill", async () => {
    const clock = { now: 0 };
    const sleep = async (ms: number): Promise<void> => void (clock.now += ms);
    const budget = createBudget({ maxWaitMs: 5000, now: () => clock.now, sleep });
    let [tokens, filledAt] = [3600, 0];
    const fill = (): void => {
      tokens = Math.min(3600, tokens + ((clock.now - filledAt) / 1000) * 50);
      filledAt = clock.now;
    };
    const ask = async (cost: number): Promise<void> => {
      const answered = await budget.spend("locations", cost);
      fill();
      tokens -= cost;
      const left = String(Math.floor(tokens));
      const headers = { "x-ratelimiting-tokens-available": left, "x-ratelimiting-cost": String(cost) };
      answered({ headers, isRefused: false });
    };
    await ask(100);
    clock.now += 6000;
    fill();
    tokens -= 3000;
    await ask(100);
    clock.now += 30_000;
    await ask(100);
    clock.now += 30_000;
    const before = clock.now;
    await ask(800);
    expect(clock.now).toBe(before);
  });
});
