/** A targeting that was decided or pushed becomes what the ad sets of a campaign target, beside what was set by hand. */
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectUpstreams } from "../../../subgraphs/registry.ts";
import { targetings } from "../../../subgraphs/records/campaigns/tables.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import type { AdsAdSet, SpotifyAds } from "../../../subgraphs/sources/spotify-ads/client.ts";
import {
  FAST_RETRIES,
  MISSING_ID,
  mutate,
  acceptedAdsWrites,
  adsWrites,
  eventually,
  race,
  outboxIsIdle,
} from "../../support/mutations.ts";
import type { MutationAnswer } from "../../support/mutations.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

interface Targeting {
  readonly verdict: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}
interface Known {
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
  __typename id verdict reasons { code } ... on TargetingDecision { include exclude offer }
} }`;

const PLAIN_OFFER = "must be 1 to 200 characters, not all blank and none NUL";

let graph: TestDecibel;
let ads: SpotifyAds;
let all: readonly Known[];
const taken = new Set<string>();
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES });
  ({ ads } = connectUpstreams(graph.decibel.sandboxes.accounts, (client) => client));
  const { data } = await graph.query<{ campaigns: { nodes: Omit<Known, "sets">[] } }>(
    "{ campaigns(first: 100) { nodes { id status targeting { verdict include exclude } } } }",
  );
  const sets = requireAll(await ads.adSets(data.campaigns.nodes.map(({ id }) => adsId(id))));
  all = data.campaigns.nodes.map((known, index) => Object.assign(known, { sets: sets[index] ?? [] }));
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

const adsId = (id: string): string => id.slice("campaign_".length);
const apply = (campaignId: string, more: object = {}): Promise<MutationAnswer<Payload>> =>
  mutate(graph, "applyTargeting", { campaignId, ...more }, PAYLOAD);
/** No other test has it. */
function one(isRight: (known: Known) => boolean = ({ status }) => status === "ACTIVE"): Known {
  const found = all.find((known) => !taken.has(known.id) && isRight(known));
  if (!found) throw new RangeError("the world has no further campaign like that");
  taken.add(found.id);
  return found;
}
const targetsOf = async ({ id }: Known) =>
  requireAll(await ads.adSets([adsId(id)]))
    .flat()
    .map(({ targets }) => targets);
const handSet = ({ sets }: Known) => sets.map(({ targets }) => targets);
const rowsOf = ({ id }: Known) =>
  graph.decibel.database.db
    .select()
    .from(targetings)
    .where(eq(targetings.campaignId, adsId(id)));
async function named(...names: readonly string[]): Promise<readonly string[]> {
  const known = await ads.audiences();
  return names.map((name) => {
    const found = known.filter((audience) => audience.name === name);
    expect([name, found.length]).toEqual([name, 1]);
    return found[0]?.id ?? "";
  });
}
async function applied(known: Known, more: object): Promise<void> {
  expect((await apply(known.id, more)).errors).toEqual([]);
  await outboxIsIdle(graph);
  expect(
    (await rowsOf(known)).toSorted((a, b) => Number(a.requestedAt) - Number(b.requestedAt)).at(-1)?.appliedAt,
  ).not.toBeNull();
}
const creations = async (): Promise<readonly unknown[]> =>
  (await acceptedAdsWrites(graph)).filter(({ call }) => call.startsWith("POST audiences")).map(({ body }) => body);

describe("applyTargeting, with nothing given", () => {
  it("takes what the rules decide to every ad set, and creates the audiences that are not there yet", async () => {
    const known = one(({ status, targeting, sets }) => {
      const { include = [], exclude = [], verdict } = targeting ?? {};
      return status === "ACTIVE" && verdict === "ALLOW" && include.length > 0 && exclude.length > 0 && sets.length > 1;
    });
    const { include = [], exclude = [] } = known.targeting ?? {};
    const { data, errors } = await apply(known.id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      campaign: { id: known.id },
      decision: { __typename: "TargetingDecision", verdict: "ALLOW", include, exclude },
    });
    await outboxIsIdle(graph);
    expect(await creations()).toMatchObject(
      [...include, ...exclude].map((name) => ({ name, audience_type: "CUSTOM" })),
    );
    const [included, excluded] = [await named(...include), await named(...exclude)];
    for (const [index, targets] of (await targetsOf(known)).entries()) {
      const before = handSet(known)[index];
      expect(targets).toEqual({
        ...before,
        audienceIds: [...(before?.audienceIds ?? []), ...included],
        excludedAudienceIds: [...(before?.excludedAudienceIds ?? []), ...excluded],
      });
    }
    const [row] = await rowsOf(known);
    expect(row).toMatchObject({ include, exclude, requestedBy: "anonymous", appliedAt: expect.any(Date) });
    expect(row?.evaluationId).toBe(data?.decision?.id);

    await graph.sandbox("spotify-ads").forget();
    await applied(known, {});
    expect(await adsWrites(graph)).toEqual([]);
  });

  it.each(["DENY", "REVIEW"])("changes nothing where the rules say %s, and says why", async (verdict) => {
    const known = one(({ targeting, sets, status }) => {
      return targeting?.verdict === verdict && sets.length > 0 && status !== "ARCHIVED";
    });
    const { data, errors } = await apply(known.id);
    expect(errors).toEqual([]);
    expect(data?.decision?.verdict).toBe(verdict);
    expect(data?.decision?.reasons).not.toEqual([]);
    await outboxIsIdle(graph);
    expect(await rowsOf(known)).toEqual([]);
    expect(await adsWrites(graph)).toEqual([]);
  });

  it("changes nothing while the decision service is down", async () => {
    const known = one();
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await apply(known.id);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["applyTargeting"], extensions: { code: "DECISION_UNAVAILABLE", decision: "campaign_targeting" } },
    ]);
    expect(await rowsOf(known)).toEqual([]);
    await graph.sandbox("opentext").behave();
    await eventually(async () => (await apply(known.id)).errors).toEqual([]);
  });
});

describe("applyTargeting, pushed", () => {
  it("takes what is given as it is, and asks no rule", async () => {
    const known = one();
    await graph.sandbox("opentext").forget();
    const pushed = { include: ["Loyal listeners", "vip", "vip"], exclude: ["staff"], offer: "tickets" };
    const { data, errors } = await apply(known.id, pushed);
    expect(errors).toEqual([]);
    expect(data).toEqual({ campaign: { id: known.id }, decision: null });
    await outboxIsIdle(graph);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(0);
    expect(await creations()).toMatchObject([{ name: "vip" }, { name: "staff" }]);
    const [loyal, vip, staff] = await named("Loyal listeners", "vip", "staff");
    for (const { audienceIds, excludedAudienceIds } of await targetsOf(known)) {
      expect(audienceIds).toEqual(expect.arrayContaining([loyal, vip]));
      expect(excludedAudienceIds).toContain(staff);
    }
    expect(await rowsOf(known)).toMatchObject([
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
  ])("takes what is left out of %j for none", async (given, row) => {
    const known = one();
    await applied(known, given);
    expect(await rowsOf(known)).toMatchObject([{ ...row, evaluationId: null }]);
  });

  it("replaces the targeting before it, and keeps what was set in Spotify by hand", async () => {
    const known = one(
      ({ status, sets }) => status === "ACTIVE" && sets.some(({ targets }) => targets.audienceIds.length > 0),
    );
    await applied(known, { include: ["first in"], exclude: ["first out"] });
    const [firstIn, firstOut] = await named("first in", "first out");
    expect((await targetsOf(known))[0]?.audienceIds).toContain(firstIn);
    expect((await targetsOf(known))[0]?.excludedAudienceIds).toContain(firstOut);
    await applied(known, { include: ["second in"], exclude: ["first in"] });
    const [secondIn = "", nowOut = ""] = await named("second in", "first in");
    for (const [index, targets] of (await targetsOf(known)).entries()) {
      const before = handSet(known)[index];
      expect(targets).toEqual({
        ...before,
        audienceIds: [...(before?.audienceIds ?? []), secondIn],
        excludedAudienceIds: [...(before?.excludedAudienceIds ?? []), nowOut],
      });
    }
    await applied(known, { include: [] });
    expect(await targetsOf(known)).toEqual(handSet(known));
  });

  it("reaches nobody who was left out by hand", async () => {
    const known = one(({ status, sets }) => {
      return status === "ACTIVE" && sets.some(({ targets }) => targets.excludedAudienceIds.length > 0);
    });
    const [out = ""] = handSet(known).flatMap(({ excludedAudienceIds }) => excludedAudienceIds);
    const name = (await ads.audiences()).find(({ id }) => id === out)?.name ?? "";
    await applied(known, { include: [name, "others"] });
    const [others] = await named("others");
    for (const [index, { audienceIds, excludedAudienceIds }] of (await targetsOf(known)).entries()) {
      const wasOut = handSet(known)[index]?.excludedAudienceIds.includes(out) ?? false;
      expect(audienceIds).toContain(others);
      expect([audienceIds.includes(out), excludedAudienceIds.includes(out)]).toEqual([!wasOut, wasOut]);
    }
  });

  it("is one targeting under one key, however often and however close behind each other", async () => {
    const known = one();
    const given = { include: ["keyed"], idempotencyKey: "push" };
    const answers = await race(20, () => apply(known.id, given));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await rowsOf(known)).toHaveLength(1);
    const { errors } = await apply(known.id, { ...given, include: ["keyed", "other"] });
    expect(errors).toMatchObject([
      {
        message: "Cannot applyTargeting: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });
});

describe("a decided targeting under a key", () => {
  it("comes back with the decision of the first time", async () => {
    const known = one(({ status, targeting }) => status === "ACTIVE" && targeting?.verdict === "ALLOW");
    const first = await apply(known.id, { idempotencyKey: "decided" });
    const again = await apply(known.id, { idempotencyKey: "decided" });
    expect(again).toEqual(first);
    expect(await rowsOf(known)).toHaveLength(1);
  });
});

describe("while Spotify is away", () => {
  it("the last of several targetings is what stands in the end, and the first is never begun", async () => {
    const known = one();
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    for (const name of ["too early", "still too early", "in time"]) {
      expect((await apply(known.id, { include: [name] })).errors).toEqual([]);
    }
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    // The one between was perhaps under way when Spotify came back.
    expect((await creations()).at(-1)).toMatchObject({ name: "in time" });
    const [id] = await named("in time");
    for (const { audienceIds } of await targetsOf(known)) expect(audienceIds).toContain(id);
    const rows = (await rowsOf(known)).toSorted((left, right) => Number(left.requestedAt) - Number(right.requestedAt));
    expect(rows.map(({ include }) => include[0])).toEqual(["too early", "still too early", "in time"]);
    expect([rows[0]?.appliedAt, rows[2]?.appliedAt]).toEqual([null, expect.any(Date)]);
  });

  it("nothing is done twice where nobody learns that it was done", async () => {
    const known = one();
    await graph.sandbox("spotify-ads").misbehave({ body: "reset", only: "write" });
    await apply(known.id, { include: ["unheard"] });
    await eventually(async () => (await acceptedAdsWrites(graph)).length).toBeGreaterThan(0);
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    const [id] = await named("unheard");
    for (const { audienceIds } of await targetsOf(known)) expect(audienceIds).toContain(id);
    const calls = (await acceptedAdsWrites(graph)).map(({ call }) => call);
    expect(calls).toEqual([...new Set(calls)]);
    expect(calls).toHaveLength(1 + known.sets.length);
  });

  it("campaigns that come to need the same new audience make one", async () => {
    const some = Array.from({ length: 4 }, () => one());
    await Promise.all(some.map(({ id }) => apply(id, { include: ["shared"] })));
    await outboxIsIdle(graph);
    const [id] = await named("shared");
    for (const known of some) expect((await targetsOf(known))[0]?.audienceIds).toContain(id);
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
      "more names than a targeting has",
      { include: Array.from({ length: 51 }, (_none, at) => `n${at}`) },
      "include",
      "must contain no more than 50 elements",
    ],
    [
      "ten thousand names",
      { exclude: Array.from({ length: 10_000 }, (_none, at) => `n${at}`) },
      "exclude",
      "must contain no more than 50 elements",
    ],
    ["an offer of nothing", { offer: " " }, "offer", PLAIN_OFFER],
    ["an offer without end", { offer: "x".repeat(100_000) }, "offer", PLAIN_OFFER],
  ])("%s", async (_what, given, field, problem) => {
    expect(await refused(given)).toEqual([
      { message: `Cannot applyTargeting: ${field} ${problem}`, code: "BAD_USER_INPUT", fields: { [field]: [problem] } },
    ]);
  });

  it("a campaign that is archived", async () => {
    const { id } = one(({ status }) => status === "ARCHIVED");
    expect(await refused({}, id)).toMatchObject([
      { message: `Cannot apply a targeting to ${id}: it is ARCHIVED`, code: "CONFLICT" },
    ]);
  });

  it("a campaign without ad sets", async () => {
    const { id } = one(({ status }) => status === "DRAFT");
    expect(await refused({ include: ["vip"] }, id)).toMatchObject([
      { message: `Cannot apply a targeting to ${id}: it has no ad sets`, code: "CONFLICT" },
    ]);
  });

  it("a campaign that is not there", async () => {
    const id = `campaign_${MISSING_ID}`;
    expect(await refused({}, id)).toMatchObject([
      { message: `Cannot apply a targeting: there is no campaign ${id}`, code: "BAD_USER_INPUT" },
    ]);
  });
});
