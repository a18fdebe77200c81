/** Reviews: open until one reviewer resolves them. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { campaignAccounts } from "../../subgraphs/records/campaigns/tables.ts";
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

  interface Wanted {
    readonly openedAt?: Date;
    readonly subject?: string;
    readonly codes?: readonly string[];
    readonly model?: string;
  }
  const opening = async (queue: string, wanted: Wanted = {}): Promise<string> => {
    const { openedAt = new Date(NOW), subject = "test_1", codes = [], model = "some_model" } = wanted;
    const one = evaluation({ model, rows: codes.map((code) => ({ verdict: "REVIEW", reason_code: code })) });
    await records.evaluations.write([one]);
    const review = { kind: "test", subject, queue, evaluationId: one.id, openedAt };
    return database.transaction((tx) => openReview(tx, untold, review));
  };
  const closing = (id: string, reviewer: string, resolvedAt = new Date(NOW)) =>
    database.transaction((tx) => closeReview(tx, id, { verdict: "ALLOW", note: "seen", reviewer, resolvedAt }));

  it("are listed while they are open, oldest first", async () => {
    const queue = randomUUID();
    const ids = [await opening(queue, { openedAt: new Date(NOW + 5) }), await opening(queue), await opening(queue)];
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

  it("are alike where they were resolved for the same rules of a model, and of the caller's accounts", async () => {
    const [own, other, codes] = [randomUUID(), randomUUID(), ["SENSITIVE", "NEW_BRAND"]];
    await database.db.insert(campaignAccounts).values(
      [own, other].map((account, place) => {
        return { campaignId: account, subject: `campaign_${account}`, account: `advertiser_${account}`, place };
      }),
    );
    const resolved = async (wanted: Wanted, at: number): Promise<string> => {
      const id = await opening("alike", wanted);
      await closing(id, "somebody", new Date(NOW + at));
      return id;
    };
    const ofOwn = await resolved({ subject: `campaign_${own}`, codes }, 1);
    const ofOther = await resolved({ subject: `campaign_${other}`, codes: codes.toReversed() }, 2);
    await resolved({ subject: `campaign_${own}`, codes: codes.slice(1) }, 3);
    await resolved({ subject: `campaign_${own}`, codes: [...codes, "MORE"] }, 4);
    await resolved({ subject: `campaign_${own}`, codes, model: "another_model" }, 5);
    await opening("alike", { subject: `campaign_${own}`, codes });
    const [review] = await records.reviews.byIds([await opening("alike", { subject: `campaign_${own}`, codes })]);
    if (!review) throw new Error("it was not opened");
    const alike = async (accounts?: readonly string[]) =>
      (await records.reviews.alike(review, accounts)).map(({ id }) => id);
    expect(await alike()).toEqual([ofOther, ofOwn]);
    expect(await alike([`advertiser_${own}`])).toEqual([ofOwn]);
    expect(await alike([])).toEqual([]);
  });

  it("need an evaluation in the ledger", async () => {
    const review = { kind: "test", subject: "test_1", queue: "q", evaluationId: "nothing", openedAt: new Date(NOW) };
    expect(await databaseError(database.transaction((tx) => openReview(tx, untold, review)))).toMatch(/foreign key/);
  });
});
