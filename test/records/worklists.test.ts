/** The worklists' records, and how processes keep them: one at a time, whatever fails. */
import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { addCase } from "../../subgraphs/records/campaigns/store.ts";
import { cases } from "../../subgraphs/records/campaigns/tables.ts";
import { caseWorklistRecords } from "../../subgraphs/records/campaigns/worklist.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { noteEscalations } from "../../subgraphs/records/locations/escalations.ts";
import { worklist } from "../../subgraphs/records/locations/tables.ts";
import type { LocationWorklistRecords, WorklistLocation } from "../../subgraphs/records/locations/types.ts";
import { locationWorklistRecords, noteChange } from "../../subgraphs/records/locations/worklist.ts";
import { sweepRecords } from "../../subgraphs/records/worklists/sweeps.ts";
import { sweeps } from "../../subgraphs/records/worklists/tables.ts";
import { createWorklist } from "../../subgraphs/records/worklists/worklist.ts";
import type { KeptWorklist, WorklistWork } from "../../subgraphs/records/worklists/worklist.ts";
import { DATABASES } from "../support/database.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { memoryLocationWorklist, memorySweeps } from "../support/memory-worklists.ts";
import { NOW } from "../support/now.ts";

const MINUTE_MS = 60_000;
const log = pino({ enabled: false });
const of = (index: number, change: Partial<WorklistLocation> = {}): WorklistLocation => ({
  locationId: `L${"AaÄbB"[index % 5]}${index}`,
  subject: `location_${index}`,
  accountId: `account ${index % 3}`,
  isListed: index % 4 !== 0,
  priority: index % 3,
  endsAt: index % 2 === 0 ? Number.MAX_SAFE_INTEGER : NOW + (index % 7),
  location: JSON.stringify({ text: "a\u0000b\ud800", index }),
  asOf: new Date(NOW),
  dueAt: index % 5 === 0 ? null : new Date(NOW + index),
  error: index % 3 === 0 ? "DECISION_TIMEOUT" : null,
  question: index % 2 === 0 ? null : "q",
  decidedAt: index % 2 === 0 ? null : new Date(NOW),
  revision: 0,
  ...change,
});
const LOCATIONS = Array.from({ length: 60 }, (_none, index) => of(index));

async function pagesOf(records: Pick<LocationWorklistRecords, "items">, size: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let page = await records.items(size, undefined); page.length > 0;) {
    ids.push(...page.map(({ position }) => position.id));
    page = await records.items(size, page.at(-1)?.position);
  }
  return ids;
}

