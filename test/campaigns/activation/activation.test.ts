/**
 * The decision about an activation: its facts, its answers and its alternative. Over 200 lines, because all tests share
 * one started audience.
 */
import "reflect-metadata";
import { campaignId } from "../../../schema/id.ts";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  campaignActivationFacts,
  listenerActivationFacts,
} from "../../../subgraphs/campaigns/decisions/marketing-activation.ts";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import { marketingActivation } from "../../../subgraphs/campaigns/decisions/marketing-activation.ts";
import { CampaignTargets } from "../../../subgraphs/campaigns/campaign/campaign.ts";
import type { ListenerFacts } from "../../../subgraphs/campaigns/external/listener.ts";
import type { CampaignFacts } from "../../../subgraphs/campaigns/decisions/campaign-facts.ts";
import { createAlternatives } from "../../../subgraphs/campaigns/activation/alternatives.ts";
import { campaigns as campaignsSubgraph } from "../../../subgraphs/campaigns/index.ts";
import { toCampaign } from "../../../subgraphs/campaigns/campaign/to-campaign.ts";
import { createAdsFacts } from "../../../subgraphs/sources/spotify-ads/facts.ts";
import { keptFacts } from "../../support/facts.ts";
import { createContext } from "../../../subgraphs/platform/context.ts";
import type { Facts, Row } from "../../../subgraphs/pipeline/table/table.ts";
import { judge } from "../../../subgraphs/pipeline/verdict.ts";
import { grantedPurposes, latestConsents, refusedPurposes } from "../../../subgraphs/listeners/consents/consents.ts";
import { listenerRecordsOf } from "../../support/memory-records.ts";
import { unused } from "../../support/unused.ts";
import { CATEGORIES, slugOf } from "../../../subgraphs/sandbox/world/brands.ts";
import { createSpotifyAdsSandbox } from "../../../subgraphs/sandbox/spotify-ads/server.ts";
import { createCampaigns } from "../../../subgraphs/sandbox/world/campaigns.ts";
import { createListeners } from "../../../subgraphs/sandbox/world/listeners.ts";
import { createSubgraph } from "../../../subgraphs/server/subgraph.ts";
import { adsAt, startAudience } from "../../support/audience.ts";
import { expectFew } from "../../support/asks.ts";
import type { Audience } from "../../support/audience.ts";
import { NOW, ask } from "../../support/decibel.ts";
import { MINUTE_MS } from "../../support/times.ts";
import { behave, misbehave } from "../../support/sandbox-control.ts";
import { whole } from "../../support/whole.ts";

interface Activation {
  readonly verdict: string;
  readonly eligible: boolean;
  readonly reasons: readonly { readonly code: string }[];
  readonly alternative?: { readonly id: string; readonly name?: string; readonly category?: string } | null;
}
interface Activated {
  readonly id: string;
  readonly activation: Activation | null;
}
interface CampaignNode {
  readonly id: string;
  readonly status: ReturnType<typeof toCampaign>["status"];
  readonly facts: CampaignFacts;
}

const world = whole(createListeners({ scale: 1, now: new Date(NOW) })).listeners;
/** As the listeners subgraph represents them. */
const people: readonly Person[] = world.map(({ id, age, country, consents }) => {
  const standing = latestConsents(consents);
  return {
    id: `listener_${id}`,
    facts: { age, country, consents: grantedPurposes(standing), refusals: refusedPurposes(standing) },
  };
});
interface Person {
  readonly id: string;
  readonly facts: Pick<ListenerFacts, keyof ListenerFacts>;
}
const campaignsWorld = whole(createCampaigns({ scale: 1, now: new Date(NOW) }));
const categories = new Map(CATEGORIES.map(({ code, name }) => [code, slugOf(name)]));
/** The campaigns that may be alternatives, by id. */
const offers = campaignsWorld.campaigns
  .filter(({ status }) => status === "ACTIVE" || status === "AGENT_CONTROLLED")
  .map(({ id }) => ({ id, sets: campaignsWorld.adSets.filter((set) => set.campaign_id === id) }))
  .filter(({ sets }) => sets.every(({ targets }) => targets.audience_ids.length === 0))
  .map(({ id, sets }) => ({
    id,
    category: categories.get(sets.find(({ category }) => category !== undefined)?.category ?? ""),
    countries: sets.map(({ targets }) => targets.geo_targets?.country_code ?? "none"),
  }))
  .toSorted((left, right) => (left.id < right.id ? -1 : 1));

