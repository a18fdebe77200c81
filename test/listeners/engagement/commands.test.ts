/** recordEngagement: what is counted, once. */
// Before any decorator runs.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenerId } from "../../../schema/id.ts";
import { hasServer } from "../../support/database.ts";
import { NOW } from "../../support/decibel.ts";
import { UNKNOWN_LISTENER, startListenersGraph } from "../../support/listeners-graph.ts";
import type { ListenersGraph } from "../../support/listeners-graph.ts";
import { createRandom } from "../../support/random.ts";
import { SEED, SEEDED } from "../../support/seed.ts";
import { statementsOf } from "../../support/statements.ts";
import { DAY_MS, MINUTE_MS, iso } from "../../support/times.ts";
import { invalidField } from "../../support/mutations.ts";

const MUTATION = "recordEngagement";

let graph: ListenersGraph;
beforeAll(async () => {
  graph = await startListenersGraph();
});
afterAll(() => graph.stop());

describe("recordEngagement", () => {
  const event = (listener: string, more: object = {}) => ({
    id: randomUUID(),
    listenerId: listener,
    kind: "LISTEN",
    at: iso(NOW - MINUTE_MS),
    ...more,
  });

  it("counts 500 events of 50 listeners, and nothing when they are sent again", async () => {
    const ids = Array.from({ length: 50 }, () => graph.pick());
    const before = new Map(
      (await Promise.all(ids.map((id) => graph.read(id)))).map((listener) => [listener.id, listener.engagement]),
    );
    const kinds = ["LISTEN", "LISTEN", "SKIP", "FOLLOW", "PLAYLIST_ADD", "CTA_CLICK"];
    const events = Array.from({ length: 500 }, (_none, index) =>
      event(ids[index % 50] ?? "", { kind: kinds[index % 6], at: iso(NOW - index * MINUTE_MS) }),
    );
    expect((await graph.recordEngagement(events)).data).toEqual({ recordEngagement: { accepted: 500, duplicates: 0 } });
    expect((await graph.recordEngagement(events)).data).toEqual({ recordEngagement: { accepted: 0, duplicates: 500 } });
    for (const [index, id] of ids.entries()) {
      const own = events.filter((_event, eventIndex) => eventIndex % 50 === index).map(({ kind }) => kind);
      const of = (kind: string): number => own.filter((ownKind) => ownKind === kind).length;
      const earlier = before.get(id);
      const { engagement } = await graph.read(id);
      expect(engagement).toMatchObject({
        listens: Number(earlier?.["listens"]) + of("LISTEN"),
        skips: Number(earlier?.["skips"]) + of("SKIP"),
        follows: Number(earlier?.["follows"]) + of("FOLLOW"),
        playlistAdds: Number(earlier?.["playlistAdds"]) + of("PLAYLIST_ADD"),
        ctaClicks: Number(earlier?.["ctaClicks"]) + of("CTA_CLICK"),
      });
      const newest = Math.max(NOW - index * MINUTE_MS, Date.parse(String(earlier?.["lastAt"] ?? iso(0))));
      expect(engagement["lastAt"]).toBe(iso(newest));
    }
  });

  it.runIf(hasServer())("takes as many statements for 500 events as for one", async () => {
    const listenerIds = Array.from({ length: 50 }, () => graph.pick());
    const events = Array.from({ length: 500 }, (_none, index) => event(listenerIds[index % 50] ?? ""));
    const statements = (sent: readonly object[]) =>
      statementsOf(/"listeners"\."/, async () => expect((await graph.recordEngagement(sent)).errors).toEqual([]));
    const ofOne = await statements([event(graph.pick())]);
    expect(ofOne.map((text) => text.trim().split(" ", 1)[0])).toEqual(["select", "insert", "insert", "update"]);
    expect(await statements(events)).toHaveLength(4);
    expect(await statements(events)).toHaveLength(2);
  });

  it("counts an event id once, also if it is repeated in a call or was another listener's before", async () => {
    const [first, second] = [graph.pick(), graph.pick()];
    const one = event(first);
    expect((await graph.recordEngagement([one, one, { ...one, listenerId: second }, event(first)])).data).toEqual({
      recordEngagement: { accepted: 2, duplicates: 2 },
    });
    const before = await graph.read(second);
    expect((await graph.recordEngagement([{ ...one, listenerId: second }])).data).toEqual({
      recordEngagement: { accepted: 0, duplicates: 1 },
    });
    expect((await graph.read(second)).engagement).toEqual(before.engagement);
  });

  it("accepts an event older than 30 days, and does not show it in the counts", async () => {
    const id = graph.pick(({ engagement }) => engagement.lastAt !== null);
    const before = await graph.read(id);
    const { data } = await graph.recordEngagement([event(id, { at: iso(NOW - 45 * DAY_MS) })]);
    expect(data).toEqual({ recordEngagement: { accepted: 1, duplicates: 0 } });
    expect(await graph.read(id)).toEqual(before);
  });

  it("stores the ids that campaigns and episodes have upstream", async () => {
    const id = graph.pick();
    const more = { kind: "CTA_CLICK", campaignId: "campaign_c-1", episodeId: "episode_p-1_e-1" };
    const one = event(id, more);
    expect((await graph.recordEngagement([one])).errors).toEqual([]);
    expect(
      await graph.rows(`select campaign_id, episode_id from listeners.engagement_events where id = '${one.id}'`),
    ).toEqual([{ campaign_id: "c-1", episode_id: "e-1" }]);
  });

  it("takes the product of the last click as the listener's interest, also if it is sent before an earlier one", async () => {
    const id = graph.pick(({ engagement }) => engagement.ctaClicks === 0);
    const click = (minutes: number, product?: string) =>
      event(id, { kind: "CTA_CLICK", at: iso(NOW - minutes * MINUTE_MS), ...(product !== undefined && { product }) });
    const interest = async (...events: readonly object[]): Promise<unknown> => {
      expect((await graph.recordEngagement(events)).errors).toEqual([]);
      const rows = await graph.rows<{ product_interest: unknown }>(
        `select product_interest from listeners.listeners where id = '${listenerId.decode(id)[0]}'`,
      );
      return rows[0]?.product_interest;
    };
    expect(await interest(click(20, "audio-ads"), click(30, "branded-playlists"), event(id))).toBe("audio-ads");
    expect(await interest(click(25, "podcast-sponsorship"))).toBe("audio-ads");
    expect(await interest(click(15, "in-store-music"), click(14))).toBe("in-store-music");
    expect(await interest(click(5))).toBe("in-store-music");
    expect(await interest(event(id))).toBe("in-store-music");
  });

  it.each([
    [{ kind: "LISTEN", product: "audio-ads" }, "events.0.product", "is only of a CTA_CLICK"],
    [{ kind: "CTA_CLICK", product: "Audio, Ads" }, "events.0.product", "must be a slug of up to 100 characters"],
  ])("refuses %j", async (more, field, problem) => {
    const { errors } = await graph.recordEngagement([event(graph.pick(), more)]);
    expect(errors).toMatchObject(invalidField(MUTATION, field, problem));
  });

  it("counts every event once in fifty concurrent calls with the same listeners and ids in different orders", async () => {
    const ids = Array.from({ length: 10 }, () => graph.pick());
    const events = Array.from({ length: 100 }, (_none, index) => event(ids[index % 10] ?? ""));
    const random = createRandom(SEED);
    const shuffled = (): readonly object[] => events.toSorted(() => random.next() - 0.5);
    const answers = await Promise.all(Array.from({ length: 50 }, () => graph.recordEngagement(shuffled())));
    expect({ order: SEEDED, errors: answers.flatMap(({ errors }) => errors) }).toEqual({ order: SEEDED, errors: [] });
    expect(answers.reduce((sum, { data }) => sum + (data?.recordEngagement.accepted ?? 0), 0)).toBe(100);
  });

  it("counts nothing if one listener is unknown, and names the events", async () => {
    const id = graph.pick();
    const before = await graph.read(id);
    const { data, errors } = await graph.recordEngagement([
      event(id),
      event(UNKNOWN_LISTENER),
      event(id),
      event(UNKNOWN_LISTENER),
    ]);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message:
          "Cannot recordEngagement: events.1.listenerId is not a known listener; events.3.listenerId is not a known listener",
        extensions: {
          code: "BAD_USER_INPUT",
          fields: {
            "events.1.listenerId": ["is not a known listener"],
            "events.3.listenerId": ["is not a known listener"],
          },
        },
      },
    ]);
    expect(await graph.read(id)).toEqual(before);
  });

  it("names every invalid field", async () => {
    const id = graph.pick();
    const { errors } = await graph.recordEngagement([
      event(id, { at: iso(NOW + 5 * MINUTE_MS + 1) }),
      event("campaign_1"),
      event(id, { campaignId: id, episodeId: "episode_1" }),
    ]);
    expect(errors[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      argument: "input",
      fields: {
        "events.0.at": ["must be no more than five minutes in the future"],
        "events.1.listenerId": ["is no listener id"],
        "events.2.campaignId": ["is no campaign id"],
        "events.2.episodeId": ["is no episode id"],
      },
    });
  });

  it.each([
    ["no events", () => [], "events", "should not be empty"],
    [
      "501 events",
      (id: string) => Array.from({ length: 501 }, () => event(id)),
      "events",
      "must contain no more than 500 elements",
    ],
    [
      "10,000 events",
      (id: string) => Array.from({ length: 10_000 }, () => event(id)),
      "events",
      "must contain no more than 500 elements",
    ],
    [
      "an empty id",
      (id: string) => [event(id, { id: "" })],
      "events.0.id",
      "must be 1 to 200 characters, none of them a control character",
    ],
    [
      "a long id",
      (id: string) => [event(id, { id: "x".repeat(201) })],
      "events.0.id",
      "must be 1 to 200 characters, none of them a control character",
    ],
    [
      "a lone surrogate",
      (id: string) => [event(id, { id: "\ud800" })],
      "events.0.id",
      "must be 1 to 200 characters, none of them a control character",
    ],
  ])("refuses %s", async (_what, events, field, problem) => {
    const { data, errors } = await graph.recordEngagement(events(graph.pick()));
    expect(data).toBeNull();
    expect(errors).toMatchObject(invalidField(MUTATION, field, problem));
  });
});
