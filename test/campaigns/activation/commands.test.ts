/**
 * activateCampaign and pauseCampaign: the decision, the status request, and the one write that Spotify Ads gets. Over
 * 200 lines, because all tests share one started graph.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
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
import { setOutboxAhead } from "../../support/outbox-clock.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

interface CampaignNode {
  readonly id: string;
  readonly status: string;
  readonly requestedStatus: string | null;
  readonly activation: { readonly verdict: string; readonly alternative: { readonly id: string } | null };
}
interface Payload {
  readonly campaign: Pick<CampaignNode, "id" | "status" | "requestedStatus">;
  readonly decision: {
    readonly id: string;
    readonly verdict: string;
    readonly reasons: readonly { readonly code: string }[];
    readonly alternative: { readonly id: string } | null;
  } | null;
}

const CAMPAIGN = "id status requestedStatus activation { verdict alternative { id } }";
const DECISION =
  "decision { __typename id verdict eligible model { key } origin reasons { code } ... on ActivationDecision { alternative { id } } }";
const PAYLOAD = `{ campaign { id status requestedStatus } ${DECISION} }`;

let graph: TestDecibel;
let all: readonly CampaignNode[];
const used = new Set<string>();
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES });
  all = (
    await graph.query<{ campaigns: { nodes: CampaignNode[] } }>(`{ campaigns(first: 100) { nodes { ${CAMPAIGN} } } }`)
  ).data.campaigns.nodes;
});
afterAll(() => graph.stop());
beforeEach(() => graph.sandbox("spotify-ads").forget());
afterEach(async () => {
  await graph.sandbox("spotify-ads").behave();
  await graph.sandbox("opentext").behave();
  await outboxIsIdle(graph);
});

const activate = (campaignId: string, more: object = {}): Promise<MutationAnswer<Payload>> =>
  mutate(graph, "activateCampaign", { campaignId, ...more }, PAYLOAD);
const pause = (campaignId: string, more: object = {}): Promise<MutationAnswer<Payload>> =>
  mutate(graph, "pauseCampaign", { campaignId, ...more }, PAYLOAD);
async function statusOf(id: string): Promise<Pick<CampaignNode, "status" | "requestedStatus">> {
  const answer = graph.query<{ campaign: CampaignNode }>(
    "query ($id: ID!) { campaign(id: $id) { status requestedStatus } }",
    {
      id,
    },
  );
  return (await answer).data.campaign;
}
/** A campaign that no other test uses. */
function unusedCampaign(
  status: string,
  verdict?: string,
  matches: (node: CampaignNode) => boolean = () => true,
): string {
  const campaign = all.find(
    (node) =>
      node.status === status &&
      (verdict === undefined || node.activation.verdict === verdict) &&
      !used.has(node.id) &&
      matches(node),
  );
  if (!campaign) throw new RangeError(`the world has no other ${status} campaign of verdict ${verdict}`);
  used.add(campaign.id);
  return campaign.id;
}
/** An unused campaign, running in the sandbox world, that this has paused. */
async function pausedCampaign(verdict: string, matches?: (node: CampaignNode) => boolean): Promise<string> {
  const id = unusedCampaign("ACTIVE", verdict, matches);
  expect((await pause(id)).errors).toEqual([]);
  await outboxIsIdle(graph);
  await graph.sandbox("spotify-ads").forget();
  return id;
}
const statusWrite = (id: string, status: string) => ({ call: `PATCH campaigns/${adsIdOf(id)} 200`, body: { status } });
const failedEffectsOf = async (id: string) => {
  const answer = graph.query<{ effects: { nodes: { id: string; kind: string; subject: string; error: string }[] } }>(
    "{ effects(status: FAILED, first: 100) { nodes { id kind subject error } } }",
  );
  return (await answer).data.effects.nodes.filter(({ subject }) => subject === id);
};

