/** Look-ups by many ids and lists of many owners, on every store. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { addPlaylistRequest } from "../../subgraphs/records/locations/store.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import { seed } from "../../subgraphs/records/seed.ts";
import { createWorld, firstPartyOf } from "../../subgraphs/sandbox/world/world.ts";
import { playlistRequest } from "../support/record-samples.ts";
import { NOW } from "../support/now.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { whole } from "../support/whole.ts";

const firstParty = whole(firstPartyOf(createWorld({ scale: 1, now: new Date(NOW) }), () => true));
/** More than the parameters of one statement. */
const MANY = Array.from({ length: 70_000 }, (_none, nth) => `unknown-${nth}`);
const NOT_STORABLE = ["\0", "half \ud800 a pair"];

describe.each(DATABASES)("stores without a record for any of the ids (%s)", (_kind, open) => {
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

  const window = { limit: 10, after: undefined };
  it.each([
    ["no ids", []],
    ["70,000 ids", MANY],
    ["the ids that PostgreSQL cannot store", NOT_STORABLE],
  ])(
    "answer an empty result for each of %s",
    async (_what, ids) => {
      const missing = ids.map(() => undefined);
      const owned = [records.cases, records.sponsorships, records.playlistRequests];
      for (const kind of [...owned, records.listeners, records.evaluations, records.reviews]) {
        expect(await kind.byIds(ids)).toEqual(missing);
      }
      for (const kind of [records.campaigns, records.episodes, records.locations]) {
        expect(await kind.profiles(ids)).toEqual(missing);
      }
      for (const kind of owned) {
        expect(await kind.lists(ids, window)).toEqual(ids.map(() => []));
        expect(await kind.counts(ids)).toEqual(ids.map(() => 0));
      }
    },
    60_000,
  );

  it.each(NOT_STORABLE)("answer an empty result for a filter that PostgreSQL cannot store: %j", async (text) => {
    const after = { at: new Date(NOW), id: text };
    expect(await records.evaluations.list({ subject: text, model: text }, { limit: 1, after })).toEqual([]);
    expect(await records.evaluations.count({ subject: `listener_${text}` })).toBe(0);
    expect(await records.reviews.open({ queue: text }, { limit: 1, after })).toEqual([]);
    expect(await records.reviews.countOpen({ queue: text })).toBe(0);
    expect(await records.playlistRequests.lists(["unknown"], { limit: 1, after })).toEqual([[]]);
    await records.listeners.listeners({ after: text, limit: 1 });
  });

  it("align results with the ids, also for a repeated id", async () => {
    const [one, two] = firstParty.playlistRequests.map(({ id }) => id);
    const found = await records.playlistRequests.byIds([two ?? "", "unknown", one ?? "", two ?? ""]);
    expect(found.map((row) => row?.id)).toEqual([two, undefined, one, two]);
  });
});

describe.each(DATABASES)("lists by owner (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: Records;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = recordsOver(database, () => NOW);
  });
  afterAll(() => opened.close());

  const owner = `owner-${randomUUID()}`;
  const ids = Array.from({ length: 9 }, (_none, nth) => `${owner}-${nth}`);
  beforeAll(() =>
    // Three for each of three consecutive milliseconds.
    database.transaction(async (tx) => {
      for (const [nth, id] of ids.entries()) {
        await addPlaylistRequest(tx, {
          ...playlistRequest(id),
          locationId: owner,
          requestedAt: new Date(NOW + Math.floor(nth / 3)),
        });
      }
    }),
  );

  it("are newest first, of the same time the greater id first", async () => {
    const [list] = await records.playlistRequests.lists([owner], { limit: 100, after: undefined });
    expect(list?.map(({ id }) => id)).toEqual(ids.toReversed());
  });

  it.each([1, 2, 4, 9])("return every item once in pages of %d", async (limit) => {
    const seen: string[] = [];
    let after: { at: Date; id: string } | undefined;
    for (;;) {
      const [none, list = []] = await records.playlistRequests.lists(["unknown", owner], { limit, after });
      expect(none).toEqual([]);
      const last = list.at(-1);
      if (!last) break;
      seen.push(...list.map(({ id }) => id));
      after = { at: last.requestedAt, id: last.id };
    }
    expect(seen).toEqual(ids.toReversed());
    expect(await records.playlistRequests.counts(["unknown", owner, owner])).toEqual([0, 9, 9]);
  });
});
