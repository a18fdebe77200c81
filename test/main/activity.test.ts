/** What processes that run apart decide, and how their upstreams answer, is one activity over the Redis that they share. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { ask } from "../support/decibel.ts";
import { redisForTests } from "../support/redis.ts";
import { createSplit } from "../support/split.ts";
import type { Split } from "../support/split.ts";

const redis = await redisForTests();
const ACTIVITY = `{ activity { reach processes minutes { counts { model count } }
  upstreams { name state calls failures lastFailure { status } budgets { name left total } } } }`;

function eventually<Value>(read: () => Promise<Value>) {
  return expect.poll(read, { timeout: 60_000, interval: 200 });
}

interface Activity {
  readonly reach: string;
  readonly processes: number;
  readonly minutes: readonly { readonly counts: readonly { readonly model: string; readonly count: number }[] }[];
  readonly upstreams: readonly { readonly name: string; readonly state: string; readonly calls: number }[];
}

describe.runIf(redis && hasServer())("the activity of processes that run apart", { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let split: Split;
  let gateway = "";
  let sandboxes: ReadonlyMap<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    // Each request asks Spotify Ads.
    const variables = { CACHE_URL: redis?.href ?? "", SPOTIFY_ADS_FRESH_SECONDS: "0", SPOTIFY_ADS_STALE_SECONDS: "0" };
    split = await createSplit({ ...database.variables, ...variables });
    gateway = (await split.start(["gateway"])).front?.url ?? "";
    sandboxes = new Map((await split.start(["sandboxes"])).parts);
    await split.start(["subgraph", "decisions"]);
    for (const name of ["campaigns", "locations"]) await split.start(["subgraph", name]);
  }, 120_000);
  afterAll(async () => {
    await split?.stop();
    await database?.drop();
  });

  const activity = async (): Promise<Activity> => (await ask<{ activity: Activity }>(gateway, ACTIVITY)).data.activity;
  const decided = async (): Promise<Readonly<Record<string, number>>> => {
    const counts = (await activity()).minutes.flatMap((minute) => minute.counts);
    const byModel = Map.groupBy(counts, ({ model }) => model);
    return Object.fromEntries(
      Array.from(byModel, ([model, given]) => [model, given.reduce((sum, { count }) => sum + count, 0)]),
    );
  };
  const stands = async (name: string) => (await activity()).upstreams.find((upstream) => upstream.name === name);

  it("counts what each of them has decided, once", async () => {
    const { errors } = await ask(gateway, "{ campaigns(first: 3) { nodes { targeting { verdict } } } }");
    expect(errors).toEqual([]);
    await ask(gateway, "{ locations(first: 7) { nodes { playback { verdict } } } }");
    await eventually(decided).toEqual({ campaign_targeting: 3, location_playback: 7 });
    await eventually(activity).toMatchObject({ reach: "ALL", processes: 3 });
    await ask(gateway, "{ campaigns(first: 2) { nodes { targeting { verdict } } } }");
    await eventually(decided).toEqual({ campaign_targeting: 5, location_playback: 7 });
  });

  it("knows an upstream that the process which answers never called, and what is left of its limits", async () => {
    const ads = "spotify-ads";
    await eventually(() => stands(ads)).toMatchObject({ state: "ANSWERING", failures: 0, lastFailure: null });
    const budgets = [
      { name: "requests", total: 1500, left: expect.any(Number) },
      { name: "reports", total: 150 },
    ];
    await eventually(() => stands(ads)).toMatchObject({ budgets });
    const faults = new URL("/sandbox/faults", sandboxes.get(`${ads} sandbox`));
    const body = JSON.stringify({ status: 500 });
    await fetch(faults, { method: "PUT", headers: { "content-type": "application/json" }, body });
    for (let times = 0; times < 3; times += 1) await ask(gateway, "{ campaigns(first: 2) { nodes { name } } }");
    await eventually(() => stands(ads)).toMatchObject({ state: "NOT_ANSWERING", lastFailure: { status: 500 } });
    await fetch(faults, { method: "DELETE" });
  });
});
