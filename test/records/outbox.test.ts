/** The outbox: effects in order for each subject, retried, and blocked by a permanent failure. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { AbsentError, FinalError, handler } from "../../subgraphs/records/outbox/effect.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import type { Attempt, EffectKind } from "../../subgraphs/records/outbox/effect.ts";
import type { Outbox } from "../../subgraphs/records/outbox/outbox.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { repairSetBack } from "../../subgraphs/records/outbox/set-back.ts";
import { setOutboxAhead, wakeOutbox } from "../support/outbox-clock.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";

const lines: { readonly level: number; readonly msg: string }[] = [];
const log = pino({ level: "error" }, { write: (line: string) => lines.push(JSON.parse(line)) });
const EIGHT_HOURS_MS = 8 * 3_600_000;

describe.each(DATABASES)("the outbox (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
  });
  afterAll(() => opened.close());
  const rowsOf = async (statement: SQL) => (await database.db.execute(statement)).rows;

  const KIND: EffectKind<{ readonly n: number }> = { name: "campaigns.test", data: z.object({ n: z.number() }) };
  const OTHER_KIND = { ...KIND, name: "campaigns.other" };
  const done: (readonly [subject: string, n: number])[] = [];
  const failed: (readonly [subject: string, n: number])[] = [];
  let perform: (attempt: Attempt<{ readonly n: number }>) => Promise<void> = async () => {};
  let outbox: Outbox;

  beforeAll(async () => {
    outbox = await openOutbox({ database, log, queues: ["campaigns"], retries: { limit: 2, delaySeconds: 0 } });
    const handlerOf = (kind: typeof KIND) =>
      handler({
        kind,
        async perform(attempt) {
          await perform(attempt);
          done.push([attempt.subject, attempt.data.n]);
        },
        failed: async ({ subject, data }) => void failed.push([subject, data.n]),
      });
    await outbox.work("campaigns", [handlerOf(KIND), handlerOf(OTHER_KIND)]);
  });
  let sleep: () => Promise<void>;
  beforeAll(() => void (sleep = wakeOutbox(database)));
  afterAll(() => sleep());
  afterAll(() => outbox.close());
  const doneOf = (subject: string) => done.filter(([one]) => one === subject).map(([, n]) => n);
  const send = (subject: string, n: number, at?: Date) =>
    database.transaction((tx) => outbox.send(tx, KIND, { subject, data: { n }, at }));
  /** How many of the subjects have an effect that waits for a later time. */
  const countWaiting = async (...subjects: readonly string[]): Promise<number> => {
    const waiting = await rowsOf(sql`select singleton_key from outbox.job
      where state = 'retry' and start_after > outbox.job_now()`);
    return waiting.filter((row) => subjects.includes(String(row["singleton_key"]))).length;
  };
  const becomesIdle = async (): Promise<void> => {
    await expect.poll(() => outbox.isIdle(), { timeout: 30_000 }).toBe(true);
  };

  it("carries out committed effects, and none of a transaction that was rolled back", async () => {
    const [kept, rolledBack] = [randomUUID(), randomUUID()];
    await send(kept, 1);
    await database
      .transaction(async (tx) => {
        await outbox.send(tx, KIND, { subject: rolledBack, data: { n: 1 } });
        throw new Error("rolledBack");
      })
      .catch(() => {});
    await expect.poll(() => doneOf(kept), { timeout: 30_000 }).toEqual([1]);
    await becomesIdle();
    expect(doneOf(rolledBack)).toEqual([]);
  });

  it("carries out the effects on one subject one at a time, in the order they were sent, also within a transaction", async () => {
    const subject = randomUUID();
    let running = 0;
    perform = async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    };
    await database.transaction(async (tx) => {
      for (const n of [1, 2, 3, 4, 5, 6]) await outbox.send(tx, KIND, { subject, data: { n } });
    });
    await send(subject, 7);
    await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([1, 2, 3, 4, 5, 6, 7]);
    perform = async () => {};
  }, 60_000);

  it("retries a failed effect before the later effects on its subject", async () => {
    const subject = randomUUID();
    let attempts = 0;
    perform = async ({ data: { n } }) => {
      if (n === 1 && (attempts += 1) < 3) throw new Error("planted");
    };
    await send(subject, 1);
    await send(subject, 2);
    await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([1, 2]);
    expect(attempts).toBe(3);
    expect(failed.filter(([one]) => one === subject)).toEqual([]);
    perform = async () => {};
  }, 60_000);

  it.each([
    ["after the last retry", () => new Error("planted"), 3],
    ["at once, if the upstream refuses it", () => new UpstreamError("test", "STATUS", "no", { status: 403 }), 1],
    ["at once, after a FinalError", () => new FinalError("gone"), 1],
  ])(
    "fails an effect permanently %s, which blocks the later effects on its subject alone",
    async (_when, error, expected) => {
      const [subject, another] = [randomUUID(), randomUUID()];
      let attempts = 0;
      perform = async (attempt) => {
        if (attempt.subject !== subject || attempt.data.n !== 1) return;
        attempts += 1;
        throw error();
      };
      await send(subject, 1);
      await send(subject, 2);
      await send(another, 1);
      await expect.poll(() => failed.filter(([one]) => one === subject), { timeout: 30_000 }).toEqual([[subject, 1]]);
      await expect.poll(() => doneOf(another), { timeout: 30_000 }).toEqual([1]);
      await becomesIdle();
      expect([attempts, doneOf(subject)]).toEqual([expected, []]);
      perform = async () => {};
      const [job] = await rowsOf(sql`select id from outbox.job where singleton_key = ${subject} and state = 'failed'`);
      const id = String(job?.["id"]);
      await database.transaction((tx) => outbox.retry(tx, { queue: "campaigns", id }));
      await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([1, 2]);
    },
    60_000,
  );

  it("looks for what is not there for ten minutes without an interruption, before the effect fails", async () => {
    const subject = randomUUID();
    let thrown: () => Error = () => new AbsentError("there is no thing", "things");
    perform = async (attempt) => {
      if (attempt.subject === subject) throw thrown();
    };
    const jobs = sql`select state, retry_count, start_after > outbox.job_now() as later, output->>'message' as message
      from outbox.job where singleton_key = ${subject}`;
    const waits = async (attempts: number, message = "there is no thing") => {
      const waiting = { state: "retry", retry_count: attempts, later: true, message };
      await expect.poll(() => rowsOf(jobs), { timeout: 30_000 }).toEqual([waiting]);
    };
    await send(subject, 1);
    await waits(-1);
    // An outage of a quarter of an hour, with dates.
    thrown = () => new UpstreamError("things", "STATUS", "it answered 503", { status: 503, retryAfterMs: 900_000 });
    await setOutboxAhead(database, 60_000);
    await waits(-1, "Cannot ask things: it answered 503");
    thrown = () => new AbsentError("there is no thing", "things");
    for (const minutes of [17, 20, 26]) {
      await setOutboxAhead(database, minutes * 60_000);
      await waits(-1);
    }
    await setOutboxAhead(database, 28 * 60_000);
    await expect.poll(() => failed.filter(([one]) => one === subject), { timeout: 30_000 }).toEqual([[subject, 1]]);
    await setOutboxAhead(database, 0);
    perform = async () => {};
  }, 60_000);

  it("uses up its attempts while an upstream always asks to come back at once", async () => {
    const subject = randomUUID();
    let attempts = 0;
    perform = async (attempt) => {
      if (attempt.subject !== subject) return;
      attempts += 1;
      throw new UpstreamError("things", "STATUS", "it answered 503", { status: 503, retryAfterMs: 0 });
    };
    await send(subject, 1);
    for (let minutes = 0; minutes < 3; minutes += 1) {
      await setOutboxAhead(database, minutes * 60_000);
      await expect.poll(() => attempts, { timeout: 30_000 }).toBe(minutes + 1);
    }
    await expect.poll(() => failed.filter(([one]) => one === subject), { timeout: 30_000 }).toEqual([[subject, 1]]);
    await setOutboxAhead(database, 0);
    perform = async () => {};
  }, 60_000);

  it("waits while our account is refused, without using up attempts or the order, and says once what to renew", async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const refusals: string[] = [];
    lines.length = 0;
    let isRefused = true;
    perform = async ({ subject }) => {
      if (!isRefused || (subject !== first && subject !== second)) return;
      refusals.push(subject);
      const more = { status: 400, renew: ["THINGS_TOKEN"] };
      throw new UpstreamError("things", "STATUS", "it answered 400: invalid_grant", more);
    };
    await send(first, 1);
    await send(first, 2);
    await send(second, 1);
    // More often than the policy of the queue has attempts.
    for (let minutes = 0; minutes < 5; minutes += 1) {
      await setOutboxAhead(database, minutes * 61_000);
      await expect.poll(() => refusals.length, { timeout: 30_000 }).toBe(2 * (minutes + 1));
      await expect.poll(() => countWaiting(first, second), { timeout: 30_000 }).toBe(2);
    }
    const attempts = sql`select retry_count from outbox.job where singleton_key in (${first}, ${second}) and state = 'retry'`;
    await expect.poll(() => rowsOf(attempts), { timeout: 30_000 }).toEqual([{ retry_count: -1 }, { retry_count: -1 }]);
    expect([failed.some(([one]) => one === first || one === second), doneOf(first)]).toEqual([false, []]);
    expect(lines.filter(({ msg }) => msg.includes("THINGS_TOKEN")).map(({ msg }) => msg)).toEqual([
      "things refuses our account: renew THINGS_TOKEN; calls fail and effects wait until then (Cannot ask things: it answered 400: invalid_grant)",
    ]);
    isRefused = false;
    await setOutboxAhead(database, 400_000);
    await expect.poll(() => [doneOf(first), doneOf(second)], { timeout: 30_000 }).toEqual([[1, 2], [1]]);
    await setOutboxAhead(database, 0);
    perform = async () => {};
  }, 60_000);

  describe("where the upstream answers 403 to an effect, and our account may read", () => {
    /** By subject: milliseconds since another write was accepted, or undefined; null if it is carried out. */
    const refused = new Map<string, number | null | undefined>();
    const doubted = ["THINGS_TOKEN"];
    beforeEach(() => {
      refused.clear();
      lines.length = 0;
      perform = async ({ subject }) => {
        const acceptedAgoMs = refused.get(subject);
        if (!refused.has(subject) || acceptedAgoMs === null) return;
        throw new UpstreamError("things", "STATUS", "it answered 403", { status: 403, doubted, acceptedAgoMs });
      };
    });
    afterEach(async () => {
      perform = async () => {};
      await setOutboxAhead(database, 0);
    });
    const refuse = async (...subjects: readonly string[]): Promise<void> => {
      for (const subject of subjects) {
        refused.set(subject, undefined);
        await send(subject, 1);
      }
      await expect.poll(() => countWaiting(...subjects), { timeout: 30_000 }).toBe(subjects.length);
    };
    const stateOf = async (subject: string) =>
      (await rowsOf(sql`select state from outbox.job where singleton_key = ${subject} and state <> 'completed'`))[0]?.[
        "state"
      ];
    const isContradicted = async (subject: string) =>
      (
        await rowsOf(sql`select 1 from outbox.job where singleton_key = ${subject}
        and data->'since'->'contradicted' is not null`)
      ).length === 1;
    const fails = async (subject: string): Promise<void> => {
      await expect.poll(() => stateOf(subject), { timeout: 30_000 }).toBe("failed");
    };

    it("fails it once another one is accepted", async () => {
      const subject = randomUUID();
      await refuse(subject);
      refused.set(subject, 1);
      await setOutboxAhead(database, 16_000);
      await expect.poll(() => isContradicted(subject), { timeout: 30_000 }).toBe(true);
      await expect.poll(() => countWaiting(subject), { timeout: 30_000 }).toBe(1);
      await setOutboxAhead(database, 80_000);
      await fails(subject);
      expect(lines.filter(({ msg }) => msg.includes("THINGS_TOKEN"))).toEqual([]);
    }, 60_000);

    it("does not take one that was accepted before for evidence", async () => {
      const subject = randomUUID();
      await refuse(subject);
      refused.set(subject, 3_600_000);
      await setOutboxAhead(database, 16_000);
      await expect
        .poll(
          () =>
            rowsOf(sql`select (start_after > now() + interval '20 seconds') as again from outbox.job
          where singleton_key = ${subject} and state = 'retry'`),
          { timeout: 30_000 },
        )
        .toEqual([{ again: true }]);
      await setOutboxAhead(database, 11 * 60_000);
      await fails(subject);
    }, 60_000);

    it("waits with all of them if others are refused too, says once what to renew, and goes on by itself", async () => {
      const subjects = [randomUUID(), randomUUID()];
      await refuse(...subjects);
      for (const minutes of [1, 30, 600]) {
        await setOutboxAhead(database, minutes * 60_000);
        await expect.poll(() => countWaiting(...subjects), { timeout: 30_000 }).toBe(2);
      }
      expect(lines.map(({ msg }) => msg).filter((msg) => msg.includes("THINGS_TOKEN"))).toEqual([
        "things refuses each write of our account: renew THINGS_TOKEN, with the right to write; calls fail and effects wait until then (Cannot ask things: it answered 403)",
      ]);
      for (const subject of subjects) refused.set(subject, null);
      await setOutboxAhead(database, 700 * 60_000);
      for (const subject of subjects) await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([1]);
    }, 60_000);

    it("waits with those of another kind", async () => {
      const subjects = [randomUUID(), randomUUID()];
      await refuse(subjects[0] ?? "");
      refused.set(subjects[1] ?? "", undefined);
      await database.transaction((tx) => outbox.send(tx, OTHER_KIND, { subject: subjects[1] ?? "", data: { n: 1 } }));
      await expect.poll(() => countWaiting(...subjects), { timeout: 30_000 }).toBe(2);
      for (const minutes of [1, 20]) {
        await setOutboxAhead(database, minutes * 60_000);
        await expect.poll(() => countWaiting(...subjects), { timeout: 30_000 }).toBe(2);
      }
      const details = sql`select distinct output->>'detail' as detail from outbox.job where state = 'retry'`;
      expect(await rowsOf(details)).toEqual([{ detail: "renew THINGS_TOKEN, with the right to write" }]);
      for (const subject of subjects) refused.set(subject, null);
      await setOutboxAhead(database, 40 * 60_000);
      for (const subject of subjects) await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([1]);
    }, 60_000);
  });

  it("fails an effect whose account is refused, if others are accepted for ten minutes", async () => {
    const subject = randomUUID();
    perform = async (attempt) => {
      if (attempt.subject !== subject) return;
      const more = { status: 403, renew: ["THINGS_SECRET"], acceptedAgoMs: 1 };
      throw new UpstreamError("things", "STATUS", "it answered 403", more);
    };
    const jobs = sql`select state, start_after > outbox.job_now() as later, output->>'detail' as detail
      from outbox.job where singleton_key = ${subject}`;
    const waiting = [{ state: "retry", later: true, detail: "renew THINGS_SECRET" }];
    await send(subject, 1);
    for (const minutes of [0, 2, 4]) {
      await setOutboxAhead(database, minutes * 60_000);
      await expect.poll(() => rowsOf(jobs), { timeout: 30_000 }).toEqual(waiting);
    }
    await setOutboxAhead(database, 14 * 60_000);
    await expect.poll(() => rowsOf(jobs), { timeout: 30_000 }).toMatchObject([{ state: "failed", detail: null }]);
    await setOutboxAhead(database, 0);
    perform = async () => {};
  }, 60_000);

  it("carries out an effect without an order before a scheduled one on its subject, and is not blocked by it", async () => {
    const subject = randomUUID();
    const free = { ...KIND, isUnordered: true };
    perform = async ({ subject: one, data: { n } }) => {
      if (one === subject && n === 3) throw new FinalError("planted");
    };
    await send(subject, 1, new Date(Date.now() + 3_600_000));
    await database.transaction((tx) => outbox.send(tx, free, { subject, data: { n: 2 } }));
    await database.transaction((tx) => outbox.send(tx, free, { subject, data: { n: 3 } }));
    await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([2]);
    await expect.poll(() => failed.filter(([one]) => one === subject), { timeout: 30_000 }).toEqual([[subject, 3]]);
    await setOutboxAhead(database, 3_600_000);
    await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([2, 1]);
    await setOutboxAhead(database, 0);
    perform = async () => {};
  }, 60_000);

  it("carries out a scheduled effect at its time, and counts as idle until then", async () => {
    const [subject, another] = [randomUUID(), randomUUID()];
    await send(subject, 1, new Date(Date.now() + 3_600_000));
    await send(another, 1);
    await expect.poll(() => doneOf(another), { timeout: 30_000 }).toEqual([1]);
    // The worker marks a job as completed after its handler has ended.
    await becomesIdle();
    await setOutboxAhead(database, 3_590_000);
    expect(await outbox.isIdle()).toBe(true);
    expect(doneOf(subject)).toEqual([]);
    await setOutboxAhead(database, 3_600_000);
    await expect.poll(() => doneOf(subject), { timeout: 30_000 }).toEqual([1]);
    await setOutboxAhead(database, 0);
  }, 60_000);

  it("goes on after the clock was eight hours ahead, and keeps the dates that effects have", async () => {
    const [subject, dated, orphan] = [randomUUID(), randomUUID(), randomUUID()];
    const kind: EffectKind<{ readonly n: number }> = { name: "episodes.test", data: z.object({ n: z.number() }) };
    const carriedOut: number[] = [];
    let attempts = 0;
    await setOutboxAhead(database, EIGHT_HOURS_MS);
    const ahead = await openOutbox({ database, log, queues: ["episodes"], retries: { limit: 5, delaySeconds: 300 } });
    await ahead.work("episodes", [
      handler({
        kind,
        async perform({ data: { n } }) {
          attempts += 1;
          if (attempts === 1) throw new Error("planted");
          carriedOut.push(n);
        },
      }),
    ]);
    const sendAhead = (to: string, n: number, at?: Date) =>
      database.transaction((tx) => ahead.send(tx, kind, { subject: to, data: { n }, at }));
    const stateOf = async (to: string) =>
      (await rowsOf(sql`select state, start_after <= now() as due from outbox.job where singleton_key = ${to}`))[0];
    const at = new Date(Date.now() + EIGHT_HOURS_MS + 3_600_000);
    await sendAhead(subject, 1);
    await expect.poll(() => stateOf(subject), { timeout: 30_000 }).toMatchObject({ state: "retry", due: false });
    await sendAhead(subject, 2);
    await sendAhead(dated, 3, at);
    await sendAhead(orphan, 4, at);
    // Of a process that died, and of a round of supervision.
    await rowsOf(sql`update outbox.job set state = 'active', started_on = outbox.job_now(), heartbeat_on = outbox.job_now()
      where singleton_key = ${orphan}`);
    // `clock_timestamp()` was not moved.
    await rowsOf(sql`update outbox.job set created_on = created_on + interval '8 hours' where name = 'episodes'`);
    await rowsOf(sql`update outbox.queue set monitor_claim_on = outbox.job_now(), monitor_on = outbox.job_now()`);
    await setOutboxAhead(database, 0);

    await expect.poll(() => carriedOut, { timeout: 30_000 }).toEqual([1, 2]);
    expect(
      await rowsOf(sql`select start_after = ${at.toISOString()}::timestamptz as dated from outbox.job
        where singleton_key = ${dated}`),
    ).toEqual([{ dated: true }]);
    expect(
      await rowsOf(sql`select started_on <= now() and heartbeat_on <= now() as dated from outbox.job
        where singleton_key = ${orphan}`),
    ).toEqual([{ dated: true }]);
    expect(await repairSetBack(database)).toBe(false);
    await rowsOf(sql`delete from outbox.job where singleton_key in (${dated}, ${orphan})`);
    await ahead.close();
  }, 60_000);
});
