/** submitEpisode and publishEpisode: what is stored, and what Megaphone gets. */
// Before any decorator runs.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { episodeId } from "../../../schema/id.ts";
import { createWorld } from "../../../subgraphs/sandbox/world/world.ts";
import { NOW, startTestDecibel } from "../../support/decibel.ts";
import type { Answer, TestDecibel } from "../../support/decibel.ts";

const world = createWorld({ scale: 1, now: new Date(NOW) }).episodes;
const profiles = new Map(world.profiles.map((profile) => [profile.episodeId, profile]));
const UNKNOWN_EPISODE = episodeId.encode("podcast", "unknown");
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const iso = (at: number): string => new Date(at).toISOString();

interface ShownEpisode {
  readonly id: string;
  readonly status: string;
  readonly publishedAt: string | null;
  readonly languages: readonly string[];
  readonly transcriptAvailable: boolean;
  readonly publishing: ShownDecision | null;
}
interface ShownDecision {
  readonly id: string;
  readonly verdict: string;
  readonly missing: readonly string[];
  readonly blockedMarkets: readonly string[];
}
interface Payload {
  readonly episode: ShownEpisode;
  readonly decision: ShownDecision | null;
}

const DECISION = "id verdict missing blockedMarkets";
const EPISODE = `id status publishedAt languages transcriptAvailable publishing { ${DECISION} }`;
/** All that any rule asks for. */
const COMPLETE = {
  disclaimers: ["sponsorship", "explicit-content", "health", "financial", "gambling", "alcohol"],
  approvals: ["editorial", "legal", "rights", "brand"],
  transcriptUrl: "https://transcripts.example/one.vtt",
  languages: ["en"],
  markets: ["GB", "US"],
};

/** Each test has its own minute, because the sandbox of Megaphone answers 60 requests a minute. */
let clock = NOW;
let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel({
    variables: { OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: "1000" },
    now: () => clock,
  });
});
beforeEach(() => {
  clock += 2 * MINUTE_MS;
});
afterEach(async () => {
  await Promise.all([graph.sandbox("opentext").behave(), graph.sandbox("megaphone").behave()]);
});
afterAll(() => graph.stop());

const BARRED: ReadonlySet<string> = new Set(["hate-speech", "pornography", "terrorism"]);
/** Each episode only once, so that tests do not share one. */
const picked = new Set<string>();
type Stage = "DRAFT" | "SUBMITTED" | "SCHEDULED" | "PUBLISHED";
function pick(stage: Stage): string {
  const found = world.episodes.find((episode) => {
    const profile = profiles.get(episode.id);
    const isAhead = Number(episode.pubdate) > NOW + HOUR_MS;
    const current: Stage = episode.draft
      ? profile?.submission
        ? "SUBMITTED"
        : "DRAFT"
      : isAhead
        ? "SCHEDULED"
        : "PUBLISHED";
    const isBarred = profile?.sensitiveTopics.some((topic) => BARRED.has(topic)) ?? false;
    const isPublishable = episode.audioFileStatus === "success" && profile?.topics.length !== 0 && !isBarred;
    return current === stage && isPublishable && !picked.has(episode.id);
  });
  if (!found) throw new RangeError(`the world has no ${stage} episode left`);
  picked.add(found.id);
  return episodeId.encode(found.podcastId, found.id);
}

function submit(input: object): Promise<Answer<{ submitEpisode: Payload } | null>> {
  return graph.query(
    `mutation ($input: SubmitEpisodeInput!) { submitEpisode(input: $input) { episode { ${EPISODE} } decision { ${DECISION} } } }`,
    { input },
  );
}
function publish(input: object): Promise<Answer<{ publishEpisode: Payload } | null>> {
  return graph.query(
    `mutation ($input: PublishEpisodeInput!) { publishEpisode(input: $input) { episode { ${EPISODE} } decision { ${DECISION} } } }`,
    { input },
  );
}
async function read(id: string): Promise<ShownEpisode> {
  const { data, errors } = await graph.query<{ episode: ShownEpisode }>(
    `query ($id: ID!) { episode(id: $id) { ${EPISODE} } }`,
    { id },
  );
  expect(errors).toEqual([]);
  return data.episode;
}
/** The id of a submitted episode that the rules allow. */
async function allowedEpisode(): Promise<string> {
  const id = pick("SUBMITTED");
  const { data, errors } = await submit({ ...COMPLETE, episodeId: id });
  expect(errors).toEqual([]);
  expect(data?.submitEpisode.decision?.verdict).toBe("ALLOW");
  return id;
}
async function outboxIsIdle(): Promise<void> {
  await expect.poll(() => graph.decibel.outbox.isIdle(), { timeout: 15_000 }).toBe(true);
}
/** The statuses of Megaphone's answers to the writes of an episode. */
async function writes(id: string): Promise<readonly unknown[]> {
  const [, megaphoneId] = episodeId.decode(id);
  const { recent } = await graph.sandbox("megaphone").calls();
  return recent
    .filter(({ method, path }) => method === "PUT" && String(path).includes(megaphoneId))
    .map(({ status }) => status);
}
async function publications(id: string): Promise<readonly unknown[]> {
  const [, megaphoneId] = episodeId.decode(id);
  const { rows } = await graph.decibel.database.db.execute(
    `select * from episodes.publications where episode_id = '${megaphoneId}'`,
  );
  return rows;
}
const invalidField = (mutation: string, field: string, problem: string) => [
  {
    message: `Cannot ${mutation}: ${field} ${problem}`,
    path: [mutation],
    extensions: { code: "BAD_USER_INPUT", fields: { [field]: [problem] } },
  },
];

