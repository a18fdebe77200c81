/** Reviews: open until one reviewer resolves them. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import { closeReview, openReview } from "../../subgraphs/records/decisions/reviews.ts";
import { NOW } from "../support/now.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { databaseError, evaluation } from "../support/record-samples.ts";
import { untold } from "../support/untold.ts";

describe.each(DATABASES)("reviews (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: Records;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = recordsOver(database, () => NOW);
  });
  afterAll(() => opened.close());

  const opening = async (queue: string, openedAt = new Date(NOW)): Promise<string> => {
    const one = evaluation();
    await records.evaluations.write([one]);
    const review = { kind: "test", subject: "test_1", queue, evaluationId: one.id, openedAt };
    return database.transaction((tx) => openReview(tx, untold, review));
  };
  const closing = (id: string, reviewer: string) =>
    database.transaction((tx) =>
      closeReview(tx, id, { verdict: "ALLOW", note: "seen", reviewer, resolvedAt: new Date(NOW) }),
    );

  it("are listed while they are open, oldest first", async () => {
    const queue = randomUUID();
    const ids = [await opening(queue, new Date(NOW + 5)), await opening(queue, new Date(NOW)), await opening(queue)];
    const expected = [...ids.slice(1).toSorted(), ids[0]];
    const all = await records.reviews.open({ queue }, { limit: 9, after: undefined });
    expect(all.map(({ id }) => id)).toEqual(expected);
    const [first] = all;
    const rest = await records.reviews.open(
      { queue },
      {
        limit: 9,
        after: first && { at: first.openedAt, id: first.id },
      },
    );
    expect(rest.map(({ id }) => id)).toEqual(expected.slice(1));
    await closing(ids[0] ?? "", "a");
    expect(await records.reviews.countOpen({ queue })).toBe(2);
    expect(await records.reviews.countOpen({})).toBeGreaterThanOrEqual(2);
  });

  it("are closed once by fifty concurrent reviewers", async () => {
    const id = await opening("crowd");
    const closed = await Promise.all(Array.from({ length: 50 }, (_none, nth) => closing(id, `reviewer ${nth}`)));
    const winners = closed.filter((one) => one !== undefined);
    expect(winners).toHaveLength(1);
    expect(await records.reviews.byIds([id])).toEqual(winners);
  });

  it("need an evaluation in the ledger", async () => {
    const review = { kind: "test", subject: "test_1", queue: "q", evaluationId: "nothing", openedAt: new Date(NOW) };
    expect(await databaseError(database.transaction((tx) => openReview(tx, untold, review)))).toMatch(/foreign key/);
  });
});