describe.each(DATABASES)("the records of worklists (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: LocationWorklistRecords;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = locationWorklistRecords(database.db);
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await database.db.delete(worklist);
    await records.put(LOCATIONS);
  });

  it("give pages of locations in the same order as records in memory, by code units", async () => {
    const memory = memoryLocationWorklist();
    await memory.put(LOCATIONS);
    for (const size of [1, 7, 100]) expect(await pagesOf(records, size)).toEqual(await pagesOf(memory, size));
    expect(await records.count()).toBe(await memory.count());
    for (const { position } of await memory.items(100, undefined)) {
      for (const place of [position, { ...position, id: "" }, { ...position, priority: -1e300 }]) {
        expect(await records.hasUpTo(place)).toBe(await memory.hasUpTo(place));
      }
    }
  });

  it("say which locations were written, without those that a command has changed meanwhile", async () => {
    const [first, second] = [of(1), of(2)];
    await noteChange(database.db, first.locationId, new Date(NOW));
    expect(await records.put([first, second])).toEqual(new Set([second.locationId]));
    expect(await records.put([{ ...first, revision: 1 }])).toEqual(new Set([first.locationId]));
    expect(await records.put([])).toEqual(new Set());
  });

  it("note the escalation of each licence once, by ten at the same time", async () => {
    const [location, other] = [randomUUID(), randomUUID()];
    const note = async (recordedAt?: Date) => {
      const licences = [location, other].map((locationId) => ({ locationId, recordedAt }));
      const noted = await Promise.all(
        Array.from({ length: 10 }, () => database.transaction((tx) => noteEscalations(tx, licences, new Date(NOW)))),
      );
      return noted.flatMap((ids) => Array.from(ids)).toSorted();
    };
    const each = [location, other].toSorted();
    expect(await note()).toEqual(each);
    expect(await note()).toEqual([]);
    expect(await note(new Date(NOW))).toEqual(each);
    expect(await note(new Date(NOW))).toEqual([]);
    expect(await note(new Date(NOW + 1))).toEqual(each);
    expect(await noteEscalations(database.db, [], new Date(NOW))).toEqual(new Set());
  });

  it("give pages, totals and places of some accounts as records in memory do", async () => {
    const memory = memoryLocationWorklist();
    await memory.put(LOCATIONS);
    for (const accounts of [["account 0"], ["account 1", "account 2"], ["nobody"], []]) {
      const pages = (of: LocationWorklistRecords) =>
        pagesOf({ items: (limit, after) => of.items(limit, after, accounts) }, 7);
      expect(await pages(records)).toEqual(await pages(memory));
      expect(await records.count(accounts)).toBe(await memory.count(accounts));
      for (const { position } of await memory.items(100, undefined)) {
        expect(await records.hasUpTo(position, accounts)).toBe(await memory.hasUpTo(position, accounts));
      }
    }
    const ids = [of(3).locationId, "nowhere"];
    expect(await records.accountsOf(ids)).toEqual(await memory.accountsOf(ids));
  });

  it("take any cursor", async () => {
    for (const place of [
      { priority: 1e308, time: -1e308, id: "\ud800" },
      { priority: 0.1, time: 0.1, id: "'; drop table x" },
    ]) {
      expect(await records.items(5, place)).toEqual(expect.any(Array));
      expect(await caseWorklistRecords(database.db).items(5, place)).toEqual([]);
    }
  });

  it("give back what was put, and what is due first", async () => {
    const [one = ""] = LOCATIONS.map(({ locationId }) => locationId);
    expect(await records.byIds([one])).toEqual([{ ...of(0), location: expect.stringContaining('"index":0') }]);
    const due = await records.due(new Date(NOW + 7), 3);
    expect(due.map(({ dueAt }) => Number(dueAt) - NOW)).toEqual([1, 2, 3]);
    expect((await records.ofAccounts(["account 1"])).length).toBe(20);
    await records.removeOtherAccounts(["account 1", "account 2"]);
    await records.remove([of(1).locationId]);
    expect(await database.db.$count(worklist)).toBe(39);
  });

  it("do not write what was decided before a command changed a location", async () => {
    const { locationId } = of(1);
    const [before = of(1)] = await records.byIds([locationId]);
    await database.transaction((tx) => noteChange(tx, locationId, new Date(NOW - 1)));
    await records.put([{ ...before, priority: 9 }]);
    const [changed] = await records.byIds([locationId]);
    expect(changed).toMatchObject({ priority: 1, revision: 1, dueAt: new Date(NOW - 1) });
    await records.put([{ ...of(1), priority: 9, revision: 1 }]);
    expect(await records.byIds([locationId])).toMatchObject([{ priority: 9, revision: 1, dueAt: new Date(NOW + 1) }]);
  });

  it("count what is listed, whatever is put, changed and removed", async () => {
    const counted = async () => [
      await records.count(),
      await database.db.$count(worklist, eq(worklist.isListed, true)),
    ];
    expect(await counted()).toEqual([45, 45]);
    await records.put([of(0, { isListed: true }), of(1, { isListed: false }), of(2), of(64), of(65)]);
    expect(await counted()).toEqual([46, 46]);
    await records.put([of(1, { isListed: true, revision: 7 })]);
    await records.remove([of(2).locationId, of(4).locationId, "nowhere"]);
    expect(await counted()).toEqual([45, 45]);
    await records.removeOtherAccounts([]);
    expect(await counted()).toEqual([0, 0]);
  });

  it("rank unresolved cases, a new one first until it is decided", async () => {
    const ranking = caseWorklistRecords(database.db);
    const added = { account: "a", customerValue: "LOW", country: "DE", issue: "OTHER", severity: "LOW" } as const;
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    for (const [index, id] of [first, second, third].entries()) {
      const openedAt = new Date(NOW + index);
      const rest = { description: "d", status: "OPEN", campaignId: null, openedBy: "test", openedAt } as const;
      await database.transaction((tx) => addCase(tx, { ...added, ...rest, id }));
    }
    await ranking.rank([
      { id: first, rank: 3, error: null, question: "q", at: new Date(NOW) },
      { id: second, rank: 2, error: null, question: "q", at: new Date(NOW) },
    ]);
    const idsNow = async () => (await ranking.items(10, undefined)).map(({ position }) => position.id);
    expect(await idsNow()).toEqual([third, second, first]);
    await database.db.update(cases).set({ status: "RESOLVED" }).where(eq(cases.id, third));
    await ranking.rank([{ id: third, rank: 1, error: null, question: "q", at: new Date(NOW) }]);
    expect([await idsNow(), await ranking.count()]).toEqual([[second, first], 2]);
    const inTwo = [...(await ranking.unresolved(1)), ...(await ranking.unresolved(5, [first, second].toSorted()[0]))];
    expect(inTwo.map(({ id }) => id)).toEqual([first, second].toSorted());
    await database.db.delete(cases);
  });

  it("are held by one process at a time, and taken over from one that died", async () => {
    const held = sweepRecords(database.db, "held");
    expect(await Promise.all([held.take("a"), held.take("a")])).toEqual([true, true]);
    expect(await held.take("b")).toBe(false);
    await held.release("b");
    expect(await held.take("b")).toBe(false);
    await database.db
      .update(sweeps)
      .set({ heldUntil: sql`clock_timestamp() - interval '1 second'` })
      .where(eq(sweeps.worklist, "held"));
    expect([await held.take("b"), await held.take("a")]).toEqual([true, false]);
    await held.release("b");
    expect(await held.take("a")).toBe(true);
  });

  it("are swept by one of several processes at a time", async () => {
    let [now, most] = [0, 0];
    const kept = Array.from({ length: 4 }, () =>
      keptBy(
        {
          async sweep() {
            now += 1;
            most = Math.max(most, now);
            await new Promise((done) => setTimeout(done, 20));
            now -= 1;
            return NOW;
          },
        },
        { sweeps: sweepRecords(database.db, "shared") },
      ),
    );
    await Promise.all(kept.map((one) => one.ready()));
    expect(most).toBe(1);
    expect(await kept[0]?.ready()).toEqual(new Date(NOW));
    await Promise.all(kept.map((one) => one.close()));
  });
});