describe("submitEpisode", () => {
  it("submits a draft, and decides on the submission", async () => {
    const id = pick("DRAFT");
    const { data, errors } = await submit({ ...COMPLETE, episodeId: id });
    expect(errors).toEqual([]);
    expect(data?.submitEpisode).toMatchObject({
      episode: { id, status: "SUBMITTED", publishedAt: null, languages: ["en"], transcriptAvailable: true },
      decision: { verdict: "ALLOW", missing: [], blockedMarkets: [] },
    });
    expect((await read(id)).publishing?.verdict).toBe("ALLOW");
    const { data: ledger } = await graph.query<{ evaluation: object }>(
      "query ($id: ID!) { evaluation(id: $id) { subject verdict facts } }",
      { id: data?.submitEpisode.decision?.id },
    );
    expect(ledger.evaluation).toMatchObject({
      subject: id,
      verdict: "ALLOW",
      facts: { submitted: true, transcript: true, languages: ["en"], markets: ["GB", "US"] },
    });
  });

  it("shows what is missing, and replaces an earlier submission", async () => {
    const id = pick("DRAFT");
    const incomplete = { ...COMPLETE, episodeId: id, approvals: [], transcriptUrl: COMPLETE.transcriptUrl };
    const first = await submit(incomplete);
    expect(first.data?.submitEpisode.decision).toMatchObject({
      verdict: "REVIEW",
      missing: expect.arrayContaining(["editorial-approval"]),
    });
    clock += 1000;
    const second = await submit({ ...incomplete, approvals: COMPLETE.approvals, transcriptUrl: null });
    expect(second.data?.submitEpisode).toMatchObject({
      episode: { status: "SUBMITTED", transcriptAvailable: true },
      decision: { verdict: "ALLOW" },
    });
  });

  it("stores unique values, with languages and markets in canonical form", async () => {
    const id = pick("DRAFT");
    const twice = (texts: readonly string[]) => [...texts, ...texts];
    const { errors } = await submit({
      episodeId: id,
      disclaimers: twice(COMPLETE.disclaimers),
      approvals: twice(COMPLETE.approvals),
      languages: ["en", "EN-us", "en-US"],
      markets: ["GB", "gb", "US"],
    });
    expect(errors).toEqual([]);
    const { rows } = await graph.decibel.database.db.execute(
      `select disclaimers, approvals, languages, markets from episodes.submissions where episode_id = '${episodeId.decode(id)[1]}'`,
    );
    const { disclaimers, approvals } = COMPLETE;
    expect(rows).toEqual([{ disclaimers, approvals, languages: ["en", "en-US"], markets: ["GB", "US"] }]);
  });

  it("stores the submission if it cannot be decided, with an error in place of the decision", async () => {
    const id = pick("DRAFT");
    await graph.sandbox("opentext").misbehave({ rows: "empty" });
    const input = { ...COMPLETE, episodeId: id, idempotencyKey: randomUUID() };
    const plain = "episode { id status } decision { verdict }";
    const ask = () =>
      graph.query(`mutation ($input: SubmitEpisodeInput!) { submitEpisode(input: $input) { ${plain} } }`, { input });
    const { data, errors } = await ask();
    expect(data).toEqual({ submitEpisode: { episode: { id, status: "SUBMITTED" }, decision: null } });
    expect(errors).toMatchObject([
      {
        message: "Cannot decide episode_publishing: no rule matched, or the evaluation failed",
        path: ["submitEpisode", "decision"],
        extensions: { code: "DECISION_UNDETERMINED", decision: "episode_publishing", retryable: false },
      },
    ]);
    await graph.sandbox("opentext").behave();
    const repeated = await ask();
    expect(repeated.data).toEqual(data);
    expect(repeated.errors).toMatchObject([
      {
        message: "Cannot decide episode_publishing: it was not decided at submission",
        path: ["submitEpisode", "decision"],
        extensions: { code: "DECISION_UNAVAILABLE", retryable: true },
      },
    ]);
    expect((await read(id)).publishing?.verdict).toBe("ALLOW");
  });

  it("answers every call with the same idempotency key by the first decision", async () => {
    const input = { ...COMPLETE, episodeId: pick("DRAFT"), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(input)));
    answers.push(await submit(input));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => data?.submitEpisode.decision?.id)).size).toBe(1);
    const { errors } = await submit({ ...input, markets: [] });
    expect(errors).toMatchObject(invalidField("submitEpisode", "idempotencyKey", "was used for another input"));
  });

  it.each(["SCHEDULED", "PUBLISHED"] as const)("refuses a %s episode, and names its status", async (stage) => {
    const id = pick(stage);
    const { data, errors } = await submit({ ...COMPLETE, episodeId: id });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot submit ${id}: it is ${stage}`, extensions: { code: "CONFLICT" } },
    ]);
  });

  it.each([
    [
      "51 disclaimers",
      { disclaimers: Array.from({ length: 51 }, (_none, at) => `d${at}`) },
      "disclaimers",
      "must contain no more than 50 elements",
    ],
    [
      "10,000 markets",
      { markets: Array.from({ length: 10_000 }, () => "GB") },
      "markets",
      "must contain no more than 300 elements",
    ],
    ["an empty approval", { approvals: [""] }, "approvals", "each should not be empty"],
    [
      "a huge approval",
      { approvals: ["x".repeat(1_000_000)] },
      "approvals",
      "each must be shorter than or equal to 100 characters",
    ],
    ["NUL", { approvals: ["a\0b"] }, "approvals.0", "must hold no NUL"],
    [
      "a transcript without TLS",
      { transcriptUrl: "http://transcripts.example/1" },
      "transcriptUrl",
      "must be an https URL",
    ],
    ["a URL of another protocol", { transcriptUrl: "javascript:alert(1)" }, "transcriptUrl", "must be an https URL"],
    ["an invalid language", { languages: ["english please"] }, "languages", "each must be a BCP 47 language tag"],
  ])("refuses %s", async (_what, more, field, problem) => {
    const id = pick("DRAFT");
    picked.delete(episodeId.decode(id)[1]);
    const { data, errors } = await submit({ ...COMPLETE, episodeId: id, ...more });
    expect(data).toBeNull();
    expect(errors).toMatchObject(invalidField("submitEpisode", field, problem));
    expect((await read(id)).status).toBe("DRAFT");
  });

  it("refuses an unknown episode, and an id of another type", async () => {
    const unknown = await submit({ ...COMPLETE, episodeId: UNKNOWN_EPISODE });
    expect(unknown.errors).toMatchObject([
      {
        message: `Cannot submit an episode: there is no episode ${UNKNOWN_EPISODE}`,
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
    const otherType = await submit({ ...COMPLETE, episodeId: "show_1" });
    expect(otherType.errors).toMatchObject([
      { message: 'Cannot read episodeId: "show_1" is no episode id', extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

describe("publishEpisode", () => {
  it("publishes a submission: shows it at once and sends it to Megaphone once", async () => {
    const id = await allowedEpisode();
    const { data, errors } = await publish({ episodeId: id });
    expect(errors).toEqual([]);
    const at = iso(Math.floor(clock / 1000) * 1000);
    expect(data?.publishEpisode).toMatchObject({
      episode: { id, status: "PUBLISHED", publishedAt: at },
      decision: { verdict: "ALLOW" },
    });
    await outboxIsIdle();
    expect(await writes(id)).toEqual([200]);
    expect(await publications(id)).toMatchObject([
      { evaluation_id: data?.publishEpisode.decision?.id, settled_at: expect.anything() },
    ]);
    // By then, Megaphone's answer counts.
    clock += MINUTE_MS;
    expect(await read(id)).toMatchObject({ status: "PUBLISHED", publishedAt: at });
  });

  it("schedules an episode, changes its date, and publishes it before that", async () => {
    const id = await allowedEpisode();
    for (const [later, status] of [
      [2 * HOUR_MS, "SCHEDULED"],
      [HOUR_MS, "SCHEDULED"],
      [0, "PUBLISHED"],
    ] as const) {
      const publishAt = iso(Math.floor((clock + later) / 1000) * 1000);
      const { data, errors } = await publish({ episodeId: id, publishAt });
      expect(errors).toEqual([]);
      expect(data?.publishEpisode.episode).toMatchObject({ status, publishedAt: publishAt });
      await outboxIsIdle();
      clock += MINUTE_MS;
      expect(await read(id)).toMatchObject({
        status: later > MINUTE_MS ? "SCHEDULED" : "PUBLISHED",
        publishedAt: publishAt,
      });
    }
    expect(await writes(id)).toEqual([200, 200, 200]);
  });

  it("changes nothing if the rules do not allow it, and shows the reasons", async () => {
    const id = pick("DRAFT");
    await submit({ ...COMPLETE, episodeId: id, approvals: [] });
    const input = { episodeId: id, idempotencyKey: randomUUID() };
    const { data, errors } = await publish(input);
    expect(errors).toEqual([]);
    expect(data?.publishEpisode).toMatchObject({
      episode: { status: "SUBMITTED", publishedAt: null },
      decision: { verdict: "REVIEW", missing: expect.arrayContaining(["editorial-approval"]) },
    });
    const repeated = await publish(input);
    expect(repeated.data?.publishEpisode.decision).toEqual(data?.publishEpisode.decision);
    await outboxIsIdle();
    expect(await writes(id)).toEqual([]);
    expect(await publications(id)).toEqual([]);
  });

  it.each(["DRAFT", "PUBLISHED"] as const)("refuses a %s episode, and names its status", async (stage) => {
    const id = pick(stage);
    const { data, errors } = await publish({ episodeId: id });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot publish ${id}: it is ${stage}`, extensions: { code: "CONFLICT" } },
    ]);
  });

  it("changes nothing if it cannot be decided", async () => {
    const id = await allowedEpisode();
    await graph.sandbox("opentext").misbehave({ rows: "empty" });
    const { data, errors } = await publish({ episodeId: id });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["publishEpisode"], extensions: { code: "DECISION_UNDETERMINED", decision: "episode_publishing" } },
    ]);
    expect((await publications(id)).length).toBe(0);
    await graph.sandbox("opentext").behave();
    expect((await publish({ episodeId: id })).data?.publishEpisode.episode.status).toBe("PUBLISHED");
  });

  it("refuses a date more than five minutes in the past", async () => {
    const id = await allowedEpisode();
    const past = await publish({ episodeId: id, publishAt: iso(clock - 5 * MINUTE_MS - 1) });
    expect(past.errors).toMatchObject(invalidField("publishEpisode", "publishAt", "must not lie in the past"));
    const slow = await publish({ episodeId: id, publishAt: iso(clock - 5 * MINUTE_MS) });
    expect(slow.data?.publishEpisode.episode.status).toBe("PUBLISHED");
  });

  it("succeeds for one of ten concurrent calls; the others get a CONFLICT", async () => {
    const id = await allowedEpisode();
    const answers = await Promise.all(Array.from({ length: 10 }, () => publish({ episodeId: id })));
    const done = answers.filter(({ errors }) => errors.length === 0);
    expect(done).toHaveLength(1);
    for (const { errors } of answers.filter((answer) => !done.includes(answer))) {
      expect(errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
      expect([
        `Cannot change ${id}: somebody else has changed it meanwhile`,
        `Cannot publish ${id}: it is PUBLISHED`,
      ]).toContain(errors[0]?.message);
    }
    await outboxIsIdle();
    expect(await writes(id)).toEqual([200]);
  });

  it("publishes once per idempotency key, and answers twenty concurrent calls alike", async () => {
    const input = { episodeId: await allowedEpisode(), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => publish(input)));
    answers.push(await publish(input));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => data?.publishEpisode.decision?.id)).size).toBe(1);
    expect(new Set(answers.map(({ data }) => data?.publishEpisode.episode.status))).toEqual(new Set(["PUBLISHED"]));
    await outboxIsIdle();
    expect(await writes(input.episodeId)).toEqual([200]);
  });

  it("publishes once after Megaphone recovers, and shows it as published before", async () => {
    const id = await allowedEpisode();
    await graph.sandbox("megaphone").misbehave({ status: 503, only: "write" });
    expect((await publish({ episodeId: id })).data?.publishEpisode.episode.status).toBe("PUBLISHED");
    await expect.poll(async () => (await writes(id)).length, { timeout: 9000 }).toBeGreaterThan(0);
    expect(await publications(id)).toMatchObject([{ settled_at: null }]);
    expect((await read(id)).status).toBe("PUBLISHED");
    await graph.sandbox("megaphone").behave();
    await outboxIsIdle();
    expect((await writes(id)).filter((status) => status === 200)).toHaveLength(1);
    expect(await publications(id)).toMatchObject([{ settled_at: expect.anything() }]);
  });

  it("cancels the publication if Megaphone refuses it permanently", async () => {
    const id = await allowedEpisode();
    await graph.sandbox("megaphone").misbehave({ status: 422, only: "write" });
    await publish({ episodeId: id });
    await expect.poll(async () => (await read(id)).status, { timeout: 9000 }).toBe("SUBMITTED");
    expect(await publications(id)).toEqual([]);
    const { data } = await graph.query("{ effects(status: FAILED) { nodes { kind subject status } } }");
    expect(data).toEqual({ effects: { nodes: [{ kind: "episodes.publish", subject: id, status: "FAILED" }] } });
  });
});
