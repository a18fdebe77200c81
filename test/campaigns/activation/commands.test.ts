/** A campaign goes live where the rules allow it, and pauses where somebody says so; Spotify hears of it, once. */
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
} from "../../support/mutations.ts";
import type { MutationAnswer } from "../../support/mutations.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

interface Known {
  readonly id: string;
  readonly status: string;
  readonly wantedStatus: string | null;
  readonly activation: { readonly verdict: string; readonly alternative: { readonly id: string } | null };
}
interface Payload {
  readonly campaign: Pick<Known, "id" | "status" | "wantedStatus">;
  readonly decision: {
    readonly id: string;
    readonly verdict: string;
    readonly reasons: readonly { readonly code: string }[];
    readonly alternative: { readonly id: string } | null;
  } | null;
}

const CAMPAIGN = "id status wantedStatus activation { verdict alternative { id } }";
const DECISION =
  "decision { __typename id verdict eligible model { key } origin reasons { code } ... on ActivationDecision { alternative { id } } }";
const PAYLOAD = `{ campaign { id status wantedStatus } ${DECISION} }`;

let graph: TestDecibel;
let all: readonly Known[];
const taken = new Set<string>();
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES });
  all = (await graph.query<{ campaigns: { nodes: Known[] } }>(`{ campaigns(first: 100) { nodes { ${CAMPAIGN} } } }`))
    .data.campaigns.nodes;
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
async function shown(id: string): Promise<Pick<Known, "status" | "wantedStatus">> {
  const asked = graph.query<{ campaign: Known }>("query ($id: ID!) { campaign(id: $id) { status wantedStatus } }", {
    id,
  });
  return (await asked).data.campaign;
}
/** No other test has it. */
function one(status: string, verdict?: string, isRight: (known: Known) => boolean = () => true): string {
  const found = all.find(
    (known) =>
      known.status === status &&
      (verdict === undefined || known.activation.verdict === verdict) &&
      !taken.has(known.id) &&
      isRight(known),
  );
  if (!found) throw new RangeError(`the world has no further ${status} campaign of verdict ${verdict}`);
  taken.add(found.id);
  return found.id;
}
/** That was running until just now. */
async function paused(verdict: string, isRight?: (known: Known) => boolean): Promise<string> {
  const id = one("ACTIVE", verdict, isRight);
  expect((await pause(id)).errors).toEqual([]);
  await outboxIsIdle(graph);
  await graph.sandbox("spotify-ads").forget();
  return id;
}
const adsId = (id: string): string => id.slice("campaign_".length);
const patch = (id: string, status: string) => ({ call: `PATCH campaigns/${adsId(id)} 200`, body: { status } });
const effectsOf = async (id: string) => {
  const asked = graph.query<{ effects: { nodes: { id: string; kind: string; subject: string; error: string }[] } }>(
    "{ effects(status: FAILED, first: 100) { nodes { id kind subject error } } }",
  );
  return (await asked).data.effects.nodes.filter(({ subject }) => subject === id);
};

