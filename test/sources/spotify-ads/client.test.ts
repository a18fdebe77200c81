/** Campaigns: pages, and reads by id. */
import { setImmediate as tick } from "node:timers/promises";
import { array, assert, asyncProperty, constantFrom, oneof, string, uuid } from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { world, ids, UNKNOWN, connect, saying, NOW } from "../../support/spotify-ads-client.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { whole } from "../../support/whole.ts";

const large = whole(createCampaigns({ scale: 3, now: NOW }));

describe("a page of campaigns", () => {
  it("is one request, newest first, with the total", async () => {
    const { ads, calls } = await connect();
    const { total, campaigns } = await ads.campaigns({ limit: 10, offset: 0 });
    const newest = world.campaigns.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1)).slice(0, 10);
    expect([total, requireAll(campaigns).map(({ id }) => id)]).toEqual([60, newest.map(({ id }) => id)]);
    expect(await calls()).toEqual({ token: 1, campaigns: 1 });
  });

  it("continues after the one before, and ends with the list", async () => {
    const { ads, calls } = await connect();
    const pages = await Promise.all([0, 25, 50, 75].map((offset) => ads.campaigns({ limit: 25, offset })));
    expect(pages.map(({ campaigns }) => campaigns.length)).toEqual([25, 25, 10, 0]);
    expect(new Set(pages.flatMap(({ campaigns }) => requireAll(campaigns).map(({ id }) => id))).size).toBe(60);
    expect(await calls()).toEqual({ token: 1, campaigns: 4 });
  });

  it("may exceed Spotify's size, at one request for fifty", async () => {
    const { ads, calls } = await connect({ world: large });
    expect((await ads.campaigns({ limit: 120, offset: 0 })).campaigns).toHaveLength(120);
    expect(await calls()).toEqual({ token: 1, campaigns: 3 });
    expect((await ads.campaigns({ limit: 100, offset: 0 })).campaigns).toHaveLength(100);
    expect(await calls()).toEqual({ campaigns: 2 });
    expect((await ads.campaigns({ limit: 500, offset: 170 })).campaigns).toHaveLength(10);
    expect(await calls()).toEqual({ campaigns: 1 });
  });

  it("can be filtered by our statuses", async () => {
    const { ads, calls } = await connect();
    const counts: Record<string, number> = {};
    for (const status of ["DRAFT", "PENDING", "ACTIVE", "PAUSED", "ARCHIVED", "RESTRICTED"] as const) {
      const { total, campaigns } = await ads.campaigns({ limit: 50, offset: 0, statuses: [status] });
      expect(new Set(requireAll(campaigns).map((campaign) => campaign.status))).toEqual(new Set([status]));
      counts[status] = total;
    }
    expect(counts).toEqual({ DRAFT: 2, PENDING: 2, ACTIVE: 49, PAUSED: 3, ARCHIVED: 2, RESTRICTED: 2 });
    expect((await ads.campaigns({ limit: 1, offset: 0, statuses: [] })).total).toBe(60);
    expect(await calls()).toEqual({ token: 1, campaigns: 7 });
  });

  it("is rejected without a request for invalid bounds", async () => {
    const { ads, calls } = await connect();
    await expect(ads.campaigns({ limit: 0, offset: 0 })).rejects.toThrow(
      new RangeError("limit is a whole number from 1, but got 0"),
    );
    await expect(ads.campaigns({ limit: 1, offset: -1 })).rejects.toThrow(
      new RangeError("offset is a whole number from 0, but got -1"),
    );
    expect(await calls()).toEqual({});
  });
});

describe("campaigns by id", () => {
  it("are aligned with the ids, with unknown, repeated and malformed ones, each read once", async () => {
    const { ads, calls } = await connect();
    const [first = "", second = ""] = ids;
    const asked = [second, UNKNOWN, first, "no-id", second, "", first.toUpperCase()];
    const found = requireAll(await ads.campaignsById(asked));
    expect(found.map((campaign) => campaign?.id ?? null)).toEqual([second, null, first, null, second, null, null]);
    expect(await calls()).toEqual({ token: 1, campaigns: 1 });
  });

  it("have Spotify's values in our terms", async () => {
    const { ads } = await connect();
    expect(await ads.campaignsById(ids.slice(0, 1))).toEqual([
      {
        id: "48af2cc1-3a43-40d6-8097-d053d761ae44",
        name: "Nordhavn Brygghus | Early Bird | 2025-001",
        status: "ACTIVE",
        goal: "AWARENESS",
      },
    ]);
  });

  it("cost nothing without ids", async () => {
    const { ads, calls } = await connect();
    const nothing = await Promise.all([
      ads.campaignsById([]),
      ads.adSets([]),
      ads.ads([]),
      ads.reports([]),
      ads.reports(["no-id"]),
      ads.ads(["no-id"]),
    ]);
    expect(nothing).toEqual([[], [], [], [], [null], [[]]]);
    expect(await calls()).toEqual({});
  });

  it("cost one request for fifty distinct ids", async () => {
    const { ads, calls } = await connect({ limits: { requests: 10_000, reports: 0 } });
    await ads.campaigns({ limit: 1, offset: 0 });
    await calls();
    const id = oneof(constantFrom(...ids), uuid(), string());
    await assert(
      asyncProperty(array(id, { maxLength: 160 }), async (asked) => {
        const found = requireAll(await ads.campaignsById(asked));
        expect(found.map((campaign) => campaign?.id)).toEqual(asked.map((one) => ids.find((known) => known === one)));
        const possible = new Set(asked.filter((one) => z.guid().safeParse(one).success));
        const requests = Math.ceil(possible.size / 50);
        expect(await calls()).toEqual(requests === 0 ? {} : { campaigns: requests });
      }),
      { numRuns: 20 },
    );
  });

  it("have at most eight requests in flight", async () => {
    let inFlight = 0;
    let most = 0;
    let release = (): void => {};
    const eight = new Promise<void>((resolve) => (release = resolve));
    const { ads, calls } = await saying({
      "/ad_accounts/sandbox/campaigns": async () => {
        most = Math.max(most, (inFlight += 1));
        if (inFlight === 8) {
          for (let turn = 0; turn < 20; turn += 1) await tick();
          release();
        }
        await eight;
        inFlight -= 1;
        return { paging: { total_results: 0 }, campaigns: [] };
      },
    });
    const many = Array.from({ length: 1000 }, (_none, index) => UNKNOWN.slice(0, -4) + String(index).padStart(4, "0"));
    await ads.campaignsById(many);
    expect([most, await calls()]).toEqual([8, { token: 1, campaigns: 20 }]);
  });
});