describe("activateCampaign", () => {
  it("activates a campaign that the rules allow: one write to Spotify, and the decision in the ledger", async () => {
    const id = unusedCampaign("PAUSED", "ALLOW");
    const { data, errors } = await activate(id);
    expect(errors).toEqual([]);
    expect(data?.campaign.id).toBe(id);
    expect(data?.decision).toEqual({
      __typename: "ActivationDecision",
      id: expect.stringMatching(/^evaluation_/),
      verdict: "ALLOW",
      eligible: true,
      model: { key: "marketing_activation" },
      origin: "SERVICE",
      reasons: [{ code: "CLEAR" }],
      alternative: null,
    });
    await eventually(() => statusOf(id)).toEqual({ status: "ACTIVE", requestedStatus: null });
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([statusWrite(id, "ACTIVE")]);
    const { data: ledger } = await graph.query(
      "query ($id: ID!) { evaluation(id: $id) { subject requestedBy verdict } }",
      {
        id: data?.decision?.id,
      },
    );
    expect(ledger).toEqual({ evaluation: { subject: id, requestedBy: "anonymous", verdict: "ALLOW" } });
  });

  it("changes nothing if the rules deny it, and returns the reasons and an alternative", async () => {
    const id = await pausedCampaign("DENY", ({ activation }) => activation.alternative !== null);
    const { data, errors } = await activate(id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      campaign: { id, status: "PAUSED", requestedStatus: null },
      decision: { verdict: "DENY", eligible: false, alternative: { id: expect.stringMatching(/^campaign_/) } },
    });
    expect(data?.decision?.reasons).not.toEqual([]);
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([]);
  });

  it.each(["PENDING", "DRAFT"])("changes nothing if the rules require a review: %s", async (status) => {
    const id = unusedCampaign(status, "REVIEW");
    const { data, errors } = await activate(id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ campaign: { id, status, requestedStatus: null }, decision: { verdict: "REVIEW" } });
    expect(await adsWrites(graph)).toEqual([]);
  });

  it.each(["ACTIVE", "RESTRICTED", "ARCHIVED"])("refuses a campaign that is %s, without a decision", async (status) => {
    const id = unusedCampaign(status);
    await graph.sandbox("opentext").forget();
    const { data, errors } = await activate(id);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: `Cannot activate ${id}: it is ${status}`,
        path: ["activateCampaign"],
        extensions: { code: "CONFLICT" },
      },
    ]);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(0);
  });

  it("returns one decision for concurrent and repeated calls with one idempotency key", async () => {
    const id = await pausedCampaign("ALLOW");
    const answers = await race(20, () => activate(id, { idempotencyKey: "live" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    const [decided, ...others] = new Set(answers.map(({ data }) => data?.decision?.id));
    expect(others).toEqual([]);
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([statusWrite(id, "ACTIVE")]);
    // It is ACTIVE by now, and the repeat succeeds all the same.
    const repeat = await activate(id, { idempotencyKey: "live" });
    expect(repeat.errors).toEqual([]);
    expect(repeat.data?.decision).toMatchObject({ id: decided, verdict: "ALLOW", reasons: [{ code: "CLEAR" }] });
    const other = await activate(unusedCampaign("ARCHIVED"), { idempotencyKey: "live" });
    expect(other.errors).toMatchObject([
      {
        message: "Cannot activateCampaign: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });

  it("repeats a denial for its idempotency key", async () => {
    const id = await pausedCampaign("DENY", ({ activation }) => activation.alternative !== null);
    const first = await activate(id, { idempotencyKey: "no" });
    const repeat = await activate(id, { idempotencyKey: "no" });
    expect(repeat.data?.decision).toEqual(first.data?.decision);
    expect(repeat.data?.decision).toMatchObject({ verdict: "DENY" });
  });

  it("lets one of many concurrent calls win, and answers CONFLICT to the others", async () => {
    const id = await pausedCampaign("ALLOW");
    const answers = await race(20, () => activate(id));
    const errors = answers.flatMap((answer) => answer.errors);
    expect(errors).toHaveLength(19);
    const messages = [
      `Cannot change ${id}: another caller has changed it meanwhile`,
      `Cannot activate ${id}: it is ACTIVE`,
    ];
    for (const { message, extensions } of errors) {
      expect(messages).toContain(message);
      expect(extensions).toMatchObject({ code: "CONFLICT" });
    }
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([statusWrite(id, "ACTIVE")]);
  });

  it("changes nothing while the decision service is down, and succeeds on a retry with the same key", async () => {
    const id = await pausedCampaign("ALLOW");
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await activate(id, { idempotencyKey: "later" });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["activateCampaign"], extensions: { code: "DECISION_UNAVAILABLE", decision: "marketing_activation" } },
    ]);
    expect(await statusOf(id)).toEqual({ status: "PAUSED", requestedStatus: null });
    await graph.sandbox("opentext").behave();
    await expect
      .poll(async () => (await activate(id, { idempotencyKey: "later" })).data?.decision?.verdict)
      .toBe("ALLOW");
    await eventually(() => statusOf(id)).toEqual({ status: "ACTIVE", requestedStatus: null });
  });

  it("refuses a campaign that does not exist, and an id that is not a campaign's", async () => {
    const refused = await Promise.all(
      [`campaign_${MISSING_ID}`, "campaign_~00", "", "case_1", `campaign_${"9".repeat(100_000)}`].map((id) =>
        activate(id),
      ),
    );
    const reported = refused.map(({ errors }) => errors.map(({ message, extensions }) => [message, extensions]));
    expect(reported).toMatchObject([
      [
        [
          `Cannot activateCampaign: there is no campaign campaign_${MISSING_ID}`,
          { code: "BAD_USER_INPUT", argument: "campaignId" },
        ],
      ],
      [
        [
          "Cannot activateCampaign: there is no campaign campaign_~00",
          { code: "BAD_USER_INPUT", argument: "campaignId" },
        ],
      ],
      [['Cannot read campaignId: "" is no campaign id', { code: "BAD_USER_INPUT", argument: "campaignId" }]],
      [['Cannot read campaignId: "case_1" is no campaign id', { code: "BAD_USER_INPUT", argument: "campaignId" }]],
      [[expect.stringMatching(/^Cannot read campaignId: "campaign_9{71}…" is no campaign id$/), expect.anything()]],
    ]);
    expect(await adsWrites(graph)).toEqual([]);
  });

  it.each([
    ["empty", ""],
    ["too long", "k".repeat(201)],
  ])("refuses an idempotency key that is %s", async (_what, idempotencyKey) => {
    const { errors } = await activate(unusedCampaign("ACTIVE"), { idempotencyKey });
    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: [expect.any(String)] } } },
    ]);
  });
});

