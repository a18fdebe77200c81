/** Listeners, their consents and their engagement as they are stored. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import { seed } from "../../subgraphs/records/seed.ts";
import * as listenerTables from "../../subgraphs/records/listeners/tables.ts";
import { createWorld, firstPartyOf } from "../../subgraphs/sandbox/world/world.ts";
import { NOW } from "../support/now.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { whole } from "../support/whole.ts";

const DAY = 86_400_000;
const world = whole(createWorld({ scale: 1, now: new Date(NOW) }));
const firstParty = whole(firstPartyOf(world, () => true));

describe.each(DATABASES)("listeners (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: Records;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = recordsOver(database, () => NOW);
    await seed(database, firstParty);
  });
  afterAll(() => opened.close());

  it.each([undefined, "DE"])("are paged and counted by country: %s", async (country) => {
    const all = world.listeners.listeners.filter((one) => country === undefined || one.country === country);
    expect(await records.listeners.count(country)).toBe(all.length);
    const seen: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await records.listeners.listeners({ after, limit: 170, country });
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1)?.id;
    }
    expect(seen).toEqual(all.map(({ id }) => id).toSorted());
  });

  it("have engagement totals of the last thirty days only", async () => {
    const id = randomUUID();
    await database.db
      .insert(listenerTables.people)
      .values({ id, country: "SE", customerValue: "LOW", productsOwned: [] });
    const day = (ago: number) => new Date(NOW - ago * DAY).toISOString().slice(0, 10);
    await database.db.insert(listenerTables.engagement).values(
      [0, 1, 30, 31, 400].map((ago) => ({
        listenerId: id,
        day: day(ago),
        kind: "LISTEN" as const,
        count: 10 ** (ago % 7),
      })),
    );
    const counted = [0, 1, 30].reduce((sum, ago) => sum + 10 ** (ago % 7), 0);
    expect(await records.listeners.byIds([id])).toMatchObject([
      { engagement: { listens: counted, skips: 0, lastAt: null } },
    ]);
    const later = recordsOver(database, () => NOW + 2 * DAY);
    expect(await later.listeners.byIds([id])).toMatchObject([{ engagement: { listens: counted - 10 ** (30 % 7) } }]);
  });

  it("have consents in the order of their recording", async () => {
    const id = randomUUID();
    await database.db
      .insert(listenerTables.people)
      .values({ id, country: "SE", customerValue: "LOW", productsOwned: [] });
    for (const [nth, granted] of [true, false, true].entries()) {
      const recordedAt = new Date(NOW + nth);
      await database.db
        .insert(listenerTables.consents)
        .values({ listenerId: id, purpose: "MARKETING", granted, recordedAt, recordedBy: "x" });
    }
    const [found] = await records.listeners.byIds([id]);
    expect(found?.consents.map(({ granted }) => granted)).toEqual([true, false, true]);
  });
});
