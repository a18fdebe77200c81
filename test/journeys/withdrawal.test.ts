/**
 * A withdrawn consent counts at once in every process. Two processes, or the two gateways of a deployment, share one database and
 * one Redis, and both have cached decisions about the listener. A withdrawal is sent to one of them; the next answer of the
 * other one is decided without the consent.
 */
// Before any decorator runs.
import "reflect-metadata";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenerId } from "../../schema/id.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { createTestDatabase, hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { NOW, ask, startTestDecibel } from "../support/decibel.ts";
import type { Answer } from "../support/decibel.ts";
import { inOneProcess, startDeployment } from "../support/start-deployment.ts";
import { redisForTests } from "../support/redis.ts";
import { whole } from "../support/whole.ts";

const redis = await redisForTests();
if (redis) redis.pathname = "/9";

const agreeing = whole(createWorld({ scale: 1, now: new Date(NOW) })).listeners.listeners.filter(
  ({ consents, age, country, industry, engagement }) =>
    country === "DE" &&
    !["tobacco", "weapons"].includes(industry ?? "") &&
    engagement.ctaClicks <= 50 &&
    engagement.listens < 500 &&
    age !== null &&
    age > 30 &&
    consents.length === 3 &&
    consents.every(({ granted }) => granted),
);

interface Decided {
  readonly segments: { readonly verdict: string };
  readonly lead: { readonly verdict: string; readonly route: string };
  readonly activation: { readonly verdict: string; readonly reasons: readonly { readonly code: string }[] };
}

describe.runIf(redis && hasServer())("a withdrawn consent, with two processes", () => {
  let database: TestDatabase;
  let urls: readonly string[];
  let stop: () => Promise<unknown>;
  let campaign: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    if (inOneProcess) {
      const variables = { ...database.variables, CACHE_URL: redis?.href ?? "" };
      const processes = [await startTestDecibel({ variables }), await startTestDecibel({ variables })];
      urls = processes.map(({ decibel }) => decibel.url);
      stop = () => Promise.all(processes.map((one) => one.stop()));
    } else {
      const deployment = await startDeployment();
      urls = deployment.decibel.parts.flatMap(([name, url]) => (name === "gateway" ? [url] : []));
      ({ stop } = deployment);
    }
    campaign = await activeCampaign();
  });
  afterAll(async () => {
    await stop();
    await database.drop();
  });

  const query = <Data>(place: number, text: string, variables?: object): Promise<Answer<Data>> => {
    const url = urls[place];
    if (url === undefined) throw new RangeError(`there is no process ${place}`);
    return ask<Data>(url, text, variables);
  };
  async function activeCampaign(): Promise<string> {
    const { data } = await query<{ campaigns: { nodes: { id: string }[] } }>(
      0,
      "{ campaigns(first: 1, status: ACTIVE) { nodes { id } } }",
    );
    return data.campaigns.nodes[0]?.id ?? "";
  }
  async function decided(place: number, id: string): Promise<Decided> {
    const { data, errors } = await query<{ listener: Decided }>(
      place,
      `query ($id: ID!, $campaign: ID!) { listener(id: $id) {
         segments { verdict } lead { verdict route } activation(campaignId: $campaign) { verdict reasons { code } }
       } }`,
      { id, campaign },
    );
    expect(errors).toEqual([]);
    return data.listener;
  }
  async function say(place: number, input: object): Promise<void> {
    const { errors } = await query(
      place,
      "mutation ($input: RecordConsentInput!) { recordConsent(input: $input) { listener { id } } }",
      { input },
    );
    expect(errors).toEqual([]);
  }

  it.each([
    [0, 1],
    [1, 0],
  ])("sent to process %d changes the next decision of process %d", async (told, asked) => {
    const [one, another] = agreeing.slice(2 * told, 2 * told + 2).map(({ id }) => listenerId.encode(id));
    const [id = "", like = ""] = [one, another];
    for (const place of [told, asked, told, asked]) {
      const before = await decided(place, id);
      expect(before.segments.verdict).not.toBe("DENY");
      expect(before.lead).not.toMatchObject({ route: "SUPPRESS" });
      expect(before.activation.reasons.map(({ code }) => code)).not.toContain("MARKETING_REFUSED");
    }
    const beside = await decided(asked, like);
    for (const purpose of ["MARKETING", "PROFILING"]) await say(told, { listenerId: id, purpose, granted: false });
    for (const place of [asked, told]) {
      expect(await decided(place, id)).toMatchObject({
        segments: { verdict: "DENY" },
        lead: { verdict: "DENY", route: "SUPPRESS" },
        activation: {
          verdict: "DENY",
          reasons: expect.arrayContaining([expect.objectContaining({ code: "MARKETING_REFUSED" })]),
        },
      });
    }
    expect(await decided(asked, like)).toEqual(beside);
    // The consent is given again, through the other process.
    for (const purpose of ["MARKETING", "PROFILING"]) await say(asked, { listenerId: id, purpose, granted: true });
    expect((await decided(told, id)).lead.route).not.toBe("SUPPRESS");
    expect((await decided(told, id)).segments.verdict).not.toBe("DENY");
  });
});