const contextOf = () => createContext(pino({ enabled: false }), { requestId: "test", operationName: undefined });
let clock = NOW;
let audience: Audience;
let campaigns: readonly CampaignNode[];
beforeAll(async () => {
  audience = await startAudience({
    records: listenerRecordsOf(world),
    now: () => clock,
  });
  const { ads, load } = audience.services;
  const context = contextOf();
  const page = await ads.campaigns(context, { limit: 200, offset: 0 });
  campaigns = await Promise.all(
    requireAll(page.campaigns).map(async ({ value, asOf }) => {
      const campaign = toCampaign(value, asOf);
      return { id: campaign.id, status: campaign.status, facts: await load(context).facts.load(campaign) };
    }),
  );
});
beforeEach(async () => {
  // Every cached decision and alternative has expired by then.
  clock += 2 * MINUTE_MS;
  audience.batches();
  await Promise.all([audience.calls("opentext"), audience.calls("spotify-ads")]);
});
afterAll(() => audience.stop());

const campaignOf = (category: string, matches: (campaign: CampaignNode) => boolean = () => true): CampaignNode => {
  const found = campaigns.find((campaign) => campaign.facts.categories.includes(category) && matches(campaign));
  if (!found) throw new RangeError(`the world has no such campaign in ${category}`);
  return found;
};
const factsFor = ({ status, facts }: CampaignNode, person: Person): Facts =>
  listenerActivationFacts(status, facts, person.facts);
const rowsOf = (facts: Facts): readonly Row[] => {
  const evaluation = audience.table("marketing_activation").evaluate(facts);
  return "failed" in evaluation ? [] : evaluation.rows;
};
/** The expected answer, computed from the table and the world. */
function expected(campaign: CampaignNode, facts: Facts, countries: readonly string[]): Activation {
  const { verdict, reasons, answer } = judge(marketingActivation, rowsOf(facts));
  const found = offers.find(
    (offer) =>
      `campaign_${offer.id}` !== campaign.id &&
      offer.category === answer.alternativeCategory &&
      offer.countries.some((country) => countries.includes(country)),
  );
  return {
    verdict,
    eligible: verdict === "ALLOW",
    reasons: reasons.map(({ code }) => ({ code })),
    alternative: found ? { id: `campaign_${found.id}` } : null,
  };
}
const expectedFor = (campaign: CampaignNode, person: Person): Activation =>
  expected(campaign, factsFor(campaign, person), [person.facts.country]);
const referring = (persons: readonly { readonly id: string; readonly facts?: unknown }[]): readonly unknown[] =>
  persons.map((person) => ({ __typename: "Listener", ...person }));
const activation = (id: string, of = ""): string =>
  `... on Listener { id activation(campaignId: ${JSON.stringify(id)}) { verdict eligible reasons { code } ${of} } }`;

