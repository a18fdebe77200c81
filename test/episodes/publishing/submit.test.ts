/** submitEpisode: what is stored, and what is decided. */
// Before any decorator runs.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { episodeId } from "../../../schema/id.ts";
import { COMPLETE, startEpisodesGraph } from "../../support/episodes-graph.ts";
import type { EpisodesGraph } from "../../support/episodes-graph.ts";
import { MINUTE_MS } from "../../support/times.ts";
import { invalidField } from "../../support/mutations.ts";

const UNKNOWN_EPISODE = episodeId.encode("podcast", "unknown");

let graph: EpisodesGraph;
beforeAll(async () => {
  graph = await startEpisodesGraph();
});
beforeEach(() => {
  graph.clock.now += 2 * MINUTE_MS;
});
afterEach(async () => {
  await Promise.all([graph.sandbox("opentext").behave(), graph.sandbox("megaphone").behave()]);
});
afterAll(() => graph.stop());

describe("submitEpisode", () => {
  /** For inputs that are refused: they leave it a draft. */
  let unchanged: string | undefined;

  it("submits a draft, and decides on the submission", async () => {
    const id = graph.pick("DRAFT");
    const { data, errors } = await graph.submit({ ...COMPLETE, episodeId: id });
    expect(errors).toEqual([]);
    expect(data?.submitEpisode).toMatchObject({
      episode: { id, status: "SUBMITTED", publishedAt: null, languages: ["en"], transcriptAvailable: true },
      decision: { verdict: "ALLOW", missing: [], blockedMarkets: [] },
    });
    expect((await graph.read(id)).publishing?.verdict).toBe("ALLOW");
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
    const id = graph.pick("DRAFT");
    const incomplete = { ...COMPLETE, episodeId: id, approvals: [], transcriptUrl: COMPLETE.transcriptUrl };
    const first = await graph.submit(incomplete);
    expect(first.data?.submitEpisode.decision).toMatchObject({
      verdict: "REVIEW",
      missing: expect.arrayContaining(["editorial-approval"]),
    });
    graph.clock.now += 1000;
    const second = await graph.submit({ ...incomplete, approvals: COMPLETE.approvals, transcriptUrl: null });
    expect(second.data?.submitEpisode).toMatchObject({
      episode: { status: "SUBMITTED", transcriptAvailable: true },
      decision: { verdict: "ALLOW" },
    });
  });

  it("stores unique values, with languages and markets in canonical form, and shows them", async () => {
    const id = graph.pick("DRAFT");
    const twice = (texts: readonly string[]) => [...texts, ...texts];
    const { errors } = await graph.submit({
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
    const stored = { disclaimers, approvals, languages: ["en", "en-US"], markets: ["GB", "US"] };
    expect(rows).toEqual([stored]);
    const { data } = await graph.query(
      "query ($id: ID!) { episode(id: $id) { submission { disclaimers approvals languages markets submittedAt } } }",
      { id },
    );
    expect(data).toEqual({
      episode: { submission: { ...stored, submittedAt: new Date(graph.clock.now).toISOString() } },
    });
  });

  it("stores the submission if it cannot be decided, with an error in place of the decision", async () => {
    const id = graph.pick("DRAFT");
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
    expect((await graph.read(id)).publishing?.verdict).toBe("ALLOW");
  });

  it("answers every call with the same idempotency key by the first decision", async () => {
    const input = { ...COMPLETE, episodeId: graph.pick("DRAFT"), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => graph.submit(input)));
    answers.push(await graph.submit(input));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => data?.submitEpisode.decision?.id)).size).toBe(1);
    const { errors } = await graph.submit({ ...input, markets: [] });
    expect(errors).toMatchObject(invalidField("submitEpisode", "idempotencyKey", "was used for another input"));
  });

  it.each(["SCHEDULED", "PUBLISHED"] as const)("refuses a %s episode, and names its status", async (stage) => {
    const id = graph.pick(stage);
    const { data, errors } = await graph.submit({ ...COMPLETE, episodeId: id });
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
    unchanged ??= graph.pick("DRAFT");
    const id = unchanged;
    const { data, errors } = await graph.submit({ ...COMPLETE, episodeId: id, ...more });
    expect(data).toBeNull();
    expect(errors).toMatchObject(invalidField("submitEpisode", field, problem));
    expect((await graph.read(id)).status).toBe("DRAFT");
  });

  it("refuses an unknown episode, and an id of another type", async () => {
    const unknown = await graph.submit({ ...COMPLETE, episodeId: UNKNOWN_EPISODE });
    expect(unknown.errors).toMatchObject([
      {
        message: `Cannot submitEpisode: there is no episode ${UNKNOWN_EPISODE}`,
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
    const otherType = await graph.submit({ ...COMPLETE, episodeId: "show_1" });
    expect(otherType.errors).toMatchObject([
      { message: 'Cannot read episodeId: "show_1" is no episode id', extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});
