/**
 * Each mutation as a dry run: its payload is that of the mutation, it says what would be told, nothing is told, and no record is
 * another than before. Over both kinds of database.
 */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasServer } from "../support/database.ts";
import { SANDBOXES, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { FAST_RETRIES, eventually, outboxIsIdle } from "../support/mutations.ts";

const CAMPAIGN = "campaign_45b09d9d-5b33-41bc-91a8-75ecdb4f050e";
const TARGETED_CAMPAIGN = "campaign_1905d193-22f2-468e-a035-c9d74906d34b";
const REFUSED_CAMPAIGN = "campaign_dbfc2400-726c-4a62-9938-1c053de3fed5";
const EPISODE = "episode_8ca7f124-ebdb-48a5-9116-fe65ca8ed7a9_6741e2e5-dd80-4bee-b7d0-8b5d4fee33b2";
const SHOP = "location_TG9jYXRpb24sLDMwYW52OTZjNDRpL0FjY291bnQsLGZlb2hvZHpmcG1zLw~3d~3d";
const LISTENER = "listener_001ad6f1-598f-4db3-824a-f2fbd305a48c";

const UPSTREAMS = SANDBOXES.filter((name) => name !== "opentext");

/** Soundtrack is asked by GraphQL. */
const isQuery = (body: unknown): boolean => JSON.stringify(body ?? {}).startsWith('{"query":"query');

const databases: readonly (readonly [name: string, variables: Record<string, string>])[] = [
  ...(hasServer() ? [["PostgreSQL, the subgraphs over HTTP", { SUBGRAPH_TRANSPORT: "http" }] as const] : []),
  ["the database inside the process", { DATABASE_URL: "", DATA_DIR: "memory" }],
];

describe.each(databases)("over %s", { timeout: 60_000 }, (_name, variables) => {
  let graph: TestDecibel;
  beforeAll(async () => {
    graph = await startTestDecibel({ variables: { ...FAST_RETRIES, ...variables } });
  });
  afterAll(() => graph.stop());

  interface Done {
    readonly dryRun: {
      readonly decisions: readonly { readonly verdict: string }[];
      readonly effects: readonly { readonly kind: string; readonly subject: string }[];
    } | null;
    readonly [field: string]: unknown;
  }
  function send(mutation: string, input: object, selection: string) {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    return graph.query<{ readonly done: Done | null }>(
      `mutation ($input: ${type}!) { done: ${mutation}(input: $input) { ${selection} dryRun { decisions { model verdict } effects { kind subject } } } }`,
      { input },
    );
  }
  async function done(mutation: string, input: object, selection: string): Promise<Done> {
    const { data, errors } = await send(mutation, input, selection);
    expect(errors).toEqual([]);
    return data.done ?? expect.fail("it has no payload");
  }
  /** By table, without the ledger: the decision service was asked. */
  async function records(): Promise<ReadonlyMap<string, unknown>> {
    const { db } = graph.decibel.database;
    const { rows } = await db.execute<{ name: string }>(sql`select format('%I.%I', table_schema, table_name) as name
      from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('information_schema', 'pg_catalog')
      order by 1`);
    const names = rows.map(({ name }) => name).filter((name) => !LEDGER.has(name) && !/^outbox\.(?!job$)/.test(name));
    const digests = [];
    for (const name of names) {
      const digest = await db.execute(
        sql.raw(`select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as digest from ${name} t`),
      );
      digests.push([name, digest.rows[0]] as const);
    }
    return new Map(digests);
  }
  const LEDGER = new Set(["decisions.evaluations", "decisions.pseudonyms"]);
  /** By upstreams; the decision service is asked. */
  const told = async (): Promise<readonly unknown[]> =>
    (await Promise.all(UPSTREAMS.map(async (name) => (await graph.sandbox(name).calls()).recent)))
      .flat()
      .filter(({ method, path, body }) => method !== "GET" && !/token/.test(String(path)) && !isQuery(body));

  /** Tries it, checks that nothing happened, and does it. Ids of what is made differ, and so do times. */
  async function expectTriedThenDone(mutation: string, input: object, selection: string): Promise<Done> {
    await outboxIsIdle(graph);
    await Promise.all(UPSTREAMS.map((name) => graph.sandbox(name).forget()));
    const before = await records();
    const tried = await done(mutation, { ...input, dryRun: true }, selection);
    expect(await records()).toEqual(before);
    expect(await told()).toEqual([]);
    const real = await done(mutation, input, selection);
    expect(real.dryRun).toBeNull();
    expect({ ...tried, dryRun: null }).toEqual(real);
    return tried;
  }

  it("activateCampaign, and pauseCampaign", async () => {
    const { dryRun } = await expectTriedThenDone(
      "activateCampaign",
      { campaignId: CAMPAIGN },
      "campaign { id requestedStatus } decision { verdict eligible }",
    );
    expect(dryRun).toEqual({
      decisions: [{ model: "marketing_activation", verdict: "ALLOW" }],
      effects: [{ kind: "campaigns.status", subject: CAMPAIGN }],
    });
    await expectTriedThenDone("pauseCampaign", { campaignId: CAMPAIGN }, "campaign { id requestedStatus }");
  });

  it("activateCampaign, which the rules refuse", async () => {
    const { dryRun } = await expectTriedThenDone(
      "activateCampaign",
      { campaignId: REFUSED_CAMPAIGN },
      "campaign { id requestedStatus } decision { verdict ... on ActivationDecision { alternative { id } } }",
    );
    expect(dryRun).toEqual({ decisions: [{ model: "marketing_activation", verdict: "DENY" }], effects: [] });
  });

  it("applyTargeting", async () => {
    const { dryRun } = await expectTriedThenDone(
      "applyTargeting",
      { campaignId: TARGETED_CAMPAIGN },
      "decision { verdict }",
    );
    expect(dryRun?.effects).toMatchObject([{ subject: TARGETED_CAMPAIGN }]);
  });

  it("submitSponsorship, and resolveReview of one", async () => {
    const input = { campaignId: CAMPAIGN, episodeId: EPISODE, brand: "Outback", productCategory: "Adventure travel" };
    // Its decision needs facts of another subgraph, which does not know of it.
    const { dryRun, sponsorship } = await expectTriedThenDone(
      "submitSponsorship",
      input,
      "sponsorship { status brand }",
    );
    expect([dryRun?.decisions, sponsorship]).toEqual([
      [{ model: "placement_review", verdict: "ALLOW" }],
      { status: "APPROVED", brand: "Outback" },
    ]);
    const { data } = await graph.query<{ reviewQueue: { nodes: readonly { readonly id: string }[] } }>(
      "{ reviewQueue(first: 1) { nodes { id } } }",
    );
    const [review] = data.reviewQueue.nodes;
    if (!review) return;
    await expectTriedThenDone(
      "resolveReview",
      { reviewId: review.id, verdict: "ALLOW", note: "fits" },
      "review { id status verdict note reviewer evaluation { verdict } }",
    );
  });

  it("openCase and resolveCase", async () => {
    const input = {
      campaignId: CAMPAIGN,
      account: "Outback Drift Tours",
      customerValue: "HIGH",
      country: "AU",
      issue: "PRIVACY",
      severity: "CRITICAL",
      description: "They know where I live",
    };
    const { dryRun } = await expectTriedThenDone(
      "openCase",
      input,
      "supportCase { status routing { priority queue } }",
    );
    expect(dryRun?.decisions).toMatchObject([{ model: "case_routing" }]);
    const { data } = await graph.query<{ caseWorklist: { nodes: readonly { readonly id: string }[] } }>(
      "{ caseWorklist(first: 1) { nodes { id } } }",
    );
    const [{ id } = { id: "" }] = data.caseWorklist.nodes;
    await expectTriedThenDone("resolveCase", { caseId: id, note: "They do not" }, "supportCase { id status note }");
  });

  it("submitEpisode and publishEpisode", async () => {
    const submission = {
      episodeId: EPISODE,
      disclaimers: ["sponsored"],
      markets: ["DE"],
      languages: ["en"],
      approvals: [],
    };
    await expectTriedThenDone("submitEpisode", submission, "episode { id status } decision { verdict missing }");
    const { dryRun } = await expectTriedThenDone("publishEpisode", { episodeId: EPISODE }, "decision { verdict }");
    expect(dryRun?.decisions).toMatchObject([{ model: "episode_publishing" }]);
  });

  it("recordLicence and requestPlaylist", async () => {
    const licence = { locationId: SHOP, status: "ACTIVE", tier: "foreground" };
    await expectTriedThenDone("recordLicence", licence, "location { id licence { status tier } playback { verdict } }");
    const trackUris = ["spotify:track:4uLU6hMCjMI75M1A2tKUQC"];
    const request = { locationId: SHOP, title: "Slow mornings", usage: "IN_STORE", trackUris };
    const { dryRun } = await expectTriedThenDone(
      "requestPlaylist",
      request,
      "playlistRequest { title status decision { verdict action } }",
    );
    expect(dryRun?.decisions).toMatchObject([{ model: "playlist_request" }]);
  });

  it("recordConsent, recordEngagement and routeLead", async () => {
    const consent = { listenerId: LISTENER, purpose: "MARKETING", granted: true };
    await expectTriedThenDone("recordConsent", consent, "listener { id lead { verdict route } }");
    const events = [{ id: "tried", listenerId: LISTENER, kind: "CTA_CLICK", at: "2026-03-10T11:55:00.000Z" }];
    await expectTriedThenDone("recordEngagement", { events }, "accepted duplicates");
    const { dryRun } = await expectTriedThenDone(
      "routeLead",
      { listenerId: LISTENER },
      "listener { id lead { route } }",
    );
    expect(dryRun?.decisions).toMatchObject([{ model: "lead_routing" }]);
  });

  it("retryEffect and dropEffect", async () => {
    await outboxIsIdle(graph);
    await graph.sandbox("spotify-ads").misbehave({ status: 422, only: "write" });
    await done("activateCampaign", { campaignId: CAMPAIGN }, "campaign { id }");
    const failed = async () => {
      const { data } = await graph.query<{ effects: { nodes: readonly { readonly id: string }[] } }>(
        "{ effects(first: 1, status: FAILED) { nodes { id } } }",
      );
      return data.effects.nodes[0]?.id;
    };
    await eventually(failed).toMatch(/^effect_/);
    const effectId = await failed();
    const before = await records();
    await done("retryEffect", { effectId, dryRun: true }, "effect { id status }");
    await done("dropEffect", { effectId, dryRun: true }, "effectId");
    expect(await records()).toEqual(before);
    await graph.sandbox("spotify-ads").behave();
    await done("dropEffect", { effectId }, "effectId");
    expect(await failed()).toBeUndefined();
  });

  it("is refused as the mutation is, and changes nothing", async () => {
    const before = await records();
    const input = { caseId: "case_00000000-0000-4000-8000-000000000000", note: "?", dryRun: true };
    const [tried, real] = [
      await send("resolveCase", input, "supportCase { id }"),
      await send("resolveCase", { ...input, dryRun: false }, "supportCase { id }"),
    ];
    expect(tried.errors).toMatchObject([{ extensions: { code: expect.any(String) } }]);
    expect(tried.errors.map(({ message }) => message)).toEqual(real.errors.map(({ message }) => message));
    expect(await records()).toEqual(before);
  });

  it("is refused with another mutation, and neither is done", async () => {
    const before = await records();
    const open = (dryRun: boolean) =>
      `openCase(input: { dryRun: ${dryRun}, account: "a", customerValue: LOW, country: "DE", issue: BILLING, severity: LOW,
        description: "d" }) { supportCase { id } dryRun { effects { kind } } }`;
    const both = `mutation { b: ${open(false)} a: ${open(true)} }`;
    const { data, errors } = await graph.part("campaigns").query(both);
    // A null where none may be nulls the whole.
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: "Cannot openCase: an operation with a dry run has no other mutation", path: ["b"] },
    ]);
    expect(await records()).toEqual(before);
  });

  it("is refused beside another one in a fragment, and not beside the name of the type", async () => {
    const open = (dryRun: boolean) =>
      `openCase(input: { dryRun: ${dryRun}, account: "a", customerValue: LOW, country: "DE", issue: BILLING, severity: LOW,
        description: "d" }) { dryRun { decisions { model } } }`;
    const campaigns = graph.part("campaigns");
    const before = await records();
    const both = `mutation { ...Both } fragment Both on Mutation { a: ${open(true)} b: ${open(false)} }`;
    const { errors } = await campaigns.query(both);
    expect(errors).toMatchObject([{ extensions: { fields: { dryRun: ["must be of the only mutation"] } } }]);
    const alone = await campaigns.query(`mutation { __typename ... on Mutation { a: ${open(true)} } }`);
    expect(alone).toMatchObject({ data: { a: { dryRun: { decisions: [{ model: "case_routing" }] } } }, errors: [] });
    expect(await records()).toEqual(before);
  });

  it.each([
    ["ACTIVE", "EXPIRED", []],
    ["EXPIRED", "ACTIVE", ["LICENCE_INVALID"]],
  ])("by the gateway sees what is done before it, %s, and not what is tried, %s", async (done, tried, objecting) => {
    await outboxIsIdle(graph);
    const record = (status: string, dryRun: boolean) =>
      `recordLicence(input: { locationId: "${SHOP}", status: ${status}, tier: "foreground", dryRun: ${dryRun} }) {
        location { licence { status } }
      }`;
    const { data, errors } = await graph.query<{
      readonly request: { readonly playlistRequest: { readonly decision: { readonly reasons: { code: string }[] } } };
    }>(`mutation {
      done: ${record(done, false)}
      tried: ${record(tried, true)}
      request: requestPlaylist(input: { locationId: "${SHOP}", title: "t", usage: IN_STORE, dryRun: true,
        trackUris: ["spotify:track:4uLU6hMCjMI75M1A2tKUQC"] }) { playlistRequest { decision { reasons { code } } } }
    }`);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      done: { location: { licence: { status: done } } },
      tried: { location: { licence: { status: tried } } },
    });
    const codes = data.request.playlistRequest.decision.reasons.map(({ code }) => code);
    expect(codes.filter((code) => code === "LICENCE_INVALID")).toEqual(objecting);
    const after = await graph.query("query ($id: ID!) { location(id: $id) { licence { status } } }", { id: SHOP });
    expect(after.data).toEqual({ location: { licence: { status: done } } });
  });

  it("of many at once leave nothing", async () => {
    await outboxIsIdle(graph);
    const before = await records();
    const input = { locationId: SHOP, status: "ACTIVE", tier: "background", dryRun: true };
    const all = await Promise.all(
      Array.from({ length: 15 }, () => done("recordLicence", input, "location { licence { tier } }")),
    );
    expect(all.map(({ location }) => location)).toEqual(all.map(() => ({ licence: { tier: "background" } })));
    expect(await records()).toEqual(before);
  });
});