describe("the facts of an activation", () => {
  it("come from the campaign alone for its own activation", () => {
    const campaign = campaignOf("pharmaceuticals");
    const { targets } = campaign.facts;
    expect(campaignActivationFacts("PAUSED", campaign.facts)).toEqual({
      subject: "CAMPAIGN",
      status: "PAUSED",
      categories: ["pharmaceuticals"],
      channel: targets.placements.length === 2 ? "MIXED" : targets.placements[0],
      audiences: targets.audienceIds.length,
      countries: targets.countries,
      in_market: true,
      age_known: targets.minAge !== null,
      age: targets.minAge ?? 0,
      consents: [],
      refusals: [],
    });
  });

  it("have the country, age and consents of the listener for a listener's activation", () => {
    const { facts } = campaignOf("pharmaceuticals");
    const person = { age: 17, country: "XX", consents: ["MARKETING"], refusals: ["PROFILING"] };
    expect(listenerActivationFacts("ACTIVE", facts, person)).toMatchObject({
      subject: "LISTENER",
      countries: ["XX"],
      in_market: false,
      age_known: true,
      age: 17,
      consents: ["MARKETING"],
      refusals: ["PROFILING"],
    });
    expect(listenerActivationFacts("ACTIVE", facts, { ...person, age: null })).toMatchObject({
      age_known: false,
      age: 0,
    });
  });

  it.each([
    [[], "NONE"],
    [["MUSIC"], "MUSIC"],
    [["PODCAST"], "PODCAST"],
    [["PODCAST", "MUSIC"], "MIXED"],
  ])("have for placements %j the channel %s", (placements, channel) => {
    const { facts } = campaignOf("food");
    const placed = { ...facts, targets: Object.assign(new CampaignTargets(), facts.targets, { placements }) };
    expect(campaignActivationFacts("ACTIVE", placed).channel).toBe(channel);
  });

  it("have no category, market or age for a campaign without ad sets", () => {
    const draft = campaigns.find(({ status }) => status === "DRAFT");
    expect(draft && campaignActivationFacts(draft.status, draft.facts)).toMatchObject({
      categories: ["unknown"],
      channel: "NONE",
      audiences: 0,
      countries: [],
      in_market: false,
      age_known: false,
      age: 0,
    });
  });

  it("reach every rule of marketing_activation, over all campaigns and every tenth listener", () => {
    const some = people.filter((_person, index) => index < 100 || index % 10 === 0);
    const facts = campaigns.flatMap((campaign) => [
      campaignActivationFacts(campaign.status, campaign.facts),
      ...some.map((person) => factsFor(campaign, person)),
    ]);
    const reached = new Set(facts.flatMap(rowsOf));
    const { rules } = audience.table("marketing_activation").table;
    expect(rules.filter(({ row }) => !reached.has(row)).map(({ row }) => row["reason_code"])).toEqual([]);
  });
});

describe("a campaign's activation", () => {
  it("is decided by the table, for all campaigns in one batch", async () => {
    const { data, errors } = await audience.query<{ campaigns: { nodes: readonly Activated[] } }>(
      "campaigns",
      `{ campaigns(first: 200) { nodes { id activation { verdict eligible reasons { code } alternative { id } } } } }`,
    );
    expect(errors).toEqual([]);
    const facts = campaigns.map((campaign) => campaignActivationFacts(campaign.status, campaign.facts));
    expect(data.campaigns.nodes).toEqual(
      campaigns.map((campaign, index) => ({
        id: campaign.id,
        activation: expected(campaign, facts[index] ?? {}, campaign.facts.targets.countries),
      })),
    );
    const classes = new Set(facts.map((one) => audience.table("marketing_activation").identity(one))).size;
    expect(audience.batches()).toHaveLength(1);
    expectFew(await audience.calls("opentext"), classes);
    expect(new Set(data.campaigns.nodes.map((node) => node.activation?.verdict)).size).toBe(3);
  });
});