interface Changes {
  readonly sweeps?: ReturnType<typeof memorySweeps>;
  readonly now?: () => number;
  readonly intervalMs?: number;
}

function keptBy(work: Partial<WorklistWork>, changes: Changes = {}): KeptWorklist {
  const nothing = { name: "test", isDue: async () => false, settle: async () => {}, changedAt: () => -Infinity };
  const { sweeps: all = memorySweeps(), now = () => NOW, intervalMs = MINUTE_MS } = changes;
  return createWorklist(
    { ...nothing, sweep: async () => NOW, ...work },
    { sweeps: all, intervalMs, log, now, elapsed: now },
  );
}

describe("a kept worklist", () => {
  it("is swept for the first page, then by interval, and for a new version of its table at once", async () => {
    let [clock, swept, changedAt] = [NOW, 0, -Infinity];
    const sweep = async () => {
      swept += 1;
      return clock;
    };
    const kept = keptBy({ sweep, changedAt: () => changedAt }, { now: () => clock });
    await kept.ready();
    await kept.ready();
    await kept.catchUp();
    expect(swept).toBe(1);
    clock += MINUTE_MS;
    await kept.catchUp();
    expect(swept).toBe(2);
    clock += 1000;
    changedAt = clock;
    await kept.catchUp();
    await kept.catchUp();
    expect(swept).toBe(2 + 1);
    expect(await kept.ready()).toEqual(new Date(clock));
  });

  it("rests nine times as long as a sweep took", async () => {
    let [clock, swept] = [NOW, 0];
    const sweep = async () => {
      swept += 1;
      clock += 2 * MINUTE_MS;
      return clock;
    };
    const kept = keptBy({ sweep }, { now: () => clock });
    await kept.catchUp();
    clock += 17 * MINUTE_MS;
    await kept.catchUp();
    expect(swept).toBe(1);
    clock += MINUTE_MS;
    await kept.catchUp();
    expect(swept).toBe(2);
  });

  it("decides what is due between two sweeps", async () => {
    let settled = 0;
    const kept = keptBy({ isDue: async () => settled === 0, settle: async () => void (settled += 1) });
    for (let turn = 0; turn < 3; turn += 1) await kept.catchUp();
    expect(settled).toBe(1);
  });

  it("cannot be shown before anything is known, and says why", async () => {
    const down = new UpstreamError("soundtrack", "UNREACHABLE", "it cannot be reached");
    const kept = keptBy({ sweep: () => Promise.reject(down) });
    await expect(kept.ready()).rejects.toBe(down);
  });

  it("is shown as it is while it cannot be swept, which is not tried again at once", async () => {
    let [clock, tried] = [NOW, 0];
    const sweep = async () => {
      tried += 1;
      if (tried > 1) throw new Error("down");
      return clock;
    };
    const kept = keptBy({ sweep }, { now: () => clock });
    await kept.ready();
    clock += 60 * MINUTE_MS;
    for (let page = 0; page < 3; page += 1) expect(await kept.ready()).toEqual(new Date(NOW));
    expect(tried).toBe(2);
    clock += MINUTE_MS;
    await kept.ready();
    expect(tried).toBe(3);
  });

  it("keeps its time where a part could not be read", async () => {
    let [clock, asOf] = [NOW, NOW as number | undefined];
    const kept = keptBy({ sweep: async () => asOf }, { now: () => clock });
    await kept.ready();
    [clock, asOf] = [NOW + MINUTE_MS, undefined];
    await kept.catchUp();
    expect(await kept.ready()).toEqual(new Date(NOW));
  });

  it("leaves the rest of a sweep when it is closed", async () => {
    const begun = Promise.withResolvers<void>();
    let batches = 0;
    const kept = keptBy({
      async sweep(next) {
        for (; batches < 1000; batches += 1) {
          begun.resolve();
          await new Promise((done) => setImmediate(done));
          await next();
        }
        return NOW;
      },
    });
    const page = kept.catchUp();
    await begun.promise;
    await kept.close();
    await page;
    expect(batches).toBeLessThan(1000);
  });
});
