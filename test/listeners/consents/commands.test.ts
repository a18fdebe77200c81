/** recordConsent: what is stored, and how decisions change at once. */
// Before any decorator runs.
import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenerId } from "../../../schema/id.ts";
import type { ListenerRecord } from "../../../subgraphs/records/listeners/types.ts";
import { NOW } from "../../support/decibel.ts";
import { UNKNOWN_LISTENER, hasGranted, startListenersGraph } from "../../support/listeners-graph.ts";
import type { ListenersGraph } from "../../support/listeners-graph.ts";
import { MINUTE_MS, iso } from "../../support/times.ts";
import { invalidField } from "../../support/mutations.ts";

const MUTATION = "recordConsent";

let graph: ListenersGraph;
beforeAll(async () => {
  graph = await startListenersGraph();
});
afterAll(() => graph.stop());

describe("recordConsent", () => {
  const hasBoth = (listener: ListenerRecord): boolean =>
    hasGranted(listener, "MARKETING") && hasGranted(listener, "PROFILING");

  it("withdraws a consent, and decides without it in the same response", async () => {
    const id = graph.pick(hasBoth);
    expect((await graph.read(id)).segments?.verdict).not.toBe("DENY");
    const { data, errors } = await graph.recordConsent({ listenerId: id, purpose: "PROFILING", granted: false });
    expect(errors).toEqual([]);
    expect(data?.recordConsent.listener).toMatchObject({
      id,
      consents: expect.arrayContaining([{ purpose: "PROFILING", granted: false, recordedAt: iso(NOW) }]),
      segments: { verdict: "DENY", segments: [] },
    });
    expect(await graph.read(id)).toEqual(data?.recordConsent.listener);
  });

  it("stores an answer older than the latest, and decides as before", async () => {
    const id = graph.pick(hasBoth);
    await graph.recordConsent({
      listenerId: id,
      purpose: "MARKETING",
      granted: false,
      recordedAt: iso(NOW - MINUTE_MS),
    });
    const { data } = await graph.recordConsent({
      listenerId: id,
      purpose: "MARKETING",
      granted: true,
      recordedAt: iso(NOW - 2 * MINUTE_MS),
    });
    expect(data?.recordConsent.listener.lead).toMatchObject({ verdict: "DENY", route: "SUPPRESS" });
    const kept = await graph.rows<{ granted: boolean }>(
      `select granted from listeners.consents where listener_id = '${listenerId.decode(id)[0]}' and purpose = 'MARKETING'
         and recorded_by = 'anonymous' order by id`,
    );
    expect(kept.map(({ granted }) => granted)).toEqual([false, true]);
  });

  it("lets an answer of now count over one from a clock that is minutes fast", async () => {
    const id = graph.pick(hasBoth);
    const fast = await graph.recordConsent({
      listenerId: id,
      purpose: "PROFILING",
      granted: true,
      recordedAt: iso(NOW + 5 * MINUTE_MS),
    });
    expect(fast.errors).toEqual([]);
    const { data } = await graph.recordConsent({ listenerId: id, purpose: "PROFILING", granted: false });
    expect(data?.recordConsent.listener.segments?.verdict).toBe("DENY");
    const regranted = await graph.recordConsent({ listenerId: id, purpose: "PROFILING", granted: true });
    expect(regranted.data?.recordConsent.listener.segments?.verdict).not.toBe("DENY");
  });

  it("stores an answer once per idempotency key, also for twenty concurrent calls", async () => {
    const input = {
      listenerId: graph.pick(),
      purpose: "PERSONALISATION",
      granted: false,
      idempotencyKey: randomUUID(),
    };
    const answers = await Promise.all(Array.from({ length: 20 }, () => graph.recordConsent(input)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.errors).toEqual([]);
    const own = listenerId.decode(input.listenerId)[0];
    const kept = await graph.rows(
      `select 1 from listeners.consents where listener_id = '${own}' and recorded_by = 'anonymous'`,
    );
    expect(kept).toHaveLength(1);
    const { errors } = await graph.recordConsent({ ...input, granted: true });
    expect(errors).toMatchObject(invalidField(MUTATION, "idempotencyKey", "was used for another input"));
  });

  it("refuses a time more than five minutes in the future, or before 1970", async () => {
    const input = { listenerId: graph.pick(), purpose: "MARKETING", granted: true };
    const ahead = await graph.recordConsent({ ...input, recordedAt: iso(NOW + 5 * MINUTE_MS + 1) });
    expect(ahead.errors).toMatchObject(
      invalidField(MUTATION, "recordedAt", "must be no more than five minutes in the future"),
    );
    const before = await graph.recordConsent({ ...input, recordedAt: "0000-01-01T00:00:00Z" });
    expect(before.errors).toMatchObject(invalidField(MUTATION, "recordedAt", "must be after 1970"));
  });

  it.each([
    ["an unknown listener", UNKNOWN_LISTENER, `Cannot recordConsent: there is no listener ${UNKNOWN_LISTENER}`],
    ["no id", "nobody", 'Cannot read listenerId: "nobody" is no listener id'],
    ["NUL", "listener_\0", "Cannot recordConsent: listenerId must hold no NUL"],
    ["an empty text", "", 'Cannot read listenerId: "" is no listener id'],
  ])("refuses %s as a listener's id", async (_what, id, message) => {
    const { data, errors } = await graph.recordConsent({ listenerId: id, purpose: "MARKETING", granted: true });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message, extensions: { code: "BAD_USER_INPUT" } }]);
  });
});
