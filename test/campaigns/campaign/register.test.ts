/** Which campaign belongs to which account: by what all ads say, kept from the first time that somebody needs it. */
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { createCampaignRegister } from "../../../subgraphs/campaigns/index.ts";
import { advertiserAccount } from "../../../subgraphs/campaigns/campaign/advertiser.ts";
import type { CampaignRegister } from "../../../subgraphs/campaigns/campaign/register.ts";
import { serviceContext } from "../../../subgraphs/platform/context.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import type { CampaignAccount } from "../../../subgraphs/records/campaigns/types.ts";
import { createSpotifyAdsSandbox } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import { createAdsFacts } from "../../../subgraphs/sources/spotify-ads/facts.ts";
import { adsAt } from "../../support/audience.ts";
import { unkeptFacts } from "../../support/facts.ts";
import { memoryCampaignAccounts } from "../../support/memory-records.ts";
import { memorySweeps } from "../../support/memory-worklists.ts";
import { DRAFTS, ids, world } from "../../support/spotify-ads-client.ts";

const log = pino({ enabled: false });
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Ad {
  readonly ad_set_id: string;
  advertiser_name: unknown;
}

interface Started {
  readonly register: CampaignRegister;
  /** As Spotify lists them. */
  readonly listed: () => Promise<readonly string[]>;
  readonly kept: Map<string, CampaignAccount>;
  /** What Spotify answers for these ads instead. */
  readonly say: (changed: (ad: Ad) => unknown) => void;
  /** Requests that are answered 503. */
  readonly fail: (matches: (url: string) => boolean) => void;
  readonly hide: (campaignId: string) => void;
  readonly requests: () => number;
  readonly sweep: () => Promise<void>;
}

async function start(): Promise<Started> {
  let now = Date.parse("2026-03-10T15:30:00Z");
  let change = (ad: Ad): unknown => ad.advertiser_name;
  let isFailing = (_url: string): boolean => false;
  let hidden = "";
  let requests = 0;
  const sandbox = createSpotifyAdsSandbox({ world, now: () => now });
  sandbox.app.addHook("onRequest", async ({ url }, reply) => {
    if (url.includes("/ad_accounts/")) requests += 1;
    return isFailing(url) ? reply.code(503).send({}) : undefined;
  });
  sandbox.app.addHook("preSerialization", async (_request, _reply, body: object) => {
    if ("ads" in body && Array.isArray(body.ads)) {
      const all = body.ads as readonly Ad[];
      return { ...body, ads: all.map((ad) => Object.assign({}, ad, { advertiser_name: change(ad) })) };
    }
    if (!("campaigns" in body) || !Array.isArray(body.campaigns)) return body;
    const all = body.campaigns as readonly { readonly id: string }[];
    return { ...body, campaigns: all.filter(({ id }) => id !== hidden) };
  });
  const ads = createAdsFacts(adsAt(await sandbox.listen()), unkeptFacts().of("spotify-ads", {}));
  const kept = new Map<string, CampaignAccount>();
  const register = createCampaignRegister({
    ads,
    records: memoryCampaignAccounts(kept),
    sweeps: memorySweeps(),
    intervalMs: 0,
    log,
    now: () => now,
  });
  open.push(sandbox, ads, register);
  const context = serviceContext(log, "test");
  return {
    register,
    listed: async () =>
      requireAll((await ads.campaigns(context, { limit: 1000, offset: 0 })).campaigns).map(({ value }) => value.id),
    kept,
    say: (changed) => void (change = changed),
    fail: (matches) => void (isFailing = matches),
    hide: (campaignId) => void (hidden = campaignId),
    requests: () => requests,
    async sweep() {
      now += 1;
      await register.catchUp();
    },
  };
}

const setsOf = (campaignId: string): ReadonlySet<string> =>
  new Set(world.adSets.filter((set) => set.campaign_id === campaignId).map(({ id }) => id));
const [first = "", second = ""] = ids.filter((id) => !DRAFTS.includes(id));

describe("the account of a campaign", () => {
  const named = (advertiserName: string | null) => ({ advertiserName });

  it("is its advertiser, by the name on its ads", () => {
    expect(advertiserAccount([named("Oat & Acre"), named(null), named("Oat & Acre")])).toBe(
      "advertiser_Oat~20~26~20Acre",
    );
  });

  it.each([[[]], [[named(null)]], [[named("")]], [[named("A"), named("B")]], [[named("A"), named("a")]]])(
    "is none where its ads name none, or several: %j",
    (ads) => expect(advertiserAccount(ads)).toBeNull(),
  );

  it("is not known while one of its ads cannot be read", () => {
    const error = new UpstreamError("spotify-ads", "UNEXPECTED", "it answered unexpectedly");
    expect(() => advertiserAccount([named("A"), error])).toThrow(error);
  });
});

describe("the register of campaigns", () => {
  it("reads nothing before somebody needs it", async () => {
    const { register, requests } = await start();
    register.start();
    expect(requests()).toBe(0);
    await register.accountsOf([first]);
    expect(requests()).toBeGreaterThan(0);
  });

  it("knows every campaign with ads, in Spotify's order, and no draft", async () => {
    const { register, listed } = await start();
    const accounts = await register.accountsOf(ids);
    expect(ids.filter((_id, index) => accounts[index] === undefined)).toEqual(DRAFTS);
    const own = await register.ofAccounts([...new Set(accounts.flatMap((account) => account ?? []))]);
    expect(own).toEqual((await listed()).filter((id) => !DRAFTS.includes(id)));
  });

  it("follows a campaign to another advertiser, and drops one that was deleted, or has several", async () => {
    const { register, say, hide, sweep } = await start();
    await register.ready();
    const sets = setsOf(first);
    say(({ ad_set_id: set, advertiser_name: name }) => (sets.has(set) ? "Another" : name));
    hide(second);
    await sweep();
    expect(await register.accountsOf([first, second])).toEqual(["advertiser_Another", undefined]);
    expect(await register.ofAccounts(["advertiser_Another"])).toEqual([first]);
    let nth = 0;
    say(({ ad_set_id: set, advertiser_name: name }) => (sets.has(set) ? `Another ${(nth += 1)}` : name));
    await sweep();
    expect(await register.accountsOf([first])).toEqual([undefined]);
  });

  it.each(["/ad_sets", "/ads?", "/campaigns"])("keeps what it knows while %s cannot be read", async (path) => {
    const { register, kept, fail, sweep } = await start();
    await register.ready();
    const before = new Map(kept);
    fail((url) => url.includes(path));
    await sweep().catch(() => {});
    expect(kept).toEqual(before);
    expect((await register.accountsOf([first]))[0]).toBe(before.get(first)?.account);
  });

  it("keeps an account while an ad cannot be read, and gives none to a campaign that it never knew", async () => {
    const { register, kept, say, sweep } = await start();
    const [own, other] = [setsOf(first), setsOf(second)];
    say(({ ad_set_id: set, advertiser_name: name }) => (other.has(set) ? 5 : name));
    const [account] = await register.accountsOf([first]);
    expect(kept.get(second)).toBeUndefined();
    say(({ ad_set_id: set, advertiser_name: name }) => (own.has(set) ? 5 : name));
    await sweep();
    expect((await register.accountsOf([first, second]))[0]).toBe(account);
    expect(kept.get(second)?.account).toBeDefined();
  });

  it("rejects, whatever the id, while nothing was ever read", async () => {
    const { register, fail } = await start();
    fail(() => true);
    for (const id of [first, "unknown"]) {
      await expect(register.accountsOf([id])).rejects.toThrow("Cannot ask spotify-ads");
    }
  });
});