describe("pauseCampaign", () => {
  it("pauses a running campaign, without a decision", async () => {
    const id = unusedCampaign("ACTIVE");
    await graph.sandbox("opentext").forget();
    const { data, errors } = await pause(id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ campaign: { id }, decision: null });
    await eventually(() => statusOf(id)).toEqual({ status: "PAUSED", requestedStatus: null });
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([statusWrite(id, "PAUSED")]);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(0);
  });

  it.each(["PAUSED", "DRAFT", "PENDING", "ARCHIVED"])("refuses a campaign that is %s", async (status) => {
    const { id = "" } =
      all.find((node) => node.status === status && (status === "ARCHIVED" || !used.has(node.id))) ?? {};
    const { errors } = await pause(id);
    expect(errors).toMatchObject([
      { message: `Cannot pause ${id}: it is ${status}`, extensions: { code: "CONFLICT" } },
    ]);
  });

  it("refuses a campaign that does not exist", async () => {
    const { errors } = await pause(`campaign_${MISSING_ID}`);
    expect(errors).toMatchObject([
      {
        message: `Cannot pauseCampaign: there is no campaign campaign_${MISSING_ID}`,
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
  });

  it("pauses a campaign that Spotify restricts", async () => {
    const id = unusedCampaign("RESTRICTED");
    expect((await pause(id)).errors).toEqual([]);
    await eventually(() => statusOf(id)).toEqual({ status: "PAUSED", requestedStatus: null });
  });
});

describe("a status request while Spotify Ads is unavailable", () => {
  it("shows as requestedStatus, and is written once when Spotify is available", async () => {
    const id = await pausedCampaign("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    const { data } = await activate(id);
    expect(data?.campaign).toEqual({ id, status: "PAUSED", requestedStatus: "ACTIVE" });
    expect(await statusOf(id)).toEqual({ status: "PAUSED", requestedStatus: "ACTIVE" });
    await graph.sandbox("spotify-ads").behave();
    await eventually(() => statusOf(id)).toEqual({ status: "ACTIVE", requestedStatus: null });
    await outboxIsIdle(graph);
    expect(await acceptedAdsWrites(graph)).toEqual([statusWrite(id, "ACTIVE")]);
  });

  // An attempt may be on its way at the moment when the later request is stored: that one is written too.
  it("is superseded by a later one, and then never written", { retry: 3 }, async () => {
    const id = await pausedCampaign("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    expect((await activate(id)).data?.campaign.requestedStatus).toBe("ACTIVE");
    expect((await activate(id)).errors).toMatchObject([{ message: `Cannot activate ${id}: it is ACTIVE` }]);
    expect((await pause(id)).errors).toEqual([]);
    expect((await pause(id)).errors).toMatchObject([{ message: `Cannot pause ${id}: it is PAUSED` }]);
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    expect(await statusOf(id)).toEqual({ status: "PAUSED", requestedStatus: null });
    expect(await acceptedAdsWrites(graph)).toEqual([]);
  });

  it("shows under the deprecated alias wantedStatus too", async () => {
    const id = unusedCampaign("ACTIVE");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    expect((await pause(id)).errors).toEqual([]);
    const { data } = await graph.query(
      "query ($id: ID!) { campaign(id: $id) { status requestedStatus wantedStatus } }",
      { id },
    );
    expect(data).toEqual({ campaign: { status: "ACTIVE", requestedStatus: "PAUSED", wantedStatus: "PAUSED" } });
    const { data: type } = await graph.query<{ __type: { fields: readonly { readonly name: string }[] } }>(
      `{ __type(name: "Campaign") { fields(includeDeprecated: true) { name isDeprecated deprecationReason } } }`,
    );
    expect(type.__type.fields.filter(({ name }) => name.endsWith("Status"))).toEqual([
      { name: "requestedStatus", isDeprecated: false, deprecationReason: null },
      { name: "wantedStatus", isDeprecated: true, deprecationReason: "Use requestedStatus" },
    ]);
  });

  it("is seen by later mutations of the same GraphQL request", async () => {
    const id = unusedCampaign("ACTIVE", "ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    const { data, errors } = await graph.query(
      `mutation ($id: ID!) {
        first: pauseCampaign(input: { campaignId: $id }) { campaign { requestedStatus } }
        second: activateCampaign(input: { campaignId: $id }) { campaign { requestedStatus } decision { verdict } }
        third: pauseCampaign(input: { campaignId: $id }) { campaign { requestedStatus } }
      }`,
      { id },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      first: { campaign: { requestedStatus: "PAUSED" } },
      // Spotify shows this status: nothing is pending.
      second: { campaign: { requestedStatus: null }, decision: { verdict: "ALLOW" } },
      third: { campaign: { requestedStatus: "PAUSED" } },
    });
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    expect(await acceptedAdsWrites(graph)).toEqual([statusWrite(id, "PAUSED")]);
  });

  it("is written once, even if the response is lost", async () => {
    const id = unusedCampaign("ACTIVE");
    await graph.sandbox("spotify-ads").misbehave({ body: "reset", only: "write" });
    expect((await pause(id)).errors).toEqual([]);
    await eventually(async () => (await acceptedAdsWrites(graph)).length).toBeGreaterThan(0);
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    expect(await statusOf(id)).toEqual({ status: "PAUSED", requestedStatus: null });
    expect(await acceptedAdsWrites(graph)).toEqual([statusWrite(id, "PAUSED")]);
  });
});

describe("a status request that Spotify Ads refuses", () => {
  it("fails permanently, is closed, and can be made again", async () => {
    const id = await pausedCampaign("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 400, only: "write" });
    expect((await activate(id)).errors).toEqual([]);
    await eventually(() => failedEffectsOf(id)).toMatchObject([{ kind: "campaigns.status" }]);
    await eventually(() => statusOf(id)).toEqual({ status: "PAUSED", requestedStatus: null });
    await graph.sandbox("spotify-ads").behave();
    await graph.sandbox("spotify-ads").forget();

    // The new request supersedes the failed effect: no operator has to drop it.
    expect((await activate(id)).errors).toEqual([]);
    await eventually(() => statusOf(id)).toEqual({ status: "ACTIVE", requestedStatus: null });
    await outboxIsIdle(graph);
    expect(await failedEffectsOf(id)).toEqual([]);
    expect(await adsWrites(graph)).toEqual([statusWrite(id, "ACTIVE")]);
  });

  it("is carried out though Spotify once lists no campaign when it is decided again", async () => {
    const id = await pausedCampaign("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    expect((await activate(id)).errors).toEqual([]);
    const ofEffect = async () =>
      (await graph.query(`{ effects(status: RETRYING, first: 1) { nodes { subject error } } }`)).data;
    // No attempt that is under way may write once it can.
    await graph.sandbox("spotify-ads").misbehave({ status: 503 });
    const reads = (await graph.sandbox("spotify-ads").calls()).requests;
    await eventually(async () => (await graph.sandbox("spotify-ads").calls()).requests).toBeGreaterThan(reads + 8);
    await graph.sandbox("spotify-ads").misbehave({ spoil: { path: "campaigns.0.id", value: MISSING_ID } });
    const error = `Cannot activate ${id}: there is no such campaign`;
    await eventually(ofEffect).toEqual({ effects: { nodes: [{ subject: id, error }] } });
    await graph.sandbox("spotify-ads").behave();
    await setOutboxAhead(graph.decibel.database, 16_000);
    await eventually(() => statusOf(id)).toEqual({ status: "ACTIVE", requestedStatus: null });
    await setOutboxAhead(graph.decibel.database, 0);
  });

  it("is carried out when an operator retries the failed effect", async () => {
    const id = await pausedCampaign("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 400, only: "write" });
    expect((await activate(id)).errors).toEqual([]);
    await eventually(() => failedEffectsOf(id)).toHaveLength(1);
    await graph.sandbox("spotify-ads").behave();
    const [failed] = await failedEffectsOf(id);
    const retried = await mutate(graph, "retryEffect", { effectId: failed?.id }, "{ effect { id status } }");
    expect(retried).toEqual({ data: { effect: { id: failed?.id, status: "RETRYING" } }, errors: [] });
    await eventually(() => statusOf(id)).toEqual({ status: "ACTIVE", requestedStatus: null });
  });
});
