/** What subscribers are told, over each transport, by the clients that applications have. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationId, listenerId, reviewId } from "../../../schema/id.ts";
import { evaluationRecords } from "../../../subgraphs/records/decisions/ledger.ts";
import { openReview } from "../../../subgraphs/records/decisions/reviews.ts";
import type { EffectKind } from "../../../subgraphs/records/outbox/effect.ts";
import { accountsWorld } from "../../support/accounts-world.ts";
import type { AccountsWorld } from "../../support/accounts-world.ts";
import { asCallers } from "../../support/as-caller.ts";
import { NOW, ask, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";
import { overSse, overWebSocket, toldTo } from "../../support/live.ts";
import type { SubscribeTo } from "../../support/live.ts";
import { evaluation } from "../../support/record-samples.ts";
import { untold } from "../../support/untold.ts";
import { TOKENS, authorized } from "../../support/tokens.ts";
import type { Claims } from "../../support/tokens.ts";

const TRANSPORTS: readonly (readonly [string, SubscribeTo])[] = [
  ["graphql-sse", overSse],
  ["graphql-ws", overWebSocket],
];

let graph: TestDecibel;
let world: AccountsWorld;
let now = NOW;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: { ...TOKENS, LIMIT_SUBSCRIPTIONS: "20" }, now: () => now });
  world = await accountsWorld(graph, await asCallers(graph));
}, 60_000);
afterAll(() => graph.stop());

/** Gives its id. */
async function decide(more: { readonly subject?: string; readonly model?: string } = {}): Promise<string> {
  const id = evaluationId.encode(randomUUID());
  await evaluationRecords(graph.decibel.database).write([evaluation({ id, ...more })]);
  return id;
}

async function review(queue: string, subject = "s"): Promise<string> {
  const opened = { kind: "test", subject, queue, evaluationId: await decide(), openedAt: new Date(NOW) };
  return reviewId.encode(await graph.decibel.database.transaction((tx) => openReview(tx, untold, opened)));
}

async function licence(locationId: string, status: string): Promise<void> {
  const { errors } = await ask(
    graph.decibel.url,
    "mutation ($input: RecordLicenceInput!) { recordLicence(input: $input) { location { id } } }",
    { input: { locationId, status, tier: "background" } },
    await authorized(now),
  );
  expect(errors).toEqual([]);
}