describe("activateCampaign", () => {
  it("goes live where the rules allow it: Spotify is told once, and the decision is in the ledger", async () => {
    const id = one("PAUSED", "ALLOW");
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
    await eventually(() => shown(id)).toEqual({ status: "ACTIVE", wantedStatus: null });
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([patch(id, "ACTIVE")]);
    const { data: ledger } = await graph.query(
      "query ($id: ID!) { evaluation(id: $id) { subject requestedBy verdict } }",
      {
        id: data?.decision?.id,
      },
    );
    expect(ledger).toEqual({ evaluation: { subject: id, requestedBy: "anonymous", verdict: "ALLOW" } });
  });

  it("leaves a campaign as it is where the rules deny it, says why, and where to send whoever wanted it", async () => {
    const id = await paused("DENY", ({ activation }) => activation.alternative !== null);
    const { data, errors } = await activate(id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      campaign: { id, status: "PAUSED", wantedStatus: null },
      decision: { verdict: "DENY", eligible: false, alternative: { id: expect.stringMatching(/^campaign_/) } },
    });
    expect(data?.decision?.reasons).not.toEqual([]);
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([]);
  });

  it.each(["PENDING", "DRAFT"])(
    "leaves a campaign that is %s as it is where the rules want a review first",
    async (status) => {
      const id = one(status, "REVIEW");
      const { data, errors } = await activate(id);
      expect(errors).toEqual([]);
      expect(data).toMatchObject({ campaign: { id, status, wantedStatus: null }, decision: { verdict: "REVIEW" } });
      expect(await adsWrites(graph)).toEqual([]);
    },
  );

  it.each(["ACTIVE", "RESTRICTED", "ARCHIVED"])(
    "refuses a campaign that is %s by name, and asks no rule",
    async (status) => {
      const id = one(status);
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
    },
  );

  it("answers one key with one decision, however often and however close behind each other", async () => {
    const id = await paused("ALLOW");
    const answers = await race(20, () => activate(id, { idempotencyKey: "live" }));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    const [decided, ...others] = new Set(answers.map(({ data }) => data?.decision?.id));
    expect(others).toEqual([]);
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([patch(id, "ACTIVE")]);
    // It is ACTIVE by now, and that is no reason to refuse what has been done.
    const again = await activate(id, { idempotencyKey: "live" });
    expect(again.errors).toEqual([]);
    expect(again.data?.decision).toMatchObject({ id: decided, verdict: "ALLOW", reasons: [{ code: "CLEAR" }] });
    const other = await activate(one("ARCHIVED"), { idempotencyKey: "live" });
    expect(other.errors).toMatchObject([
      {
        message: "Cannot activateCampaign: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      },
    ]);
  });

  it("repeats a refusal under its key", async () => {
    const id = await paused("DENY", ({ activation }) => activation.alternative !== null);
    const first = await activate(id, { idempotencyKey: "no" });
    const again = await activate(id, { idempotencyKey: "no" });
    expect(again.data?.decision).toEqual(first.data?.decision);
    expect(again.data?.decision).toMatchObject({ verdict: "DENY" });
  });

  it("has one winner where many want it at once, and tells the others", async () => {
    const id = await paused("ALLOW");
    const answers = await race(20, () => activate(id));
    const errors = answers.flatMap((answer) => answer.errors);
    expect(errors).toHaveLength(19);
    const told = [`Cannot change ${id}: somebody else has changed it meanwhile`, `Cannot activate ${id}: it is ACTIVE`];
    for (const { message, extensions } of errors) {
      expect(told).toContain(message);
      expect(extensions).toMatchObject({ code: "CONFLICT" });
    }
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([patch(id, "ACTIVE")]);
  });

  it("changes nothing while the decision service is down, and may be asked again when it is back", async () => {
    const id = await paused("ALLOW");
    await graph.sandbox("opentext").misbehave({ status: 503, only: "execute" });
    const { data, errors } = await activate(id, { idempotencyKey: "later" });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["activateCampaign"], extensions: { code: "DECISION_UNAVAILABLE", decision: "marketing_activation" } },
    ]);
    expect(await shown(id)).toEqual({ status: "PAUSED", wantedStatus: null });
    await graph.sandbox("opentext").behave();
    await expect
      .poll(async () => (await activate(id, { idempotencyKey: "later" })).data?.decision?.verdict)
      .toBe("ALLOW");
    await eventually(() => shown(id)).toEqual({ status: "ACTIVE", wantedStatus: null });
  });

  it("asks nobody for what is not there, or is no campaign", async () => {
    const refused = await Promise.all(
      [`campaign_${MISSING_ID}`, "campaign_~00", "", "case_1", `campaign_${"9".repeat(100_000)}`].map((id) =>
        activate(id),
      ),
    );
    const said = refused.map(({ errors }) => errors.map(({ message, extensions }) => [message, extensions]));
    expect(said).toMatchObject([
      [
        [
          `Cannot activate a campaign: there is no campaign campaign_${MISSING_ID}`,
          { code: "BAD_USER_INPUT", argument: "campaignId" },
        ],
      ],
      [
        [
          "Cannot activate a campaign: there is no campaign campaign_~00",
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
    ["longer than anybody needs", "k".repeat(201)],
  ])("takes no idempotency key that is %s", async (_what, idempotencyKey) => {
    const { errors } = await activate(one("ACTIVE"), { idempotencyKey });
    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: [expect.any(String)] } } },
    ]);
  });
});

