/** The seals of the ledger: days that are closed and chained, and what shows that one of them was changed. */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { deleteDaysBefore, sealDays } from "../../subgraphs/records/decisions/ledger-days.ts";
import { ledgerCommand } from "../../subgraphs/records/decisions/ledger-command.ts";
import { evaluationRecords } from "../../subgraphs/records/decisions/ledger.ts";
import { signingBy } from "../../subgraphs/records/decisions/receipts.ts";
import type { ledgerDays } from "../../subgraphs/records/decisions/tables.ts";
import { verifyLedger } from "../../subgraphs/records/decisions/verify-ledger.ts";
import { newReceiptKey, readReceiptKeys } from "../../subgraphs/platform/signing/receipt-keys.ts";
import { DATABASES } from "../support/database.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { NOW } from "../support/now.ts";
import { databaseError, evaluation } from "../support/record-samples.ts";

const now = () => NOW;
const keys = readReceiptKeys(newReceiptKey());
const sign = signingBy(keys);
const [FIRST, SECOND, THIRD] = ["2026-01-01", "2026-01-02", "2026-01-05"] as const;

describe.each(DATABASES)("the days of the ledger (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await tamper(sql`truncate decisions.reviews, decisions.ledger_days, decisions.evaluations cascade`);
    for (const [day, count] of [[FIRST, 3], [SECOND, 5], [THIRD, 2]] as const) await record(day, count); // prettier-ignore
  });

  /** As if it were that day. */
  async function record(day: string, count: number, more = {}): Promise<readonly string[]> {
    await run(sql`alter table decisions.evaluations alter recorded_on set default ${sql.raw(`'${day}'`)}`);
    const added = Array.from({ length: count }, () => evaluation(more));
    await evaluationRecords(database).write(added);
    return added.map(({ id }) => id);
  }
  const run = async (statement: SQL) => (await database.db.execute(statement)).rows;
  /** As somebody who may change the schema could. */
  async function tamper(statement: SQL): Promise<void> {
    const tables = ["evaluations", "ledger_days"];
    for (const table of tables) await run(sql.raw(`alter table decisions.${table} disable trigger user`));
    await run(statement);
    for (const table of tables) await run(sql.raw(`alter table decisions.${table} enable trigger user`));
  }
  const problems = async () => (await verifyLedger(database, { keys: keys.published.keys })).problems;

  it("are sealed once, in order, by several processes at once", async () => {
    const sealed = await Promise.all([sealDays(database, { sign, now }), sealDays(database, { sign, now })]);
    expect(sealed.reduce((sum, one) => sum + one)).toBe(3);
    expect(await sealDays(database, { sign, now })).toBe(0);
    expect(await verifyLedger(database, { keys: keys.published.keys })).toEqual({
      days: 3,
      evaluations: 10,
      head: { day: THIRD, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      pruned: 0,
      unsigned: 0,
      open: 0,
      problems: [],
    });
  });

  it("are sealed by all of their evaluations, however many", async () => {
    await record("2026-01-07", 2100);
    await sealDays(database, { sign, now });
    expect(await verifyLedger(database)).toMatchObject({ days: 4, evaluations: 2110, problems: [] });
  });

  it("get nothing once they are closed: what is late is recorded on the day after", async () => {
    await sealDays(database, { sign, now });
    await record(SECOND, 1);
    expect(await run(sql`select recorded_on::text as day, count(*)::int from decisions.evaluations group by 1 order by 1`))
      .toEqual([
        { day: FIRST, count: 3 },
        { day: SECOND, count: 5 },
        { day: THIRD, count: 2 },
        { day: "2026-01-06", count: 1 },
      ]); // prettier-ignore
    expect(await verifyLedger(database)).toMatchObject({ open: 1, problems: [] });
    expect(await sealDays(database, { sign, now })).toBe(1);
    expect(await problems()).toEqual([]);
  });

  it("are not closed while they last", async () => {
    await run(sql`alter table decisions.evaluations alter recorded_on set default (now() at time zone 'utc')::date`);
    await evaluationRecords(database).write([evaluation()]);
    expect(await sealDays(database, { sign, now })).toBe(3);
    expect(await verifyLedger(database)).toMatchObject({ days: 3, open: 1 });
  });

  it.each([
    ["a fact", sql`update decisions.evaluations set facts = facts || '{"age": 31}' where recorded_on = ${SECOND}
      and id = (select min(id) from decisions.evaluations where recorded_on = ${SECOND})`,
      [SECOND, "at least one of its evaluations was changed, or is another one"]],
    ["a verdict", sql`update decisions.evaluations set verdict = 'DENY' where recorded_on = ${FIRST}`,
      [FIRST, "at least one of its evaluations was changed, or is another one"]],
    ["the caller", sql`update decisions.evaluations set requested_by = 'me' where recorded_on = ${THIRD}`,
      [THIRD, "at least one of its evaluations was changed, or is another one"]],
    ["their number", sql`delete from decisions.evaluations where id = (select min(id) from decisions.evaluations
      where recorded_on = ${FIRST})`, [FIRST, "it has 2 evaluations, and had 3 when it was sealed"]],
    ["a seal", sql`update decisions.ledger_days set evaluations = 4 where day = ${FIRST}`,
      [FIRST, "its seal was changed: the hash is not of what it says"],
      [FIRST, "it has 3 evaluations, and had 4 when it was sealed"],
      [FIRST, "its signature is of another seal"]],
    ["a whole day", sql`delete from decisions.ledger_days where day = ${SECOND}`,
      [THIRD, "it does not follow the day before: a day is missing, or was added"],
      [SECOND, "it has evaluations, and no seal, though later days have one"]],
    ["a signature", sql`update decisions.ledger_days set signature = left(signature, -4) || 'AAAA' where day = ${FIRST}`,
      [FIRST, "its signature is of none of the ledger's keys"]],
  ] as const)("show that %s was changed", async (_what, statement, ...expected: readonly (readonly [string, string])[]) => {
    await sealDays(database, { sign, now });
    await tamper(statement);
    expect(await problems()).toEqual(expected.map(([day, problem]) => ({ day, problem })));
  }); // prettier-ignore

  it("show that the last days are missing to who has written down a hash", async () => {
    await sealDays(database, { sign, now });
    const { head } = await verifyLedger(database);
    expect((await verifyLedger(database, { head: head?.hash })).problems).toEqual([]);
    await tamper(sql`with gone as (delete from decisions.ledger_days where day = ${THIRD})
      delete from decisions.evaluations where recorded_on = ${THIRD}`);
    expect(await problems()).toEqual([]);
    expect((await verifyLedger(database, { head: head?.hash })).problems).toEqual([
      { day: SECOND, problem: `no day has the hash ${head?.hash}: days are missing, or were sealed again` },
    ]);
  });

  it("show that somebody without the key has sealed the last days again", async () => {
    await sealDays(database, { sign, now });
    await tamper(sql`update decisions.ledger_days set hash = null, signature = null`);
    await sealDays(database, { sign: undefined, now });
    expect((await verifyLedger(database)).problems).toEqual([]);
    const unsigned = "it is the last day, and is not signed: nobody vouches for the days since the last that is";
    expect(await problems()).toEqual([{ day: THIRD, problem: unsigned }]);
    // Days before the ledger had a key are vouched for by the next one that is signed.
    await record("2026-01-07", 1);
    await sealDays(database, { sign, now });
    expect(await problems()).toEqual([]);
  });

  it("are not signed by a signature of something else", async () => {
    await sealDays(database, { sign: (_type, payload) => sign("other+json", payload), now });
    expect(await problems()).toEqual(
      [FIRST, SECOND, THIRD].map((day) => ({ day, problem: "its signature is of something else" })),
    );
  });

  it("are deleted in steps, and gone on with where that was left halfway", async () => {
    await sealDays(database, { sign, now });
    expect(await deleteDaysBefore(database, "2026-01-03", now, 2)).toBe(8);
    await tamper(sql`insert into decisions.evaluations select gen_random_uuid()::text, model, version, subject, facts,
      facts_digest, rows, verdict, origin, decided_at, expires_at, requested_by, ${SECOND}::date
      from decisions.evaluations limit 2`);
    expect(await deleteDaysBefore(database, "2026-01-03", now, 1)).toBe(2);
    expect(await verifyLedger(database)).toMatchObject({ pruned: 2, problems: [] });
  });

  it("that are deleted while they are verified are not taken for changed", async () => {
    await sealDays(database, { sign, now });
    let isFirst = true;
    const daysRead = () => ({
      from: (table: typeof ledgerDays) => ({
        orderBy: async (by: SQL) => {
          const days = await database.db.select().from(table).orderBy(by);
          await deleteDaysBefore(database, "2026-01-06", now);
          return days;
        },
      }),
    });
    const db = new Proxy(database.db, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name === "select" && isFirst) {
          isFirst = false;
          return daysRead;
        }
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    expect(await verifyLedger({ ...database, db })).toMatchObject({ days: 3, pruned: 0, problems: [] });
    expect(await verifyLedger(database)).toMatchObject({ days: 3, pruned: 3, problems: [] });
  });

  it("cannot be changed by who may write to the ledger", async () => {
    await sealDays(database, { sign, now });
    for (const statement of [
      sql`update decisions.ledger_days set digest = ''`,
      sql`delete from decisions.ledger_days`,
      sql`truncate decisions.ledger_days`,
      sql`delete from decisions.evaluations`,
    ])
      expect(await databaseError(run(statement))).toMatch(/^the ledger is append-only: /);
  });

  it("keep their seals when their evaluations are deleted, and what other records refer to", async () => {
    const [referred] = await record(THIRD, 1);
    await run(sql`insert into decisions.reviews (id, kind, subject, queue, status, evaluation_id, opened_at)
      values ('review', 'test', 'campaign_1', 'queue', 'OPEN', ${referred ?? ""}, now())`);
    expect(await deleteDaysBefore(database, "2026-01-06", now)).toBe(0);
    await sealDays(database, { sign, now });
    expect(await deleteDaysBefore(database, SECOND, now)).toBe(3);
    expect(await deleteDaysBefore(database, SECOND, now)).toBe(0);
    expect(await verifyLedger(database)).toMatchObject({ days: 3, evaluations: 11, pruned: 1, problems: [] });
    expect(await deleteDaysBefore(database, "2026-01-06", now)).toBe(7);
    expect(await run(sql`select id from decisions.evaluations`)).toEqual([{ id: referred }]);
    expect(await verifyLedger(database)).toMatchObject({ days: 3, evaluations: 11, pruned: 3, problems: [] });
  });

  describe("npm run ledger", () => {
    const command = async (...args: string[]) => {
      const printed: string[] = [];
      const code = await ledgerCommand(args, {
        ownKeys: () => keys,
        readFile: async () => JSON.stringify(readReceiptKeys(newReceiptKey()).published),
        withDatabase: (work) => work(database),
        write: async (text) => void printed.push(text),
      });
      return { code, printed: printed.join("") };
    };

    it("verifies, and says what differs", async () => {
      await sealDays(database, { sign, now });
      const { head } = await verifyLedger(database);
      expect(await command("verify")).toEqual({
        code: 0,
        printed: `3 sealed days with 10 evaluations; 0 evaluations are not sealed yet
the last day is ${THIRD}, its hash ${head?.hash}
the ledger is what was sealed
`,
      });
      const { code, printed } = await command("verify", "--keys", "other.json", "--json");
      expect(code).toBe(1);
      expect(JSON.parse(printed)).toMatchObject({
        problems: [FIRST, SECOND, THIRD].map((day) => ({
          day,
          problem: "its signature is of none of the ledger's keys",
        })),
      });
    });

    it("exports each evaluation of some days as a line", async () => {
      const { printed } = await command("export", "--since", SECOND, "--until", "2026-01-04");
      const lines = printed.trimEnd().split("\n").map((line) => JSON.parse(line)); // prettier-ignore
      expect(lines).toHaveLength(5);
      expect(new Set(lines.map(({ recordedOn }) => recordedOn))).toEqual(new Set([SECOND]));
      expect(lines[0]).toMatchObject({ facts: evaluation().facts, verdict: "ALLOW", subject: "campaign_1" });
      expect((await command("export")).printed.trimEnd().split("\n")).toHaveLength(10);
    });

    it("makes keys", async () => {
      const { printed } = await command("key");
      expect(readReceiptKeys(printed).published.keys).toHaveLength(1);
      expect(JSON.parse((await command("keys")).printed)).toEqual(keys.published);
    });

    it.each([
      [["export", "--since", "2026-02-30"], 'Cannot read --since: expected a day such as 2026-11-29, got "2026-02-30"'],
      [[], "Usage: npm run ledger"],
      [["verify", "--since", SECOND], "Usage: npm run ledger"],
      [["verify", "now"], "Usage: npm run ledger"],
      [["forget"], "Usage: npm run ledger"],
      [["verify", "--x"], "Usage: npm run ledger"],
    ])("refuses %j", async (args, message) => {
      await expect(command(...args)).rejects.toThrow(message);
    });
  });
});
