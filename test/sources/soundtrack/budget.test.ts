/** Queries within the rate limit of Soundtrack. */
import { describe, expect, it } from "vitest";
import type { Soundtrack } from "../../../subgraphs/sources/soundtrack/client.ts";
import type { PlacedLocation } from "../../../subgraphs/sources/soundtrack/walk.ts";
import type { SoundtrackOptions } from "../../../subgraphs/sources/soundtrack/connection.ts";
import { failure } from "../../support/sandbox-control.ts";
import {
  time,
  start,
  answering,
  sent,
  raw,
  idsOf,
  ordered,
  orderedIds,
  first,
} from "../../support/soundtrack-client.ts";
import type { WorldLocation } from "../../../subgraphs/sandbox/world/locations.ts";

/** The cost of accounts, locations and sound zones together. */
const costOf = (locations: readonly WorldLocation[]): number =>
  new Set(locations.map(({ accountId }) => accountId)).size +
  locations.reduce((sum, { zones }) => sum + 1 + zones.length, 0);

describe("a query above the budget", () => {
  /** Pages of 200, each one query, without a cache. */
  const page = (soundtrack: Soundtrack): Promise<readonly PlacedLocation[]> => soundtrack.locations({ first: 200 });
  const cost = costOf(ordered.slice(0, 200));

  async function counted(patience: Partial<SoundtrackOptions>) {
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
      time.now += ms;
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
    time.now += (missing / 50) * 1000;
    expect(await page(soundtrack)).toHaveLength(200);
  });

  it("queues behind queries in flight", async () => {
    const { soundtrack, slept } = await counted({ timeoutMs: 40_000 });
    for (let left = 3600 - 40; left >= cost; left -= cost) await page(soundtrack);
    const missing = cost - ((3600 - 40) % cost);
    // The time.now advances by the wait of the first query, which refills the tokens that it takes.
    await Promise.all([page(soundtrack), page(soundtrack)]);
    expect(slept).toEqual([(missing / 50) * 1000, (cost / 50) * 1000]);
  });

  it("is rejected by Soundtrack if its cost is unknown, and waits later", async () => {
    const slept: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      slept.push(ms);
      time.now += ms;
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
    time.now += 30_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
    expect(await sent(sandbox)).toHaveLength(1);
  });

  it("is sent if Soundtrack reports no cost", async () => {
    const { soundtrack } = await answering(() => ({
      data: { me: { accounts: { pageInfo: { hasNextPage: false, endCursor: null }, edges: [] } } },
    }));
    for (let times = 0; times < 3; times += 1) {
      expect(await soundtrack.accounts()).toEqual([]);
      time.now += 300_000;
    }
  });
});
