/** Failed requests: retries, tokens, and the campaigns that a failure affects. */
import { describe, expect, it } from "vitest";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { ids, connectTo, connect, messagesOf, world } from "../../support/spotify-ads-client.ts";
import type { Connected } from "../../support/spotify-ads-client.ts";
import { createSpotifyAdsSandbox } from "../../../subgraphs/sandbox/spotify-ads/server.ts";

/** The sandbox, except that it answers 500 to every request whose URL has this id. */
function failingAt(id: string): Promise<Connected> {
  const sandbox = createSpotifyAdsSandbox({ world });
  sandbox.app.addHook("onRequest", async ({ url }, reply) => (url.includes(id) ? reply.code(500).send({}) : undefined));
  return connectTo(sandbox);
}

describe("a failed request", () => {
  it("is retried after 429", async () => {
    const draws = [1, 0, 1];
    const { ads, fault, calls } = await connect({ random: () => draws.shift() ?? 1 });
    await fault({ status: 429, share: 0.5 });
    expect((await ads.campaigns({ limit: 1, offset: 0 })).total).toBe(60);
    expect(await calls()).toEqual({ token: 1, campaigns: 2 });
  });

  it("is not retried before Retry-After", async () => {
    const { ads, calls } = await connect({ limits: { requests: 1, reports: 1 }, now: () => 0 });
    await ads.campaigns({ limit: 1, offset: 0 });
    await expect(ads.campaigns({ limit: 1, offset: 0 })).rejects.toMatchObject({
      message: "Cannot ask spotify-ads: it answered 429: RATE_LIMITED: Too many requests",
      retryAfterMs: 30_000,
      retryable: true,
    });
    expect(await calls()).toEqual({ token: 1, campaigns: 2 });
  });

  it("with an expired token is repeated with a new one", async () => {
    let now = 0;
    const { ads, calls } = await connect({ now: () => now }, { now: () => 0 });
    await ads.campaigns({ limit: 1, offset: 0 });
    now = 3_600_000;
    expect((await ads.campaigns({ limit: 1, offset: 0 })).total).toBe(60);
    expect(await calls()).toEqual({ token: 2, campaigns: 3 });
  });

  it.each([
    ["refreshToken", "400: invalid_grant: Invalid refresh token"],
    ["clientSecret", "400: invalid_client: Invalid client"],
  ])("is a wrong %s: the error names the accounts service", async (option, state) => {
    const { ads, calls } = await connect({}, { [option]: "wrong" });
    await expect(ads.categories()).rejects.toThrow(`Cannot ask spotify-ads-accounts: it answered ${state}`);
    expect(await calls()).toEqual({ token: 1 });
  });

  it("uses a refresh token that Spotify replaced", async () => {
    const used: unknown[] = [];
    let now = 0;
    const sandbox = createSandbox({
      name: "spotify-ads",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) => {
          used.push(new URLSearchParams(String(body)).get("refresh_token"));
          done(null, {});
        });
        app.post("/api/token", () => ({ access_token: "t", expires_in: 60, refresh_token: `next-${used.length}` }));
        app.get("/ads/v3/ad_accounts/sandbox/campaigns", () => ({ paging: { total_results: 0 }, campaigns: [] }));
      },
    });
    const { ads } = await connectTo(sandbox, { now: () => now });
    for (now of [0, 60_000, 120_000]) await ads.campaigns({ limit: 1, offset: 0 });
    expect(used).toEqual(["sandbox", "next-1", "next-2"]);
  });

  it("has Spotify's message in either format", async () => {
    const { ads } = await connect({}, { accountId: "another" });
    await expect(ads.campaigns({ limit: 1, offset: 0 })).rejects.toMatchObject({
      message: "Cannot ask spotify-ads: it answered 403: FORBIDDEN: The caller has no access to this ad account",
      upstream: "spotify-ads",
      failure: "STATUS",
      retryable: false,
    });
    expect(messagesOf(await ads.reports(ids.slice(0, 1)))).toEqual([
      "Cannot ask spotify-ads: it answered 403: FORBIDDEN: The caller has no access to this ad account",
    ]);
    expect(messagesOf(await ads.adSets(ids.slice(0, 1)))).toEqual([
      "Cannot ask spotify-ads: it answered 403: FORBIDDEN: The caller has no access to this ad account",
    ]);
  });

  it.each([
    [{ status: 500 }, { failure: "STATUS", status: 500, retryable: true }, 1],
    [{ status: 503 }, { failure: "STATUS", status: 503, retryable: true }, 3],
    [{ body: "malformed" as const }, { failure: "UNEXPECTED", retryable: false }, 1],
  ])("is an UpstreamError after %o", async (faults, error, requests) => {
    const { ads, fault, calls } = await connect();
    await ads.categories();
    await calls();
    await fault(faults);
    const failed = expect.objectContaining({ name: "UpstreamError", ...error });
    expect(await ads.campaignsById(ids.slice(0, 3))).toEqual([failed, failed, failed]);
    expect(await calls()).toEqual({ campaigns: requests });
  });

  it.each([
    ["ad_sets.1", undefined],
    ["ad_sets", []],
  ])("is one if a list has fewer items than it counts: %s", async (path, value) => {
    const { ads, fault } = await connect();
    const asked = ids.slice(0, 3);
    expect(requireAll(await ads.adSets(asked)).flat().length).toBeGreaterThan(2);
    await fault({ spoil: { path, ...(value && { value }) } });
    const short = expect.objectContaining({ message: expect.stringMatching(/ it listed \d+ of \d+ ad_sets$/) });
    expect(await ads.adSets(asked)).toEqual(asked.map(() => short));
    await fault({});
    expect(requireAll(await ads.adSets(asked)).flat().length).toBeGreaterThan(2);
  });

  it("is one if audiences are missing from their list, and none is made", async () => {
    const { ads, fault, calls } = await connect();
    await fault({ spoil: { path: "audiences", value: [] } });
    await expect(ads.ensureAudience("Newsletter subscribers", "key")).rejects.toThrow(/ it listed 0 of \d+ audiences$/);
    expect(await calls()).toMatchObject({ audiences: 1 });
    await fault({});
    await ads.ensureAudience("Newsletter subscribers", "key");
  });

  it("fails its own fifty campaigns, and no others", async () => {
    const { ads, calls } = await failingAt(ids[55] ?? "");
    await ads.categories();
    const asked = ["no-id", ...ids, ...ids.slice(0, 1)];
    const isOf = (index: number): boolean => index > 50 && index <= 60;
    const [found, sets, reports, own] = [
      await ads.campaignsById(asked),
      await ads.adSets(asked),
      await ads.reports(asked),
      await ads.ads(asked),
    ];
    const failed = "Cannot ask spotify-ads: it answered 500";
    for (const list of [found, sets, reports, own]) {
      expect(messagesOf(list)).toEqual(asked.map((_id, index) => (isOf(index) ? failed : null)));
    }
    const { ads: well } = await connect();
    const rest = asked.map((id, index) => (isOf(index) ? "no-id" : id));
    const withoutErrors = <T>(list: readonly T[]): readonly T[] => list.filter((item) => !(item instanceof Error));
    const kept = <T>(list: readonly T[]): readonly T[] => list.filter((_item, index) => !isOf(index));
    expect(withoutErrors(found)).toEqual(kept(await well.campaignsById(rest)));
    expect(withoutErrors(sets)).toEqual(kept(await well.adSets(rest)));
    expect(withoutErrors(reports)).toEqual(kept(await well.reports(rest)));
    expect(withoutErrors(own)).toEqual(kept(await well.ads(rest)));
    expect(await calls()).toMatchObject({ campaigns: 2, aggregate_reports: 2 });
  });

  it("fails the campaigns of its ad sets", async () => {
    const sets = requireAll(await (await connect()).ads.adSets(ids)).map(requireAll);
    const adSetIds = sets.flat().map(({ id }) => id);
    const { ads } = await failingAt(adSetIds[60] ?? "");
    const befallen = new Set(adSetIds.slice(50, 100));
    expect(messagesOf(await ads.ads(ids, sets))).toEqual(
      sets.map((own) => (own.some(({ id }) => befallen.has(id)) ? "Cannot ask spotify-ads: it answered 500" : null)),
    );
  });
});
