/** publishEpisode: what is stored, and what Megaphone gets. */
// Before any decorator runs.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPLETE, startEpisodesGraph } from "../../support/episodes-graph.ts";
import type { EpisodesGraph } from "../../support/episodes-graph.ts";
import { HOUR_MS, MINUTE_MS, iso } from "../../support/times.ts";
import { invalidField } from "../../support/mutations.ts";
import { setOutboxAhead } from "../../support/outbox-clock.ts";

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

describe("publishEpisode", () => {
  it("publishes a submission: shows it at once and sends it to Megaphone once", async () => {
    const id = await graph.submitAllowed();
    const { data, errors } = await graph.publish({ episodeId: id });
    expect(errors).toEqual([]);
    const at = iso(Math.floor(graph.clock.now / 1000) * 1000);
    expect(data?.publishEpisode).toMatchObject({
      episode: { id, status: "PUBLISHED", publishedAt: at },
      decision: { verdict: "ALLOW" },
    });
    await graph.outboxIsIdle();
    expect(await graph.megaphoneWrites(id)).toEqual([200]);
    expect(await graph.publications(id)).toMatchObject([
      { evaluation_id: data?.publishEpisode.decision?.id, accepted_at: expect.anything() },
    ]);
    // By then, Megaphone's answer counts.
    graph.clock.now += MINUTE_MS;
    expect(await graph.read(id)).toMatchObject({ status: "PUBLISHED", publishedAt: at });
  });

  it("schedules an episode, changes its date, and publishes it before that", async () => {
    const id = await graph.submitAllowed();
    for (const [later, status] of [
      [2 * HOUR_MS, "SCHEDULED"],
      [HOUR_MS, "SCHEDULED"],
      [0, "PUBLISHED"],
    ] as const) {
      const publishAt = iso(Math.floor((graph.clock.now + later) / 1000) * 1000);
      const { data, errors } = await graph.publish({ episodeId: id, publishAt });
      expect(errors).toEqual([]);
      expect(data?.publishEpisode.episode).toMatchObject({ status, publishedAt: publishAt });
      await graph.outboxIsIdle();
      graph.clock.now += MINUTE_MS;
      expect(await graph.read(id)).toMatchObject({
        status: later > MINUTE_MS ? "SCHEDULED" : "PUBLISHED",
        publishedAt: publishAt,
      });
    }
    expect(await graph.megaphoneWrites(id)).toEqual([200, 200, 200]);
  });

  it("changes nothing if the rules do not allow it, and shows the reasons", async () => {
    const id = graph.pick("DRAFT");
    await graph.submit({ ...COMPLETE, episodeId: id, approvals: [] });
    const input = { episodeId: id, idempotencyKey: randomUUID() };
    const { data, errors } = await graph.publish(input);
    expect(errors).toEqual([]);
    expect(data?.publishEpisode).toMatchObject({
      episode: { status: "SUBMITTED", publishedAt: null },
      decision: { verdict: "REVIEW", missing: expect.arrayContaining(["editorial-approval"]) },
    });
    const repeated = await graph.publish(input);
    expect(repeated.data?.publishEpisode.decision).toEqual(data?.publishEpisode.decision);
    await graph.outboxIsIdle();
    expect(await graph.megaphoneWrites(id)).toEqual([]);
    expect(await graph.publications(id)).toEqual([]);
  });

  it("evaluates once for the status and the payload's decision, and not for a repeated call", async () => {
    const id = graph.pick("SUBMITTED");
    // Nothing but `decision` is selected: `episode { publishing }` would be an evaluation of its own.
    const mutate = async (field: string, input: object): Promise<string> => {
      const { data, errors } = await graph.query<Record<string, { decision: { id: string } }>>(
        `mutation ($input: ${field[0]?.toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) { decision { id } } }`,
        { input: { episodeId: id, ...input } },
      );
      expect(errors).toEqual([]);
      return data[field]?.decision.id ?? "";
    };
    const submitted = await mutate("submitEpisode", COMPLETE);
    await graph.sandbox("opentext").forget();
    const idempotencyKey = randomUUID();
    const published = await mutate("publishEpisode", { idempotencyKey });
    expect(await mutate("publishEpisode", { idempotencyKey })).toBe(published);
    expect((await graph.sandbox("opentext").calls()).executes).toBe(1);
    const { rows } = await graph.decibel.database.db.execute(
      `select id from decisions.evaluations where subject = '${id}'`,
    );
    expect(new Set(rows.map((row) => row["id"]))).toEqual(new Set([submitted, published]));
  });

  it.each(["DRAFT", "PUBLISHED"] as const)("refuses a %s episode, and names its status", async (stage) => {
    const id = graph.pick(stage);
    const { data, errors } = await graph.publish({ episodeId: id });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot publish ${id}: it is ${stage}`, extensions: { code: "CONFLICT" } },
    ]);
  });

  it("changes nothing if it cannot be decided", async () => {
    const id = await graph.submitAllowed();
    await graph.sandbox("opentext").misbehave({ rows: "empty" });
    const { data, errors } = await graph.publish({ episodeId: id });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ["publishEpisode"], extensions: { code: "DECISION_UNDETERMINED", decision: "episode_publishing" } },
    ]);
    expect((await graph.publications(id)).length).toBe(0);
    await graph.sandbox("opentext").behave();
    expect((await graph.publish({ episodeId: id })).data?.publishEpisode.episode.status).toBe("PUBLISHED");
  });

  it("refuses a date more than five minutes in the past", async () => {
    const id = await graph.submitAllowed();
    const past = await graph.publish({ episodeId: id, publishAt: iso(graph.clock.now - 5 * MINUTE_MS - 1) });
    expect(past.errors).toMatchObject(invalidField("publishEpisode", "publishAt", "must not be in the past"));
    const slow = await graph.publish({ episodeId: id, publishAt: iso(graph.clock.now - 5 * MINUTE_MS) });
    expect(slow.data?.publishEpisode.episode.status).toBe("PUBLISHED");
  });

  it("succeeds for one of ten concurrent calls; the others get a CONFLICT", async () => {
    const id = await graph.submitAllowed();
    const answers = await Promise.all(Array.from({ length: 10 }, () => graph.publish({ episodeId: id })));
    const done = answers.filter(({ errors }) => errors.length === 0);
    expect(done).toHaveLength(1);
    for (const { errors } of answers.filter((answer) => !done.includes(answer))) {
      expect(errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
      expect([
        `Cannot change ${id}: another caller has changed it meanwhile`,
        `Cannot publish ${id}: it is PUBLISHED`,
      ]).toContain(errors[0]?.message);
    }
    await graph.outboxIsIdle();
    expect(await graph.megaphoneWrites(id)).toEqual([200]);
  });

  it("publishes once per idempotency key, and answers twenty concurrent calls alike", async () => {
    const input = { episodeId: await graph.submitAllowed(), idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => graph.publish(input)));
    answers.push(await graph.publish(input));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => data?.publishEpisode.decision?.id)).size).toBe(1);
    expect(new Set(answers.map(({ data }) => data?.publishEpisode.episode.status))).toEqual(new Set(["PUBLISHED"]));
    await graph.outboxIsIdle();
    expect(await graph.megaphoneWrites(input.episodeId)).toEqual([200]);
  });

  it("publishes once after Megaphone recovers, and shows it as published before", async () => {
    const id = await graph.submitAllowed();
    await graph.sandbox("megaphone").misbehave({ status: 503, only: "write" });
    expect((await graph.publish({ episodeId: id })).data?.publishEpisode.episode.status).toBe("PUBLISHED");
    await expect.poll(async () => (await graph.megaphoneWrites(id)).length, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(await graph.publications(id)).toMatchObject([{ accepted_at: null }]);
    expect((await graph.read(id)).status).toBe("PUBLISHED");
    await graph.sandbox("megaphone").behave();
    await graph.outboxIsIdle();
    expect((await graph.megaphoneWrites(id)).filter((status) => status === 200)).toHaveLength(1);
    expect(await graph.publications(id)).toMatchObject([{ accepted_at: expect.anything() }]);
  });

  it("publishes though Megaphone once answers 404", async () => {
    const id = await graph.submitAllowed();
    await graph.sandbox("megaphone").misbehave({ status: 404, only: "write" });
    expect((await graph.publish({ episodeId: id })).data?.publishEpisode.episode.status).toBe("PUBLISHED");
    await expect.poll(() => graph.megaphoneWrites(id), { timeout: 30_000 }).toEqual([404]);
    await graph.sandbox("megaphone").behave();
    expect((await graph.read(id)).status).toBe("PUBLISHED");
    await setOutboxAhead(graph.decibel.database, 16_000);
    await expect.poll(() => graph.megaphoneWrites(id), { timeout: 30_000 }).toEqual([404, 200]);
    await setOutboxAhead(graph.decibel.database, 0);
  });

  it("cancels the publication if Megaphone refuses it permanently", async () => {
    const id = await graph.submitAllowed();
    await graph.sandbox("megaphone").misbehave({ status: 422, only: "write" });
    await graph.publish({ episodeId: id });
    await expect.poll(async () => (await graph.read(id)).status, { timeout: 30_000 }).toBe("SUBMITTED");
    expect(await graph.publications(id)).toEqual([]);
    const failed = async (): Promise<unknown> =>
      (await graph.query("{ effects(status: FAILED) { nodes { kind subject status } } }")).data;
    const nodes = [{ kind: "episodes.publish", subject: id, status: "FAILED" }];
    await expect.poll(failed, { timeout: 30_000 }).toEqual({ effects: { nodes } });
  });
});