describe.each(TRANSPORTS)("over %s, a subscriber", (_name, subscribe) => {
  const subscribeAs = async (query: string, claims: Claims = {}, variables = {}) =>
    subscribe(graph.decibel.url, query, {
      headers: await authorized(now, { sub: randomUUID(), ...claims }),
      variables,
    });

  it("is told of every new evaluation, in order, with what it selects, by its own names", async () => {
    const one = await subscribeAs(
      "subscription { made: decisionMade { key: id model { key } ... on Evaluation { verdict } } }",
    );
    const model = { key: "some_model" };
    const ids = [await decide(), await decide(), await decide()];
    await expect.poll(() => toldTo(one)).toEqual(ids.map((key) => ({ made: { key, model, verdict: "ALLOW" } })));
    one.leave();
  });

  it("is told only of the subject and the model that it names", async () => {
    const subject = `campaign_${randomUUID()}`;
    const query =
      "subscription ($subject: String, $model: String) { decisionMade(subject: $subject, model: $model) { id } }";
    const bySubject = await subscribeAs(query, {}, { subject });
    const byModel = await subscribeAs(query, {}, { model: "another" });
    await decide();
    const first = await decide({ subject });
    const second = await decide({ subject, model: "another" });
    await expect
      .poll(() => toldTo(bySubject))
      .toEqual([{ decisionMade: { id: first } }, { decisionMade: { id: second } }]);
    await expect.poll(() => toldTo(byModel)).toEqual([{ decisionMade: { id: second } }]);
    bySubject.leave();
    byModel.leave();
  });

  it("is told of reviews in its queue", async () => {
    const one = await subscribeAs(`subscription { reviewOpened(queue: "brand") { id queue evaluation { verdict } } }`);
    await review("legal");
    const id = await review("brand");
    await expect
      .poll(() => toldTo(one))
      .toEqual([{ reviewOpened: { id, queue: "brand", evaluation: { verdict: "ALLOW" } } }]);
    one.leave();
  });

  it("is told of effects as they come and change", async () => {
    const one = await subscribeAs("subscription { effectChanged { kind subject status } }");
    const subject = `campaign_${randomUUID()}`;
    const kind = { name: "campaigns.unheard_of" } as EffectKind<object>;
    await graph.decibel.database.transaction((tx) => graph.decibel.outbox.send(tx, kind, { subject, data: {} }));
    await expect.poll(() => one.told.length).toBeGreaterThanOrEqual(2);
    for (const { data } of one.told) {
      expect(data).toMatchObject({ effectChanged: { kind: "campaigns.unheard_of", subject } });
    }
    one.leave();
  });

  it("gets a field that its scopes do not allow as an error, and the rest", async () => {
    const one = await subscribeAs("subscription { decisionMade { id facts } }", { scope: "audit:read" });
    await decide();
    await expect.poll(() => one.told).toHaveLength(1);
    expect(one.told[0]?.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect(one.told[0]?.data ?? null).toEqual(null);
    one.leave();
  });

  it.each([
    ["without its scope", "subscription { decisionMade { id } }", "graph:read", {}, "FORBIDDEN"],
    [
      "with a variable of another type",
      "subscription ($s: String) { decisionMade(subject: $s) { id } }",
      undefined,
      { s: 1 },
      "BAD_USER_INPUT",
    ],
    ["that selects nothing", "subscription { decisionMade @skip(if: true) { id } }", undefined, {}, "BAD_USER_INPUT"],
    ["that is invalid", "subscription { nothing { id } }", undefined, {}, "GRAPHQL_VALIDATION_FAILED"],
  ])("is refused %s", async (_why, query, scope, variables, code) => {
    const one = await subscribeAs(query, scope === undefined ? {} : { scope }, variables);
    const end = await one.end;
    expect(JSON.stringify([one.told, end])).toContain(code);
  });

  it("of other accounts is told nothing, also where nothing can be read", async () => {
    const { own, foreign } = world.accounts;
    const query = "subscription { reviewOpened { id subject } }";
    const [mine, theirs] = await Promise.all([
      subscribeAs(query, { accounts: [...own] }),
      subscribeAs(query, { accounts: [...foreign] }),
    ]);
    const [subject = expect.fail("there is no campaign")] = world.ids("campaign", "own");
    const id = await review("accounts", subject);
    await expect.poll(() => toldTo(mine)).toEqual([{ reviewOpened: { id, subject } }]);
    expect(theirs.told).toEqual([]);
    mine.leave();
    theirs.leave();
  });

  it("of other accounts is told no verdict of theirs, and of no listener without the scope", async () => {
    const { own, foreign } = world.accounts;
    const [id = expect.fail("there is no location")] = world.ids("location", "own");
    const query = "subscription ($ids: [ID!]!) { eligibilityChanged(ids: $ids) { id verdict } }";
    await licence(id, "ACTIVE");
    const variables = { ids: [id] };
    const [mine, theirs] = await Promise.all([
      subscribeAs(query, { accounts: [...own] }, variables),
      subscribeAs(query, { accounts: [...foreign] }, variables),
    ]);
    // A WebSocket does not say when it has read the verdict that holds.
    const told = async (): Promise<readonly unknown[]> => {
      await licence(id, "ACTIVE");
      await licence(id, "EXPIRED");
      return toldTo(mine);
    };
    await expect.poll(told).toContainEqual({ eligibilityChanged: { id, verdict: "DENY" } });
    expect(theirs.told).toEqual([]);
    mine.leave();
    theirs.leave();
    const listener = listenerId.encode(randomUUID());
    const withCampaign =
      "subscription ($ids: [ID!]!, $campaignId: ID) { eligibilityChanged(ids: $ids, campaignId: $campaignId) { id } }";
    const [campaignId] = world.ids("campaign", "own");
    const refused = await subscribeAs(withCampaign, { scope: "eligibility:read" }, { ids: [listener], campaignId });
    expect(JSON.stringify([refused.told, await refused.end])).toContain("FORBIDDEN");
  });

  it("has a number of subscriptions at a time", async () => {
    const sub = randomUUID();
    const query = "subscription { effectChanged { id } }";
    const open = await Promise.all(Array.from({ length: 20 }, () => subscribeAs(query, { sub })));
    const refused = await subscribeAs(query, { sub });
    expect(JSON.stringify([refused.told, await refused.end])).toContain("which LIMIT_SUBSCRIPTIONS allows");
    open[0]?.leave();
    await expect
      .poll(async () => {
        const again = await subscribeAs(query, { sub });
        const isRefused = await Promise.race([
          again.end.then(() => true),
          new Promise((resolve) => setTimeout(resolve, 100, false)),
        ]);
        again.leave();
        return isRefused;
      })
      .toBe(false);
    for (const one of open) one.leave();
  });

  it("is told nothing after its token has expired, and why", async () => {
    const one = await subscribeAs("subscription { decisionMade { id } }");
    now += 400_000;
    const end = await one.end;
    expect(JSON.stringify([one.told, end])).toMatch(/credentials have expired|closed 4403/);
  });
});