describe("pauseCampaign", () => {
  it("pauses what runs, without a decision", async () => {
    const id = one("ACTIVE");
    await graph.sandbox("opentext").forget();
    const { data, errors } = await pause(id);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ campaign: { id }, decision: null });
    await eventually(() => shown(id)).toEqual({ status: "PAUSED", wantedStatus: null });
    await outboxIsIdle(graph);
    expect(await adsWrites(graph)).toEqual([patch(id, "PAUSED")]);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(0);
  });

  it.each(["PAUSED", "DRAFT", "PENDING", "ARCHIVED"])("refuses a campaign that is %s by name", async (status) => {
    const { id = "" } =
      all.find((known) => known.status === status && (status === "ARCHIVED" || !taken.has(known.id))) ?? {};
    const { errors } = await pause(id);
    expect(errors).toMatchObject([
      { message: `Cannot pause ${id}: it is ${status}`, extensions: { code: "CONFLICT" } },
    ]);
  });

  it("names a campaign that is not there", async () => {
    const { errors } = await pause(`campaign_${MISSING_ID}`);
    expect(errors).toMatchObject([
      {
        message: `Cannot pause a campaign: there is no campaign campaign_${MISSING_ID}`,
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
  });

  it("pauses what Spotify restricts", async () => {
    const id = one("RESTRICTED");
    expect((await pause(id)).errors).toEqual([]);
    await eventually(() => shown(id)).toEqual({ status: "PAUSED", wantedStatus: null });
  });
});

describe("while Spotify is away", () => {
  it("the graph shows what is wanted, and Spotify hears of it once when it is back", async () => {
    const id = await paused("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    const { data } = await activate(id);
    expect(data?.campaign).toEqual({ id, status: "PAUSED", wantedStatus: "ACTIVE" });
    expect(await shown(id)).toEqual({ status: "PAUSED", wantedStatus: "ACTIVE" });
    await graph.sandbox("spotify-ads").behave();
    await eventually(() => shown(id)).toEqual({ status: "ACTIVE", wantedStatus: null });
    await outboxIsIdle(graph);
    expect(await acceptedAdsWrites(graph)).toEqual([patch(id, "ACTIVE")]);
  });

  it("a campaign may be activated and paused again at once, and Spotify never hears of the first", async () => {
    const id = await paused("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    expect((await activate(id)).data?.campaign.wantedStatus).toBe("ACTIVE");
    expect((await activate(id)).errors).toMatchObject([{ message: `Cannot activate ${id}: it is ACTIVE` }]);
    expect((await pause(id)).errors).toEqual([]);
    expect((await pause(id)).errors).toMatchObject([{ message: `Cannot pause ${id}: it is PAUSED` }]);
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    expect(await shown(id)).toEqual({ status: "PAUSED", wantedStatus: null });
    expect(await acceptedAdsWrites(graph)).toEqual([]);
  });

  it("mutations of one request see each other", async () => {
    const id = one("ACTIVE", "ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 503, only: "write" });
    const { data, errors } = await graph.query(
      `mutation ($id: ID!) {
        first: pauseCampaign(input: { campaignId: $id }) { campaign { wantedStatus } }
        second: activateCampaign(input: { campaignId: $id }) { campaign { wantedStatus } decision { verdict } }
        third: pauseCampaign(input: { campaignId: $id }) { campaign { wantedStatus } }
      }`,
      { id },
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      first: { campaign: { wantedStatus: "PAUSED" } },
      // As Spotify shows it: there is nothing to wait for.
      second: { campaign: { wantedStatus: null }, decision: { verdict: "ALLOW" } },
      third: { campaign: { wantedStatus: "PAUSED" } },
    });
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    expect(await acceptedAdsWrites(graph)).toEqual([patch(id, "PAUSED")]);
  });

  it("nothing is done twice where nobody learns that it was done", async () => {
    const id = one("ACTIVE");
    await graph.sandbox("spotify-ads").misbehave({ body: "reset", only: "write" });
    expect((await pause(id)).errors).toEqual([]);
    await eventually(async () => (await acceptedAdsWrites(graph)).length).toBeGreaterThan(0);
    await graph.sandbox("spotify-ads").behave();
    await outboxIsIdle(graph);
    expect(await shown(id)).toEqual({ status: "PAUSED", wantedStatus: null });
    expect(await acceptedAdsWrites(graph)).toEqual([patch(id, "PAUSED")]);
  });
});

describe("what Spotify refuses for good", () => {
  it("is seen as failed, wanted no more, and may be wanted again", async () => {
    const id = await paused("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 400, only: "write" });
    expect((await activate(id)).errors).toEqual([]);
    await eventually(() => effectsOf(id)).toMatchObject([{ kind: "campaigns.status" }]);
    await eventually(() => shown(id)).toEqual({ status: "PAUSED", wantedStatus: null });
    await graph.sandbox("spotify-ads").behave();
    await graph.sandbox("spotify-ads").forget();

    // The new wish has the last word: nobody has to see to the one that failed.
    expect((await activate(id)).errors).toEqual([]);
    await eventually(() => shown(id)).toEqual({ status: "ACTIVE", wantedStatus: null });
    await outboxIsIdle(graph);
    expect(await effectsOf(id)).toEqual([]);
    expect(await adsWrites(graph)).toEqual([patch(id, "ACTIVE")]);
  });

  it("is carried out where somebody sees to it and has it tried again", async () => {
    const id = await paused("ALLOW");
    await graph.sandbox("spotify-ads").misbehave({ status: 403, only: "write" });
    expect((await activate(id)).errors).toEqual([]);
    await eventually(() => effectsOf(id)).toHaveLength(1);
    await graph.sandbox("spotify-ads").behave();
    const [failed] = await effectsOf(id);
    await graph.decibel.outbox.retry("campaigns", failed?.id.slice("effect_".length) ?? "");
    await eventually(() => shown(id)).toEqual({ status: "ACTIVE", wantedStatus: null });
  });
});