describe("a listener's activation", () => {
  it("is decided by the table, for all listeners in one batch with few calls for each class", async () => {
    const campaign = campaignOf("alcoholic-beverages", ({ facts }) => facts.targets.countries.includes("US"));
    const { entities, errors } = await audience.entities<Activated>(
      "campaigns",
      referring(people),
      activation(campaign.id, "alternative { id }"),
    );
    expect(errors).toEqual([]);
    expect(entities).toEqual(people.map((person) => ({ id: person.id, activation: expectedFor(campaign, person) })));
    const classes = new Set(
      people.map((person) => audience.table("marketing_activation").identity(factsFor(campaign, person))),
    ).size;
    expect(classes).toBe(160);
    expect(audience.batches()).toHaveLength(1);
    expectFew(await audience.calls("opentext"), classes);
    // The campaign and its ad sets; the active campaigns and their ad sets. Categories are cached for an hour.
    expect(await audience.calls("spotify-ads")).toBe(await requestsForAll());
  });

  it("is decided in one batch for several campaigns too", async () => {
    const [one, other] = [campaignOf("food"), campaignOf("banking")];
    const twenty = people.slice(0, 20);
    const { entities } = await audience.entities<{ readonly a: Activation; readonly b: Activation }>(
      "campaigns",
      referring(twenty),
      `... on Listener { a: activation(campaignId: "${one.id}") { verdict } b: activation(campaignId: "${other.id}") { verdict } }`,
    );
    expect(entities).toEqual(
      twenty.map((person) => ({
        a: { verdict: expectedFor(one, person).verdict },
        b: { verdict: expectedFor(other, person).verdict },
      })),
    );
    expect(audience.batches()).toHaveLength(1);
  });

  it("expires after half a minute", async () => {
    const { id } = campaignOf("food");
    const selection = `... on Listener { activation(campaignId: "${id}") { decidedAt expiresAt } }`;
    const { entities } = await audience.entities<{ activation: { decidedAt: string; expiresAt: string } }>(
      "campaigns",
      referring(people.slice(0, 1)),
      selection,
    );
    const times = entities.map(({ activation: given }) => Date.parse(given.expiresAt) - Date.parse(given.decidedAt));
    expect(times).toEqual([30_000]);
  });

  it("is an error for a campaign that does not exist, or an invalid id", async () => {
    const [person] = people;
    const activationFor = async (id: string) =>
      audience.entities("campaigns", referring(person ? [person] : []), activation(id));
    const id = "campaign_00000000-0000-4000-8000-000000000000";
    const missing = await activationFor(id);
    expect(missing.entities).toEqual([{ id: person?.id, activation: null }]);
    expect(missing.errors).toMatchObject([
      { message: `Cannot decide marketing_activation: there is no campaign ${id}`, extensions: { code: "NOT_FOUND" } },
    ]);
    expect((await activationFor("listener_1")).errors).toMatchObject([
      {
        message: 'Cannot read campaignId: "listener_1" is no campaign id',
        extensions: { code: "BAD_USER_INPUT", argument: "campaignId" },
      },
    ]);
    expect(audience.batches()).toEqual([]);
  });

  it("is null with an error without the facts of the listener", async () => {
    const { id } = campaignOf("food");
    const nobody = [{ id: "listener_1", facts: null }, { id: "listener_2" }];
    const { entities, errors } = await audience.entities("campaigns", referring(nobody), activation(id));
    expect(entities).toEqual(nobody.map((one) => ({ id: one.id, activation: null })));
    expect(errors).toEqual(
      nobody.map((_one, index) => ({
        message: "Cannot decide marketing_activation: the facts of the listener are not known",
        path: ["entities", index, "activation"],
        extensions: { code: "DECISION_UNAVAILABLE", decision: "marketing_activation", retryable: true },
      })),
    );
    expect(audience.batches()).toEqual([]);
  });

  it("is an error at the index of a malformed representation alone", async () => {
    const campaign = campaignOf("food");
    const [first, second] = people;
    if (!first || !second) throw new RangeError("the world has listeners");
    const wrong = { id: first.id, facts: { ...first.facts, age: "12" } };
    const { entities, errors } = await audience.entities<Activated | null>(
      "campaigns",
      referring([first, wrong, { id: "campaign_1", facts: first.facts }, second]),
      activation(campaign.id),
    );
    expect(entities.map((entity) => entity?.activation?.verdict ?? null)).toEqual([
      expectedFor(campaign, first).verdict,
      null,
      null,
      expectedFor(campaign, second).verdict,
    ]);
    expect(errors.map(({ path, message }) => [path?.[1], message])).toEqual([
      [1, "Cannot resolve Listener: its representation's facts.age is malformed"],
      [2, 'Cannot read id: "campaign_1" is no listener id'],
    ]);
  });

  it("is null with an error if there is no decision", async () => {
    await audience.misbehave("opentext", { rows: "empty" });
    const { entities, errors } = await audience.entities<Activated>(
      "campaigns",
      referring(people.slice(0, 1)),
      activation(campaignOf("food").id),
    );
    await audience.behave("opentext");
    expect(entities).toEqual([{ id: people[0]?.id, activation: null }]);
    expect(errors).toMatchObject([{ extensions: { code: "DECISION_UNDETERMINED", decision: "marketing_activation" } }]);
  });
});

