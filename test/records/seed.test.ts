/** Initial records: seeded once, completely, and equal to the world they come from. */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import { seed } from "../../subgraphs/records/seed.ts";
import { caseWorklistRecords } from "../../subgraphs/records/campaigns/worklist.ts";
import * as campaignTables from "../../subgraphs/records/campaigns/tables.ts";
import { createWorld, firstPartyOf } from "../../subgraphs/sandbox/world/world.ts";
import { memoryRecords } from "../support/memory-records.ts";
import { NOW } from "../support/now.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { databaseError } from "../support/record-samples.ts";
import { whole } from "../support/whole.ts";

const world = whole(createWorld({ scale: 1, now: new Date(NOW) }));
const firstParty = whole(firstPartyOf(world, () => true));
const memory = memoryRecords(firstParty);

describe.each(DATABASES)("a seeded database (%s)", (_kind, open) => {
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
  const rowsOf = async (statement: SQL) => (await database.db.execute(statement)).rows;

  it("holds all records of the world", async () => {
    const campaignIds = firstParty.campaigns.map(({ campaignId }) => campaignId);
    expect(await records.campaigns.profiles(campaignIds)).toEqual(firstParty.campaigns);
    const episodeIds = firstParty.episodes.map(({ episodeId }) => episodeId);
    expect(await records.episodes.profiles(episodeIds)).toMatchObject(firstParty.episodes);
    const locationIds = firstParty.locations.map(({ locationId }) => locationId);
    expect(await records.locations.profiles(locationIds)).toMatchObject(firstParty.locations);
    const listenerIds = firstParty.listeners.map(({ id }) => id);
    expect(await records.listeners.byIds(listenerIds)).toMatchObject(await memory.listeners.byIds(listenerIds));
  });

  it("has the same lists by owner and counts as the records in memory", async () => {
    for (const kind of ["cases", "sponsorships", "playlistRequests"] as const) {
      const items = firstParty[kind];
      const owners = [
        ...new Set(items.map((item) => ("locationId" in item ? item.locationId : (item.campaignId ?? "")))),
      ];
      const [stored, expected] = [records[kind], memory[kind]];
      for (const limit of [1, 3, 100]) {
        const window = { limit, after: undefined };
        expect(idsOf(await stored.lists(owners, window))).toEqual(idsOf(await expected.lists(owners, window)));
      }
      expect(await stored.counts(owners)).toEqual(await expected.counts(owners));
      const ids = items.map(({ id }) => id);
      expect(await stored.byIds(ids)).toMatchObject(await expected.byIds(ids));
    }
    const unresolved = firstParty.cases.filter(({ status }) => status !== "RESOLVED");
    expect((await caseWorklistRecords(database.db).unresolved(100)).map(({ id }) => id)).toEqual(
      unresolved.map(({ id }) => id).toSorted(),
    );
  });

  it("does not get deleted records back when it is seeded again", async () => {
    const [profile] = firstParty.campaigns;
    await rowsOf(sql`delete from campaigns.profiles where campaign_id = ${profile?.campaignId}`);
    await seed(database, firstParty);
    expect(await records.campaigns.profiles([profile?.campaignId ?? ""])).toEqual([undefined]);
    if (profile) await database.db.insert(campaignTables.campaignProfiles).values(profile);
  });

  it("is seeded once by five concurrent calls", async () => {
    await rowsOf(sql`truncate campaigns.cases`);
    await Promise.all(Array.from({ length: 5 }, () => seed(database, firstParty)));
    expect(await rowsOf(sql`select count(*)::int as n from campaigns.cases`)).toEqual([{ n: firstParty.cases.length }]);
  });

  it("has the indexes that it was migrated with, by their names", async () => {
    const indexes = sql`select schemaname, tablename, indexname, indexdef from pg_indexes
      where schemaname in ('campaigns', 'episodes', 'listeners', 'locations') order by indexdef`;
    const migrated = await open();
    const made = await migrated.database.db.execute(indexes);
    await migrated.close();
    expect(await rowsOf(indexes)).toEqual(made.rows);
    expect(made.rows.length).toBeGreaterThan(15);
  });

  it("takes any text as it is", async () => {
    const [profile] = firstParty.campaigns;
    const competitors = ["a\tb", "c\nd\r", String.raw`\N`, String.raw`"{}\n,`, "", "null", "ünï"];
    const odd = {
      ...firstParty,
      campaigns: [{ ...profile, campaignId: "o\tdd", tier: "STANDARD" as const, competitors }],
    };
    await rowsOf(sql`delete from campaigns.profiles`);
    await seed(database, odd);
    expect(await records.campaigns.profiles(["o\tdd"])).toEqual(odd.campaigns);
    await rowsOf(sql`delete from campaigns.profiles`);
    await seed(database, firstParty);
  });

  it("stays empty if seeding fails", async () => {
    await rowsOf(sql`truncate campaigns.cases, locations.playlist_requests`);
    const twice = {
      ...firstParty,
      playlistRequests: [...firstParty.playlistRequests, ...firstParty.playlistRequests],
    };
    expect(await databaseError(seed(database, twice))).toMatch(/could not create unique index/);
    expect(await rowsOf(sql`select count(*)::int as n from campaigns.cases`)).toEqual([{ n: 0 }]);
    await seed(database, firstParty);
  });
});

function idsOf(lists: readonly (readonly { readonly id: string }[])[]): readonly (readonly string[])[] {
  return lists.map((list) => list.map(({ id }) => id));
}
