/** The ledger: append-only, deduplicated, under pseudonyms. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Evaluation } from "../../subgraphs/pipeline/ledger.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import * as listenerTables from "../../subgraphs/records/listeners/tables.ts";
import { NOW } from "../support/now.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { databaseError, evaluation } from "../support/record-samples.ts";

describe.each(DATABASES)("the ledger (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: Records;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = recordsOver(database, () => NOW);
  });
  afterAll(() => opened.close());
  const rowsOf = async (statement: SQL) => (await database.db.execute(statement)).rows;

  it("stores a repeated evaluation once", async () => {
    const batch = Array.from({ length: 500 }, () => evaluation());
    await records.evaluations.write(batch);
    await records.evaluations.write([...batch, evaluation()]);
    expect(await records.evaluations.byIds(batch.map(({ id }) => id))).toEqual(batch);
    await records.evaluations.write([]);
  });

  it("replaces characters that PostgreSQL cannot store by U+FFFD", async () => {
    const odd = evaluation({
      facts: { nul: "a\0b", half: "\ud800", list: ["\0", 1], none: null, deep: "\\u0000" },
      rows: [{ verdict: "ALLOW", reason: "\0 \udfff" }],
      requestedBy: "\0",
      subject: "campaign_\0",
      version: "\0",
    });
    await records.evaluations.write([odd, evaluation()]);
    expect(await records.evaluations.byIds([odd.id])).toMatchObject([
      {
        facts: { nul: "a\u{FFFD}b", half: "\u{FFFD}", list: ["\u{FFFD}", 1], none: null, deep: "\\u0000" },
        rows: [{ verdict: "ALLOW", reason: "\u{FFFD} \u{FFFD}" }],
        requestedBy: "\u{FFFD}",
        subject: "campaign_\u{FFFD}",
        version: "\u{FFFD}",
      },
    ]);
  });

  it("stores the other evaluations of a batch with one that cannot be stored", async () => {
    const beyond = new Date(8.64e15);
    const [good, bad, fine] = [evaluation(), evaluation({ decidedAt: beyond }), evaluation()];
    expect(await databaseError(records.evaluations.write([good, bad, fine]))).toMatch(
      /^Cannot ask database: it refused/,
    );
    const found = await records.evaluations.byIds([good.id, fine.id]);
    expect(found.map((one) => one?.id)).toEqual([good.id, fine.id]);
  });

  it("records a listener by a pseudonym, which is not resolved once it is deleted", async () => {
    const listener = { id: randomUUID(), country: "SE", customerValue: "LOW" as const, productsOwned: [] };
    await database.db.insert(listenerTables.people).values(listener);
    const subject = `listener_${listener.id}`;
    const [one, two] = [evaluation({ subject }), evaluation({ subject })];
    await Promise.all([records.evaluations.write([one]), records.evaluations.write([two])]);
    const stored = await rowsOf(
      sql`select distinct subject from decisions.evaluations where id in (${one.id}, ${two.id})`,
    );
    expect(stored).toHaveLength(1);
    expect(stored[0]?.["subject"]).toMatch(/^listener_/);
    expect(stored[0]?.["subject"]).not.toBe(subject);
    expect((await records.evaluations.byIds([one.id])).map((found) => found?.subject)).toEqual([subject]);
    expect(await records.evaluations.count({ subject })).toBe(2);
    await rowsOf(sql`delete from decisions.pseudonyms where subject = ${subject}`);
    expect(await records.evaluations.count({ subject })).toBe(0);
    expect((await records.evaluations.byIds([one.id])).map((found) => found?.subject)).toEqual([
      stored[0]?.["subject"],
    ]);
  });

  it("lists evaluations by subject and by model, newest first, each once", async () => {
    const [subject, model] = [`campaign_${randomUUID()}`, `model-${randomUUID()}`];
    const all = Array.from({ length: 7 }, (_none, nth) =>
      evaluation({ subject, model: nth % 2 === 0 ? model : "other", decidedAt: new Date(NOW + Math.floor(nth / 3)) }),
    ).toSorted((left, right) => Number(right.decidedAt) - Number(left.decidedAt) || (left.id < right.id ? 1 : -1));
    await records.evaluations.write(all.toReversed());
    const seen: Evaluation[] = [];
    for (;;) {
      const last = seen.at(-1);
      const after = last && { at: last.decidedAt, id: last.id };
      const page = await records.evaluations.list({ subject }, { limit: 2, after });
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect(seen).toEqual(all);
    expect(await records.evaluations.list({ model }, { limit: 9, after: undefined })).toEqual(
      all.filter((one) => one.model === model),
    );
    expect(await records.evaluations.count({ subject, model })).toBe(4);
    expect(await records.evaluations.count({ subject })).toBe(7);
  });

  it.each([
    ["UPDATE", sql`update decisions.evaluations set verdict = 'ALLOW'`],
    ["DELETE", sql`delete from decisions.evaluations`],
    ["TRUNCATE", sql`truncate decisions.evaluations cascade`],
  ])("refuses %s", async (name, statement) => {
    await records.evaluations.write([evaluation()]);
    expect(await databaseError(rowsOf(statement))).toBe(
      `the ledger is append-only: ${name} of decisions.evaluations is refused`,
    );
  });
});