describe("an alternative", () => {
  const american: Person = {
    id: "listener_1",
    facts: { age: 20, country: "US", consents: ["MARKETING", "PROFILING"], refusals: [] },
  };
  const alternatives = async (campaign: CampaignNode, persons: readonly Person[]) => {
    const answer = await audience.entities<Activated>(
      "campaigns",
      referring(persons),
      activation(campaign.id, "alternative { id name category }"),
    );
    return { ...answer, found: answer.entities.map((entity) => entity.activation?.alternative) };
  };
  const beer = (): CampaignNode =>
    campaignOf("alcoholic-beverages", ({ facts }) => facts.targets.countries.includes("US"));

  it("is a campaign of the category that the rules name, running in the listener's country", async () => {
    const offer = offers.find(({ category, countries }) => category === "food" && countries.includes("US"));
    const { found, errors } = await alternatives(beer(), [american]);
    expect(errors).toEqual([]);
    expect(found).toEqual([
      {
        id: `campaign_${offer?.id}`,
        name: campaignsWorld.campaigns.find(({ id }) => id === offer?.id)?.name,
        category: "Food",
      },
    ]);
  });

  it("exists for 2545 of 3101 decisions that name a category", async () => {
    const sent = campaigns.flatMap((campaign) =>
      people
        .filter((_person, index) => index % 50 === 0)
        .map((person) => ({
          campaign,
          person,
          to: judge(marketingActivation, rowsOf(factsFor(campaign, person))).answer,
        }))
        .filter(({ to }) => to.alternativeCategory !== null),
    );
    const found = sent.filter(({ campaign, person }) => expectedFor(campaign, person).alternative !== null);
    expect([sent.length, found.length]).toEqual([3101, 2545]);
  });

  it("is the one with the lowest id of several, and never the campaign itself", async () => {
    const apps = offers.filter(({ category, countries }) => category === "apps" && countries.includes("SE"));
    expect(apps.length).toBeGreaterThan(1);
    const find = (adsId: string) =>
      audience.services.alternatives.find(contextOf(), { category: "apps", countries: ["NZ", "SE"], adsId });
    expect((await find("another campaign"))?.id).toBe(campaignId.encode(apps[0]?.id ?? ""));
    expect((await find(apps[0]?.id ?? ""))?.id).toBe(campaignId.encode(apps[1]?.id ?? ""));
  });

  it("is null if no active campaign of the category without custom audiences runs there", async () => {
    const find = (category: string, countries: readonly string[]) =>
      audience.services.alternatives.find(contextOf(), { category, countries, adsId: "" });
    expect(await find("food", ["NZ"])).toBeNull();
    expect(await find("food", [])).toBeNull();
    expect(await find("haberdashery", ["US"])).toBeNull();
    const targeting = campaigns.filter(
      ({ facts, status }) => status === "ACTIVE" && facts.targets.audienceIds.length > 0,
    );
    const idle = campaigns.filter(({ status }) => status !== "ACTIVE");
    for (const { id, facts } of [...targeting, ...idle]) {
      for (const category of facts.categories) {
        const found = await find(category, facts.targets.countries);
        expect(found?.id).not.toBe(id);
      }
    }
  });

  it("is null for a listener who refused marketing, has not given a required consent, or is a child", async () => {
    const { facts } = american;
    const allFacts = [
      { ...facts, consents: ["PROFILING"], refusals: ["MARKETING"] },
      { ...facts, country: "DE", consents: [] },
      { ...facts, age: 12 },
    ];
    const persons = allFacts.map((own, index) => ({ id: `listener_${index}`, facts: { ...own } }));
    const { found, entities } = await alternatives(beer(), persons);
    expect(found).toEqual([null, null, null]);
    expect(entities.map((entity) => entity.activation?.reasons[0]?.code)).toEqual([
      "MARKETING_REFUSED",
      "MARKETING_CONSENT_MISSING",
      "CHILD",
    ]);
    // The campaign and its ad sets: no request for alternatives that no rule names.
    expect(await audience.calls("spotify-ads")).toBe(2);
  });

  it("is looked up once for all listeners, by what is known of campaigns for half a minute", async () => {
    const many = Array.from({ length: 300 }, (_none, index) => ({ ...american, id: `listener_${index}` }));
    const campaign = beer();
    const first = await alternatives(campaign, many);
    expect(new Set(first.found.map((found) => found?.id)).size).toBe(1);
    const cold = await audience.calls("spotify-ads");
    expect(cold).toBe(await requestsForAll());
    clock += MINUTE_MS / 2 - 1;
    await alternatives(campaign, many);
    expect(await audience.calls("spotify-ads")).toBe(0);
    clock += 1;
    await alternatives(campaign, many);
    expect(await audience.calls("spotify-ads")).toBe(cold);
  });

  it("is an error of its own if Spotify fails, which neither fails the decision nor is cached", async () => {
    const campaign = beer();
    const sandbox = createSpotifyAdsSandbox({ world: campaignsWorld, now: () => clock });
    const ads = createAdsFacts(
      adsAt(await sandbox.listen()),
      keptFacts("spotify-ads", () => clock),
    );
    const alternative = createAlternatives(ads, unused());
    const subgraph = await createSubgraph(
      campaignsSubgraph,
      { ...audience.services, alternatives: alternative, commands: unused(), worklist: unused() },
      { log: pino({ enabled: false }) },
    );
    const url = await subgraph.listen();
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) {
      ${activation(campaign.id, "alternative { id }")}
    } }`;
    const activations = () => ask<{ _entities: readonly Activated[] }>(url, query, { of: referring([american]) });
    const decided = expectedFor(campaign, american);

    await misbehave(sandbox, { status: 400 });
    const { data, errors } = await activations();
    await behave(sandbox);
    const next = await activations();
    await Promise.all([subgraph.close(), ads.close(), sandbox.close()]);

    expect(data._entities).toEqual([{ id: american.id, activation: { ...decided, alternative: null } }]);
    expect(errors).toMatchObject([
      { path: ["_entities", 0, "activation", "alternative"], extensions: { code: "UPSTREAM_UNAVAILABLE" } },
    ]);
    expect(next.data._entities).toEqual([{ id: american.id, activation: decided }]);
    expect(decided.alternative).not.toBeNull();
  });
});

describe("listeners and campaigns in one graph", () => {
  it("decide a page of listeners in one batch per subgraph, from facts that clients cannot query", async () => {
    const campaign = campaignOf("alcoholic-beverages", ({ facts }) => facts.targets.countries.includes("US"));
    const { data, errors } = await audience.gateway<{
      listeners: { nodes: readonly (Activated & { country: string })[] };
    }>(
      `{ listeners(first: 100, country: "US") { nodes {
        id country segments { verdict } lead { verdict }
        activation(campaignId: "${campaign.id}") { verdict eligible reasons { code } alternative { id } }
      } } }`,
    );
    expect(errors).toEqual([]);
    const americans = people
      .filter(({ facts }) => facts.country === "US")
      .toSorted((left, right) => (left.id < right.id ? -1 : 1));
    expect(data.listeners.nodes).toEqual(
      americans.slice(0, 100).map((person) => ({
        id: person.id,
        country: "US",
        segments: { verdict: expect.any(String) },
        lead: { verdict: expect.any(String) },
        activation: expectedFor(campaign, person),
      })),
    );
    expect(audience.batches()).toHaveLength(2);
    const peek = await audience.gateway("{ listeners { nodes { facts { age } } } }");
    expect(peek.errors).toMatchObject([{ message: expect.stringContaining('Cannot query field "facts"') }]);
  });
});

/** The requests to Spotify Ads for one campaign and for all alternatives, if categories are cached. */
async function requestsForAll(): Promise<number> {
  const active = campaigns.filter(({ status }) => status === "ACTIVE").map(({ id }) => id.slice("campaign_".length));
  const sets = campaignsWorld.adSets.filter((set) => active.includes(set.campaign_id)).length;
  return 2 + Math.ceil(active.length / 50) + Math.max(1, Math.ceil(sets / 50));
}
