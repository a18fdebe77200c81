/**
 * applyTargeting: a decided or pushed targeting reaches the ad sets, and audiences that were set manually stay. Over
 * 200 lines, because all tests share one started graph.
 */
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { upstreams } from "../../../subgraphs/registry.ts";
import { targetings } from "../../../subgraphs/records/campaigns/tables.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import type { SpotifyAds } from "../../../subgraphs/sources/spotify-ads/client.ts";
import type { AdsAdSet } from "../../../subgraphs/sources/spotify-ads/replies.ts";
import {
  FAST_RETRIES,
  MISSING_ID,
  mutate,
  acceptedAdsWrites,
  adsWrites,
  eventually,
  race,
  outboxIsIdle,
  adsIdOf,
} from "../../support/mutations.ts";
import type { MutationAnswer } from "../../support/mutations.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

interface Targeting {
  readonly verdict: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly journey: string | null;
}
interface CampaignNode {
  readonly id: string;
  readonly status: string;
  readonly targeting: Targeting | null;
  readonly sets: readonly AdsAdSet[];
}
interface Payload {
  readonly campaign: { readonly id: string };
  readonly decision:
    | (Targeting & { readonly id: string; readonly reasons: readonly { readonly code: string }[] })
    | null;
}

const PAYLOAD = `{ campaign { id } decision {
  __typename id verdict reasons { code } ... on TargetingDecision { include exclude offer journey }
} }`;

const PLAIN_OFFER = "must be 1 to 200 characters, not all blank and none NUL";

let graph: TestDecibel;
let ads: SpotifyAds;
let all: readonly CampaignNode[];
const used = new Set<string>();
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES });
  ads = upstreams.ads.create(graph.decibel.sandboxes.accounts["spotify-ads"] ?? {});
  const { data } = await graph.query<{ campaigns: { nodes: Omit<CampaignNode, "sets">[] } }>(
    "{ campaigns(first: 100) { nodes { id status targeting { verdict include exclude journey } } } }",
  );
  const sets = requireAll(await ads.adSets(data.campaigns.nodes.map(({ id }) => adsIdOf(id))));
  all = data.campaigns.nodes.map((campaign, index) => Object.assign(campaign, { sets: requireAll(sets[index] ?? []) }));
});
afterAll(async () => {
  await ads.close();
  await graph.stop();
});
beforeEach(() => graph.sandbox("spotify-ads").forget());
afterEach(async () => {
  await graph.sandbox("spotify-ads").behave();
  await graph.sandbox("opentext").behave();
  await outboxIsIdle(graph);
});

const apply = (campaignId: string, more: object = {}): Promise<MutationAnswer<Payload>> =>
  mutate(graph, "applyTargeting", { campaignId, ...more }, PAYLOAD);
/** A campaign that no other test uses. */
function unusedCampaign(
  matches: (campaign: CampaignNode) => boolean = ({ status }) => status === "ACTIVE",
): CampaignNode {
  const found = all.find((campaign) => !used.has(campaign.id) && matches(campaign));
  if (!found) throw new RangeError("the world has no other campaign like that");
  used.add(found.id);
  return found;
}
const targetsOf = async ({ id }: CampaignNode) =>
  requireAll(requireAll(await ads.adSets([adsIdOf(id)])).flat()).map(({ targets }) => targets);
const targetsAtStart = ({ sets }: CampaignNode) => sets.map(({ targets }) => targets);
const rowsOf = ({ id }: CampaignNode) =>
  graph.decibel.database.db
    .select()
    .from(targetings)
    .where(eq(targetings.campaignId, adsIdOf(id)));
async function audienceIdsOf(...names: readonly string[]): Promise<readonly string[]> {
  const audiences = requireAll(await ads.audiences());
  return names.map((name) => {
    const found = audiences.filter((audience) => audience.name === name);
    expect([name, found.length]).toEqual([name, 1]);
    return found[0]?.id ?? "";
  });
}
async function applyAndWait(campaign: CampaignNode, more: object): Promise<void> {
  expect((await apply(campaign.id, more)).errors).toEqual([]);
  await outboxIsIdle(graph);
  expect(
    (await rowsOf(campaign)).toSorted((a, b) => Number(a.requestedAt) - Number(b.requestedAt)).at(-1)?.appliedAt,
  ).not.toBeNull();
}
const createdAudiences = async (): Promise<readonly unknown[]> =>
  (await acceptedAdsWrites(graph)).filter(({ call }) => call.startsWith("POST audiences")).map(({ body }) => body);

