/** Notifications of new decisions and reviews. */
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reviewId } from "../../schema/id.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { createEventTeller, notify, openEventChannel } from "../../subgraphs/records/database/events.ts";
import type { Event } from "../../subgraphs/platform/events.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import { openReview } from "../../subgraphs/records/decisions/reviews.ts";
import { NOW } from "../support/now.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { evaluation } from "../support/record-samples.ts";
import { untold } from "../support/untold.ts";

describe.each(DATABASES)("events (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: Records;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = recordsOver(database, () => NOW);
  });
  afterAll(() => opened.close());

  it("arrive after the commit, in the order of commits, and never after a rollback", async () => {
    const received: unknown[] = [];
    const subscription = await listen((event) => event.kind === "decisionMade" && received.push(event.id));
    try {
      const all = Array.from({ length: 250 }, () => evaluation());
      await records.evaluations.write(all);
      await expect.poll(() => received.length).toBe(250);
      expect(received).toEqual(all.map(({ id }) => id));
      await records.evaluations.write(all.slice(0, 3));
      const [rolledBack, last] = [evaluation(), evaluation()];
      await database
        .transaction(async (tx) => {
          await notify(tx, [{ kind: "decisionMade", id: rolledBack.id, subject: "s", model: "m" }]);
          throw new Error("rolledBack");
        })
        .catch(() => {});
      await records.evaluations.write([last]);
      await expect.poll(() => received.at(-1)).toBe(last.id);
      expect(received).toHaveLength(251);
    } finally {
      await subscription.close();
    }
    await records.evaluations.write([evaluation()]);
    expect(received).toHaveLength(251);
  });

  it("of one process without a record are told to others once, those that wait at its end too", async () => {
    const received: Event[] = [];
    const subscription = await listen((event) => event.kind === "modelChanged" && received.push(event));
    const teller = createEventTeller(database, pino({ enabled: false }));
    for (const model of ["a", "b", "a", "a"]) teller.tell({ kind: "modelChanged", model });
    await expect.poll(() => received).toHaveLength(2);
    teller.tell({ kind: "modelChanged", model: "c" });
    await teller.close();
    await expect.poll(() => received).toEqual(["a", "b", "c"].map((model) => ({ kind: "modelChanged", model })));
    await subscription.close();
  });

  it("name the queues of opened reviews", async () => {
    const received: Event[] = [];
    const subscription = await listen((event) => event.kind === "reviewOpened" && received.push(event));
    const one = evaluation();
    await records.evaluations.write([one]);
    const review = { kind: "test", subject: "s", queue: "q", evaluationId: one.id, openedAt: new Date(NOW) };
    const id = await database.transaction((tx) => openReview(tx, untold, review));
    await expect.poll(() => received).toEqual([{ kind: "reviewOpened", id: reviewId.encode(id), queue: "q" }]);
    await subscription.close();
  });

  async function listen(publish: (event: Event) => unknown): Promise<{ close(): Promise<void> }> {
    const channel = await openEventChannel(database, { publish }, pino({ enabled: false }));
    if (!channel) throw new Error("nothing is heard");
    return channel;
  }
});