describe("applyTargeting of a decided targeting", () => {
  it("updates every ad set, and creates missing audiences", async () => {
    const campaign = unusedCampaign(({ status, targeting, sets }) => {
      const { include = [], exclude = [], verdict } = targeting ?? {};
      return (
        status === "ACTIVE" &&
        verdict === "ALLOW" &&
        include.length > 0 &&
        exclude.length > 0 &&
        sets.length > 1 &&
        typeof targeting?.journey === "string"
      );
    });
    const { include = [], exclude = [], journey } = campaign.targeting ?? {};
    const { data, errors } = await apply(campaign.id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      campaign: { id: campaign.id },
      decision: { __typename: "TargetingDecision", verdict: "ALLOW", include, exclude, journey },
    });
    await outboxIsIdle(graph);
    expect(await createdAudiences()).toMatchObject(
      [...include, ...exclude].map((name) => ({ name, audience_type: "CUSTOM" })),
    );
    const [included, excluded] = [await audienceIdsOf(...include), await audienceIdsOf(...exclude)];
    for (const [index, targets] of (await targetsOf(campaign)).entries()) {
      const before = targetsAtStart(campaign)[index];
      expect(targets).toEqual({
        ...before,
        audienceIds: [...(before?.audienceIds ?? []), ...included],
        excludedAudienceIds: [...(before?.excludedAudienceIds ?? []), ...excluded],
      });
    }
    const [row] = await rowsOf(campaign);
    expect(row).toMatchObject({ include, exclude, requestedBy: "anonymous", appliedAt: expect.any(Date) });
    expect(row?.evaluationId).toBe(data?.decision?.id);

    await graph.sandbox("spotify-ads").forget();
    await applyAndWait(campaign, {});
    expect(await adsWrites(graph)).toEqual([]);
  });

  it.each(["DENY", "REVIEW"])("changes nothing if the verdict is %s, and returns the reasons", async (verdict) => {
    const campaign = unusedCampaign(({ targeting, sets, status }) => {
      return targeting?.verdict === verdict && sets.length > 0 && status !== "ARCHIVED";
    });
    const { data, errors } = await apply(campaign.id);
    expect(errors).toEqual([]);
    expect(data?.decision?.verdict).toBe(verdict);
    expect(data?.decision?.reasons).not.toEqual([]);
    await outboxIsIdle(graph);
    expect(await rowsOf(campaign)).toEqual([]);
    expect(await adsWrites(graph)).toEqual([]);
  });

  it("changes nothing while the decision service is down", async () => {
    const campaign = unusedCampaign();
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await apply(campaign.id);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["applyTargeting"], extensions: { code: "DECISION_UNAVAILABLE", decision: "campaign_targeting" } },
    ]);
    expect(await rowsOf(campaign)).toEqual([]);
    await graph.sandbox("opentext").behave();
    await eventually(async () => (await apply(campaign.id)).errors).toEqual([]);
  });
});

describe("applyTargeting of a pushed targeting", () => {
  it("applies it without a decision", async () => {
    const campaign = unusedCampaign();
    await graph.sandbox("opentext").forget();
    const pushed = { include: ["Loyal listeners", "vip", "vip"], exclude: ["staff"], offer: "tickets" };
    const { data, errors } = await apply(campaign.id, pushed);
    expect(errors).toEqual([]);
    expect(data).toEqual({ campaign: { id: campaign.id }, decision: null });
    await outboxIsIdle(graph);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(0);
    expect(await createdAudiences()).toMatchObject([{ name: "vip" }, { name: "staff" }]);
    const [loyal, vip, staff] = await audienceIdsOf("Loyal listeners", "vip", "staff");
    for (const { audienceIds, excludedAudienceIds } of await targetsOf(campaign)) {
      expect(audienceIds).toEqual(expect.arrayContaining([loyal, vip]));
      expect(excludedAudienceIds).toContain(staff);
    }
    expect(await rowsOf(campaign)).toMatchObject([
      { include: ["Loyal listeners", "vip"], exclude: ["staff"], offer: "tickets", evaluationId: null },
    ]);
  });

  it.each([
    [{ include: ["only these"] }, { include: ["only these"], exclude: [], offer: null }],
    [{ offer: "only this" }, { include: [], exclude: [], offer: "only this" }],
    [
      { include: [], exclude: null },
      { include: [], exclude: [], offer: null },
    ],
  ])("treats omitted parts of %j as empty", async (given, row) => {
    const campaign = unusedCampaign();
    await applyAndWait(campaign, given);
    expect(await rowsOf(campaign)).toMatchObject([{ ...row, evaluationId: null }]);
  });

  it("replaces the previous targeting, and keeps audiences that were set manually", async () => {
    const campaign = unusedCampaign(
      ({ status, sets }) => status === "ACTIVE" && sets.some(({ targets }) => targets.audienceIds.length > 0),
    );
    await applyAndWait(campaign, { include: ["first in"], exclude: ["first out"] });
    const [firstIn, firstOut] = await audienceIdsOf("first in", "first out");
    expect((await targetsOf(campaign))[0]?.audienceIds).toContain(firstIn);
    expect((await targetsOf(campaign))[0]?.excludedAudienceIds).toContain(firstOut);
    await applyAndWait(campaign, { include: ["second in"], exclude: ["first in"] });
    const [secondIn = "", nowOut = ""] = await audienceIdsOf("second in", "first in");
    for (const [index, targets] of (await targetsOf(campaign)).entries()) {
      const before = targetsAtStart(campaign)[index];
      expect(targets).toEqual({
        ...before,
        audienceIds: [...(before?.audienceIds ?? []), secondIn],
        excludedAudienceIds: [...(before?.excludedAudienceIds ?? []), nowOut],
      });
    }
    await applyAndWait(campaign, { include: [] });
    expect(await targetsOf(campaign)).toEqual(targetsAtStart(campaign));
  });

  it("includes no audience that was excluded manually", async () => {
    const campaign = unusedCampaign(({ status, sets }) => {
      return status === "ACTIVE" && sets.some(({ targets }) => targets.excludedAudienceIds.length > 0);
    });
    const [out = ""] = targetsAtStart(campaign).flatMap(({ excludedAudienceIds }) => excludedAudienceIds);
    const name = requireAll(await ads.audiences()).find(({ id }) => id === out)?.name ?? "";
    await applyAndWait(campaign, { include: [name, "others"] });
    const [others] = await audienceIdsOf("others");
    for (const [index, { audienceIds, excludedAudienceIds }] of (await targetsOf(campaign)).entries()) {
      const wasOut = targetsAtStart(campaign)[index]?.excludedAudienceIds.includes(out) ?? false;
      expect(audienceIds).toContain(others);
      expect([audienceIds.includes(out), excludedAudienceIds.includes(out)]).toEqual([!wasOut, wasOut]);
    }
  });

  it("stores one targeting for concurrent calls with one idempotency key", async () => {
    const campaign = unusedCampaign();
    const given = { include: ["keyed"], idempotencyKey: "push" };
    const answers = await race(20, () => apply(campaign.id, given));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await rowsOf(campaign)).toHaveLength(1);
    const { errors } = await apply(campaign.id, { ...given, include: ["keyed", "other"] });
    expect(errors).toMatchObject([
      {
        message: "Cannot applyTargeting: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });
});

describe("applyTargeting with an idempotency key", () => {
  it("repeats the decision of the first call", async () => {
    const campaign = unusedCampaign(({ status, targeting }) => status === "ACTIVE" && targeting?.verdict === "ALLOW");
    const first = await apply(campaign.id, { idempotencyKey: "decided" });
    const repeat = await apply(campaign.id, { idempotencyKey: "decided" });
    expect(repeat).toEqual(first);
    expect(await rowsOf(campaign)).toHaveLength(1);
  });
});

describe("a targeting while Spotify Ads is unavailable", () => {
  it("is superseded by the latest, and never applied", async () => {
    const campaign = unusedCampaign();
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    for (const name of ["too early", "still too early", "in time"]) {
      expect((await apply(campaign.id, { include: [name] })).errors).toEqual([]);
    }
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    // The second one may have been in flight when Spotify became available.
    expect((await createdAudiences()).at(-1)).toMatchObject({ name: "in time" });
    const [id] = await audienceIdsOf("in time");
    for (const { audienceIds } of await targetsOf(campaign)) expect(audienceIds).toContain(id);
    const rows = (await rowsOf(campaign)).toSorted(
      (left, right) => Number(left.requestedAt) - Number(right.requestedAt),
    );
    expect(rows.map(({ include }) => include[0])).toEqual(["too early", "still too early", "in time"]);
    expect([rows[0]?.appliedAt, rows[2]?.appliedAt]).toEqual([null, expect.any(Date)]);
  });

  it("is written once, even if the responses are lost", async () => {
    const campaign = unusedCampaign();
    await graph.sandbox("spotify-ads").misbehave({ body: "reset", only: "write" });
    await apply(campaign.id, { include: ["lost response"] });
    await eventually(async () => (await acceptedAdsWrites(graph)).length).toBeGreaterThan(0);
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    const [id] = await audienceIdsOf("lost response");
    for (const { audienceIds } of await targetsOf(campaign)) expect(audienceIds).toContain(id);
    const calls = (await acceptedAdsWrites(graph)).map(({ call }) => call);
    expect(calls).toEqual([...new Set(calls)]);
    expect(calls).toHaveLength(1 + campaign.sets.length);
  });

  it("creates one audience for all campaigns that need it concurrently", async () => {
    const campaigns = Array.from({ length: 4 }, () => unusedCampaign());
    await Promise.all(campaigns.map(({ id }) => apply(id, { include: ["shared"] })));
    await outboxIsIdle(graph);
    const [id] = await audienceIdsOf("shared");
    for (const campaign of campaigns) expect((await targetsOf(campaign))[0]?.audienceIds).toContain(id);
  });
});

describe("applyTargeting refuses", () => {
  const refused = async (more: object, id: string = all[0]?.id ?? "") => {
    const { data, errors } = await apply(id, more);
    expect(data).toBeNull();
    expect(await adsWrites(graph)).toEqual([]);
    return errors.map(({ message, extensions }) => ({
      message,
      code: extensions["code"],
      fields: extensions["fields"],
    }));
  };

  it.each([
    [
      "a name in both lists",
      { include: ["a1", "b1"], exclude: ["b1"] },
      "exclude",
      "must not contain names from include: b1",
    ],
    ["a name that is too short", { include: ["x"] }, "include", "each must be longer than or equal to 2 characters"],
    [
      "a name that is too long",
      { exclude: ["x".repeat(81)] },
      "exclude",
      "each must be shorter than or equal to 80 characters",
    ],
    ["blanks around a name", { include: [" vip "] }, "include", "each must not have blanks around it"],
    ["NUL in a name", { include: ["v\0p"] }, "include.0", "must hold no NUL"],
    [
      "too many names",
      { include: Array.from({ length: 51 }, (_none, index) => `n${index}`) },
      "include",
      "must contain no more than 50 elements",
    ],
    [
      "far too many names",
      { exclude: Array.from({ length: 10_000 }, (_none, index) => `n${index}`) },
      "exclude",
      "must contain no more than 50 elements",
    ],
    ["a blank offer", { offer: " " }, "offer", PLAIN_OFFER],
    ["an offer that is too long", { offer: "x".repeat(100_000) }, "offer", PLAIN_OFFER],
  ])("%s", async (_what, given, field, problem) => {
    expect(await refused(given)).toEqual([
      { message: `Cannot applyTargeting: ${field} ${problem}`, code: "BAD_USER_INPUT", fields: { [field]: [problem] } },
    ]);
  });

  it("an archived campaign", async () => {
    const { id } = unusedCampaign(({ status }) => status === "ARCHIVED");
    expect(await refused({}, id)).toMatchObject([
      { message: `Cannot applyTargeting: ${id} is ARCHIVED`, code: "CONFLICT" },
    ]);
  });

  it("a campaign without ad sets", async () => {
    const { id } = unusedCampaign(({ status }) => status === "DRAFT");
    expect(await refused({ include: ["vip"] }, id)).toMatchObject([
      { message: `Cannot applyTargeting: ${id} has no ad sets`, code: "CONFLICT" },
    ]);
  });

  it("a campaign that does not exist", async () => {
    const id = `campaign_${MISSING_ID}`;
    expect(await refused({}, id)).toMatchObject([
      { message: `Cannot applyTargeting: there is no campaign ${id}`, code: "BAD_USER_INPUT" },
    ]);
  });
});
