/** What holds for any database that Decibel keeps its records in. Everything here is run over each kind of them. */
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import { migrate as migratePg } from "drizzle-orm/node-postgres/migrator";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { PgTable } from "drizzle-orm/pg-core";
import { drizzle as drizzleLite } from "drizzle-orm/pglite";
import { migrate as migrateLite } from "drizzle-orm/pglite/migrator";
import { Client } from "pg";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Context } from "../../subgraphs/platform/context.ts";
import type { Evaluation } from "../../subgraphs/pipeline/ledger.ts";
import type { PlaylistRequestRecord } from "../../subgraphs/records/locations/types.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import type { Database, Tx } from "../../subgraphs/records/database/database.ts";
import { subscribe } from "../../subgraphs/records/database/events.ts";
import { addPlaylistRequest, putLicence, setPlaylistUri } from "../../subgraphs/records/locations/store.ts";
import { MIGRATIONS } from "../../subgraphs/records/database/migrate.ts";
import { createMutate } from "../../subgraphs/records/mutations/mutation.ts";
import { FinalError, handler } from "../../subgraphs/records/outbox/effect.ts";
import { openOutbox } from "../../subgraphs/records/outbox/outbox.ts";
import type { Attempt, EffectKind } from "../../subgraphs/records/outbox/effect.ts";
import type { Outbox } from "../../subgraphs/records/outbox/outbox.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import { closeReview, openReview } from "../../subgraphs/records/decisions/reviews.ts";
import { seed } from "../../subgraphs/records/seed.ts";
import * as campaignTables from "../../subgraphs/records/campaigns/tables.ts";
import * as decisionTables from "../../subgraphs/records/decisions/tables.ts";
import * as episodeTables from "../../subgraphs/records/episodes/tables.ts";
import * as listenerTables from "../../subgraphs/records/listeners/tables.ts";
import * as locationTables from "../../subgraphs/records/locations/tables.ts";
import * as mutationTables from "../../subgraphs/records/mutations/tables.ts";
import { createWorld, firstPartyOf } from "../../subgraphs/sandbox/world/world.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream.ts";
import { SERVER, createTestDatabase, hasServer } from "../support/database.ts";
import { memoryRecords } from "../support/memory-records.ts";
import { NOW } from "../support/now.ts";
import { setOutboxAhead } from "../support/outbox-clock.ts";
import { playlistRequestId } from "../../schema/id.ts";
import { moveFrom } from "../../subgraphs/records/database/move-from.ts";
import { createTransact } from "../../subgraphs/records/mutations/transact.ts";
import { playlistRequests } from "../../subgraphs/records/locations/tables.ts";

const DAY = 86_400_000;
const log = pino({ enabled: false });
const context: Context = { requestId: "test", caller: "somebody", log };
const world = createWorld({ scale: 1, now: new Date(NOW) });
const firstParty = firstPartyOf(world, () => true);
/** More than a statement has parameters. */
const MANY = Array.from({ length: 70_000 }, (_none, nth) => `nobody-${nth}`);
const NOT_STORABLE = ["\0", "half \ud800 a pair"];

interface Opened {
  readonly database: Database;
  close(): Promise<void>;
}

async function openMemory(): Promise<Opened> {
  const database = await openDatabase({ directory: "memory", log });
  return { database, close: () => database.close() };
}

async function openServer(): Promise<Opened> {
  const made = await createTestDatabase("empty");
  const { url = "" } = made;
  const database = await openDatabase({ url, directory: "memory", log });
  return {
    database,
    close: async () => {
      await database.close();
      await made.drop();
    },
  };
}

const kinds: readonly (readonly [string, () => Promise<Opened>])[] = [
  ["inside this process", openMemory],
  ...(hasServer() ? [["on a PostgreSQL server", openServer] as const] : []),
];

describe.each(kinds)("a database %s", (_kind, open) => {
  let opened: Opened;
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

  describe("that was seeded", () => {
    const memory = memoryRecords(firstParty);

    it("holds all of the world", async () => {
      const campaignIds = firstParty.campaigns.map(({ campaignId }) => campaignId);
      expect(await records.campaigns.profiles(campaignIds)).toEqual(firstParty.campaigns);
      const episodeIds = firstParty.episodes.map(({ episodeId }) => episodeId);
      expect(await records.episodes.profiles(episodeIds)).toMatchObject(firstParty.episodes);
      const locationIds = firstParty.locations.map(({ locationId }) => locationId);
      expect(await records.locations.profiles(locationIds)).toMatchObject(firstParty.locations);
      const listenerIds = firstParty.listeners.map(({ id }) => id);
      expect(await records.listeners.byIds(listenerIds)).toMatchObject(await memory.listeners.byIds(listenerIds));
    });

    it("has lists below owners, their parts and their counts as they are in memory", async () => {
      for (const kind of ["cases", "sponsorships", "playlistRequests"] as const) {
        const items = firstParty[kind];
        const owners = [
          ...new Set(items.map((item) => ("locationId" in item ? item.locationId : (item.campaignId ?? "")))),
        ];
        const [own, expected] = [records[kind], memory[kind]];
        for (const limit of [1, 3, 100]) {
          const part = { limit, after: undefined };
          expect(idsOf(await own.lists(owners, part))).toEqual(idsOf(await expected.lists(owners, part)));
        }
        expect(await own.counts(owners)).toEqual(await expected.counts(owners));
        const ids = items.map(({ id }) => id);
        expect(await own.byIds(ids)).toMatchObject(await expected.byIds(ids));
      }
      expect((await records.cases.open()).map(({ id }) => id).toSorted()).toEqual(
        (await memory.cases.open()).map(({ id }) => id).toSorted(),
      );
    });

    it("is not seeded again, whatever has become of it", async () => {
      const [known] = firstParty.campaigns;
      await rowsOf(sql`delete from campaigns.profiles where campaign_id = ${known?.campaignId}`);
      await seed(database, firstParty);
      expect(await records.campaigns.profiles([known?.campaignId ?? ""])).toEqual([undefined]);
      if (known) await database.db.insert(campaignTables.campaignProfiles).values(known);
    });

    it("is seeded by one of many who begin at the same time", async () => {
      await rowsOf(sql`truncate campaigns.cases`);
      await Promise.all(Array.from({ length: 5 }, () => seed(database, firstParty)));
      expect(await rowsOf(sql`select count(*)::int as n from campaigns.cases`)).toEqual([
        { n: firstParty.cases.length },
      ]);
    });

    it("is seeded whole, or not at all", async () => {
      await rowsOf(sql`truncate campaigns.cases, locations.playlist_requests`);
      const twice = {
        ...firstParty,
        playlistRequests: [...firstParty.playlistRequests, ...firstParty.playlistRequests],
      };
      expect(await refusal(seed(database, twice))).toMatch(/duplicate key/);
      expect(await rowsOf(sql`select count(*)::int as n from campaigns.cases`)).toEqual([{ n: 0 }]);
      await seed(database, firstParty);
    });
  });

  describe("that is asked for what nobody has written down", () => {
    const part = { limit: 10, after: undefined };
    it.each([
      ["nothing", []],
      ["70,000 ids", MANY],
      ["ids that cannot be stored", NOT_STORABLE],
    ])(
      "%s: says so of each",
      async (_what, ids) => {
        const nothing = ids.map(() => undefined);
        const below = [records.cases, records.sponsorships, records.playlistRequests];
        for (const kind of [...below, records.listeners, records.evaluations, records.reviews]) {
          expect(await kind.byIds(ids)).toEqual(nothing);
        }
        for (const kind of [records.campaigns, records.episodes, records.locations]) {
          expect(await kind.profiles(ids)).toEqual(nothing);
        }
        for (const kind of below) {
          expect(await kind.lists(ids, part)).toEqual(ids.map(() => []));
          expect(await kind.counts(ids)).toEqual(ids.map(() => 0));
        }
      },
      60_000,
    );

    it.each(NOT_STORABLE)("by a word that cannot be stored: %j", async (word) => {
      const after = { at: new Date(NOW), id: word };
      expect(await records.evaluations.list({ subject: word, model: word }, { limit: 1, after })).toEqual([]);
      expect(await records.evaluations.count({ subject: `listener_${word}` })).toBe(0);
      expect(await records.reviews.open(word, { limit: 1, after })).toEqual([]);
      expect(await records.reviews.countOpen(word)).toBe(0);
      expect(await records.playlistRequests.lists(["nobody"], { limit: 1, after })).toEqual([[]]);
      await records.listeners.listeners({ after: word, limit: 1 });
    });

    it("answers in the order of the ids, and an id asked for twice twice", async () => {
      const [one, two] = firstParty.playlistRequests.map(({ id }) => id);
      const found = await records.playlistRequests.byIds([two ?? "", "nobody", one ?? "", two ?? ""]);
      expect(found.map((row) => row?.id)).toEqual([two, undefined, one, two]);
    });
  });

  describe("whose lists below owners", () => {
    const owner = `owner-${randomUUID()}`;
    const ids = Array.from({ length: 9 }, (_none, nth) => `${owner}-${nth}`);
    beforeAll(() =>
      // Three of each moment, one millisecond apart.
      database.transaction(async (tx) => {
        for (const [nth, id] of ids.entries()) {
          await addPlaylistRequest(tx, {
            ...request(id),
            locationId: owner,
            requestedAt: new Date(NOW + Math.floor(nth / 3)),
          });
        }
      }),
    );

    it("are the newest first, and of one moment those of the greater id", async () => {
      const [list] = await records.playlistRequests.lists([owner], { limit: 100, after: undefined });
      expect(list?.map(({ id }) => id)).toEqual(ids.toReversed());
    });

    it.each([1, 2, 4, 9])("come %d at a time without loss", async (limit) => {
      const seen: string[] = [];
      let after: { at: Date; id: string } | undefined;
      for (;;) {
        const [none, list = []] = await records.playlistRequests.lists(["nobody", owner], { limit, after });
        expect(none).toEqual([]);
        const last = list.at(-1);
        if (!last) break;
        seen.push(...list.map(({ id }) => id));
        after = { at: last.requestedAt, id: last.id };
      }
      expect(seen).toEqual(ids.toReversed());
      expect(await records.playlistRequests.counts(["nobody", owner, owner])).toEqual([0, 9, 9]);
    });
  });

  describe("whose playlist requests and licences are written", () => {
    it("moves a request from where it is, once", async () => {
      const id = randomUUID();
      await database.transaction((tx) => addPlaylistRequest(tx, { ...request(id), status: "UNDECIDED" }));
      const moves = await Promise.allSettled(
        Array.from({ length: 10 }, () =>
          database.transaction((tx) =>
            moveFrom(tx, playlistRequests, {
              id,
              subject: playlistRequestId.encode(id),
              from: ["UNDECIDED"],
              to: { status: "APPROVED", evaluationId: "e" },
            }),
          ),
        ),
      );
      expect(moves.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(moves.find((move) => move.status === "rejected")?.reason).toMatchObject({
        message: `Cannot change playlist-request_${id}: somebody else has changed it meanwhile`,
        extensions: { code: "CONFLICT" },
      });
      expect(await records.playlistRequests.byIds([id])).toMatchObject([{ status: "APPROVED", evaluationId: "e" }]);
    });

    it("gives a request its playlist once", async () => {
      const id = randomUUID();
      await database.transaction((tx) => addPlaylistRequest(tx, request(id)));
      const set = (uri: string) => database.transaction((tx) => setPlaylistUri(tx, id, uri));
      expect([await set("spotify:playlist:1"), await set("spotify:playlist:2")]).toEqual([true, false]);
      expect(await records.playlistRequests.byIds([id])).toMatchObject([{ playlistUri: "spotify:playlist:1" }]);
    });

    it("keeps a request to the millisecond, with whatever it is called", async () => {
      const odd: PlaylistRequestRecord = {
        ...request(randomUUID()),
        title: `'"; drop table x; -- {"a"} \\ ${"é".repeat(3)} 🎧`,
        trackUris: ["a,b", 'c"d', "{}", "", "NULL"],
        startsAt: new Date("9999-12-31T23:59:59.999Z"),
        requestedAt: new Date("2026-03-10T12:00:00.123Z"),
      };
      await database.transaction((tx) => addPlaylistRequest(tx, odd));
      expect(await records.playlistRequests.byIds([odd.id])).toMatchObject([odd]);
    });

    it("has the licence that was recorded last", async () => {
      const recorded = { recordedBy: "a", recordedAt: new Date(NOW) };
      const put = (status: "ACTIVE" | "EXPIRED", expiresAt: Date | null) =>
        database.transaction((tx) =>
          putLicence(tx, "new location", { status, tier: "events", expiresAt, ...recorded }),
        );
      await put("ACTIVE", new Date(NOW));
      await put("EXPIRED", null);
      expect(await records.locations.profiles(["new location"])).toMatchObject([
        { storeType: "OTHER", openingHours: [], licence: { status: "EXPIRED", tier: "events", expiresAt: null } },
      ]);
    });
  });

  describe("whose listeners", () => {
    it.each([undefined, "DE"])("are paged and counted, of the country %s", async (country) => {
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

    it("have counted what they did in the last thirty days, and nothing before", async () => {
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

    it("have their consents in the order they were given", async () => {
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

  describe("whose ledger", () => {
    it("takes what comes again for what it is", async () => {
      const batch = Array.from({ length: 500 }, () => evaluation());
      await records.evaluations.write(batch);
      await records.evaluations.write([...batch, evaluation()]);
      expect(await records.evaluations.byIds(batch.map(({ id }) => id))).toEqual(batch);
      await records.evaluations.write([]);
    });

    it("takes facts that PostgreSQL does not, with something else in their place", async () => {
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

    it("keeps those out that it cannot take, and no others", async () => {
      const beyond = new Date(8.64e15);
      const [good, bad, fine] = [evaluation(), evaluation({ decidedAt: beyond }), evaluation()];
      expect(await refusal(records.evaluations.write([good, bad, fine]))).toMatch(/^Cannot ask database: it refused/);
      const found = await records.evaluations.byIds([good.id, fine.id]);
      expect(found.map((one) => one?.id)).toEqual([good.id, fine.id]);
    });

    it("knows a listener by a pseudonym alone, and by none once that is gone", async () => {
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

    it("is listed by subject and by model, the newest first, without loss", async () => {
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
      expect(await refusal(rowsOf(statement))).toBe(
        `the ledger is append-only: ${name} of decisions.evaluations is refused`,
      );
    });
  });

  describe("whose reviews", () => {
    const opening = async (queue: string, openedAt = new Date(NOW)): Promise<string> => {
      const one = evaluation();
      await records.evaluations.write([one]);
      const review = { kind: "test", subject: "test_1", queue, evaluationId: one.id, openedAt };
      return database.transaction((tx) => openReview(tx, review));
    };
    const closing = (id: string, reviewer: string) =>
      database.transaction((tx) =>
        closeReview(tx, id, { verdict: "ALLOW", note: "seen", reviewer, resolvedAt: new Date(NOW) }),
      );

    it("are listed while they are open, the oldest first", async () => {
      const queue = randomUUID();
      const ids = [await opening(queue, new Date(NOW + 5)), await opening(queue, new Date(NOW)), await opening(queue)];
      const expected = [...ids.slice(1).toSorted(), ids[0]];
      const all = await records.reviews.open(queue, { limit: 9, after: undefined });
      expect(all.map(({ id }) => id)).toEqual(expected);
      const [first] = all;
      const rest = await records.reviews.open(queue, {
        limit: 9,
        after: first && { at: first.openedAt, id: first.id },
      });
      expect(rest.map(({ id }) => id)).toEqual(expected.slice(1));
      await closing(ids[0] ?? "", "a");
      expect(await records.reviews.countOpen(queue)).toBe(2);
      expect(await records.reviews.countOpen(undefined)).toBeGreaterThanOrEqual(2);
    });

    it("are closed by one of fifty who try at the same time", async () => {
      const id = await opening("crowd");
      const closed = await Promise.all(Array.from({ length: 50 }, (_none, nth) => closing(id, `reviewer ${nth}`)));
      const winners = closed.filter((one) => one !== undefined);
      expect(winners).toHaveLength(1);
      expect(await records.reviews.byIds([id])).toEqual(winners);
    });

    it("cannot be about an evaluation that is not in the ledger", async () => {
      const review = { kind: "test", subject: "test_1", queue: "q", evaluationId: "nothing", openedAt: new Date(NOW) };
      expect(await refusal(database.transaction((tx) => openReview(tx, review)))).toMatch(/foreign key/);
    });
  });

  describe("whose mutations", () => {
    const mutate = (...args: Parameters<ReturnType<typeof createMutate>>) =>
      createMutate(database, createTransact(database), () => NOW)(...args);
    const adding = (id: string) => async () => async (tx: Tx) => {
      await addPlaylistRequest(tx, request(id));
      return { id };
    };
    const isThere = async (id: string): Promise<boolean> =>
      (await records.playlistRequests.byIds([id]))[0] !== undefined;

    it("are done once by fifty with one key at the same time", async () => {
      const input = { idempotencyKey: randomUUID(), text: "same" };
      const ids = Array.from({ length: 50 }, () => randomUUID());
      const made = await Promise.all(ids.map((id) => mutate(context, "test", input, adding(id))));
      const [first] = made;
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      const there = await Promise.all(ids.map(isThere));
      expect(ids.filter((_id, index) => there[index])).toEqual([first?.["id"]]);
    });

    it("are each done where there is no key", async () => {
      const ids = [randomUUID(), randomUUID()];
      for (const id of ids) await mutate(context, "test", { idempotencyKey: null }, adding(id));
      expect(await Promise.all(ids.map(isThere))).toEqual([true, true]);
    });

    it("are known by caller, mutation and key, and by no less", async () => {
      const idempotencyKey = randomUUID();
      const ids = [randomUUID(), randomUUID(), randomUUID()] as const;
      await mutate(context, "test", { idempotencyKey }, adding(ids[0]));
      await mutate({ ...context, caller: "another" }, "test", { idempotencyKey }, adding(ids[1]));
      await mutate(context, "other", { idempotencyKey }, adding(ids[2]));
      expect(await Promise.all(ids.map(isThere))).toEqual([true, true, true]);
    });

    it("refuse a key that was used for another input, in whatever order its fields come", async () => {
      const idempotencyKey = randomUUID();
      const at = new Date(NOW);
      const [one, turned, other] = [
        { a: 1, at, none: null },
        { at, a: 1 },
        { a: 2, at },
      ];
      const first = await mutate(context, "test", { idempotencyKey, ...one }, adding(randomUUID()));
      expect(await mutate(context, "test", { ...turned, idempotencyKey }, adding(randomUUID()))).toEqual(first);
      await expect(mutate(context, "test", { idempotencyKey, ...other }, adding(randomUUID()))).rejects.toMatchObject({
        message: "Cannot test: idempotencyKey was used for another input",
        extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
      });
      await expect(mutate(context, "test", { idempotencyKey: "\0" }, adding(randomUUID()))).rejects.toMatchObject({
        message: "Cannot test: idempotencyKey must not hold NUL",
        extensions: { code: "BAD_USER_INPUT" },
      });
    });

    it("that fail leave nothing behind, and their key unused", async () => {
      const [id, idempotencyKey] = [randomUUID(), randomUUID()];
      const failing = mutate(context, "test", { idempotencyKey }, async () => async (tx) => {
        await addPlaylistRequest(tx, request(id));
        throw new Error("thought better of it");
      });
      await expect(failing).rejects.toThrow("thought better of it");
      expect(await isThere(id)).toBe(false);
      await expect(mutate(context, "test", { idempotencyKey }, () => Promise.reject(new Error("no")))).rejects.toThrow(
        "no",
      );
      await mutate(context, "test", { idempotencyKey }, adding(id));
      expect(await isThere(id)).toBe(true);
    });

    it("are done again where two stood in each other's way", async () => {
      let tries = 0;
      const id = randomUUID();
      await mutate(context, "test", {}, async () => async (tx) => {
        await addPlaylistRequest(tx, request(id));
        tries += 1;
        if (tries < 3)
          throw Object.assign(new Error("deadlock"), { cause: Object.assign(new Error("pg"), { code: "40P01" }) });
        return {};
      });
      expect([tries, await isThere(id)]).toEqual([3, true]);
    });
  });

  describe("whose events", () => {
    it("are heard after what they tell of was committed, in that order, and not where it was not", async () => {
      const heard: string[] = [];
      const listening = await subscribe(database, "decisionMade", (id) => heard.push(id));
      try {
        const all = Array.from({ length: 250 }, () => evaluation());
        await records.evaluations.write(all);
        await expect.poll(() => heard.length).toBe(250);
        expect(heard).toEqual(all.map(({ id }) => id));
        await records.evaluations.write(all.slice(0, 3));
        const [undone, last] = [evaluation(), evaluation()];
        await database
          .transaction(async (tx) => {
            await tx.execute(sql`select pg_notify('decision_made', ${undone.id})`);
            throw new Error("undone");
          })
          .catch(() => {});
        await records.evaluations.write([last]);
        await expect.poll(() => heard.at(-1)).toBe(last.id);
        expect(heard).toHaveLength(251);
      } finally {
        await listening.close();
      }
      await records.evaluations.write([evaluation()]);
      expect(heard).toHaveLength(251);
    });

    it("tell of reviews that were opened", async () => {
      const heard: string[] = [];
      const listening = await subscribe(database, "reviewOpened", (id) => heard.push(id));
      const one = evaluation();
      await records.evaluations.write([one]);
      const review = { kind: "test", subject: "s", queue: "q", evaluationId: one.id, openedAt: new Date(NOW) };
      const id = await database.transaction((tx) => openReview(tx, review));
      await expect.poll(() => heard).toEqual([id]);
      await listening.close();
    });
  });

  describe("whose outbox", () => {
    const KIND: EffectKind<{ readonly n: number }> = { name: "campaigns.test", data: z.object({ n: z.number() }) };
    const done: (readonly [subject: string, n: number])[] = [];
    const failed: (readonly [subject: string, n: number])[] = [];
    let perform: (attempt: Attempt<{ readonly n: number }>) => Promise<void> = async () => {};
    let outbox: Outbox;

    beforeAll(async () => {
      outbox = await openOutbox({ database, log, queues: ["campaigns"], retries: { limit: 2, delaySeconds: 0 } });
      await outbox.work("campaigns", [
        handler({
          kind: KIND,
          async perform(attempt) {
            await perform(attempt);
            done.push([attempt.subject, attempt.data.n]);
          },
          failed: async ({ subject, data }) => void failed.push([subject, data.n]),
        }),
      ]);
    });
    afterAll(() => outbox.close());
    const of = (subject: string) => done.filter(([one]) => one === subject).map(([, n]) => n);
    const send = (subject: string, n: number, at?: Date) =>
      database.transaction((tx) => outbox.send(tx, KIND, { subject, data: { n }, at }));
    const idle = async (): Promise<void> => {
      await expect.poll(() => outbox.isIdle(), { timeout: 9000 }).toBe(true);
    };

    it("carries out what was committed, and nothing that was not", async () => {
      const [kept, undone] = [randomUUID(), randomUUID()];
      await send(kept, 1);
      await database
        .transaction(async (tx) => {
          await outbox.send(tx, KIND, { subject: undone, data: { n: 1 } });
          throw new Error("undone");
        })
        .catch(() => {});
      await expect.poll(() => of(kept), { timeout: 9000 }).toEqual([1]);
      await idle();
      expect(of(undone)).toEqual([]);
    });

    it("carries out the effects on one subject one at a time, in the order they were sent, also in one transaction", async () => {
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
      await expect.poll(() => of(subject), { timeout: 30_000 }).toEqual([1, 2, 3, 4, 5, 6, 7]);
      perform = async () => {};
    }, 40_000);

    it("tries again what failed for now, and what is behind it only then", async () => {
      const subject = randomUUID();
      let tries = 0;
      perform = async ({ data: { n } }) => {
        if (n === 1 && (tries += 1) < 3) throw new Error("not now");
      };
      await send(subject, 1);
      await send(subject, 2);
      await expect.poll(() => of(subject), { timeout: 20_000 }).toEqual([1, 2]);
      expect(tries).toBe(3);
      expect(failed.filter(([one]) => one === subject)).toEqual([]);
      perform = async () => {};
    }, 30_000);

    it.each([
      ["after the last try", () => new Error("never"), 3],
      ["at once, where the upstream said no", () => new UpstreamError("test", "STATUS", "no", { status: 403 }), 1],
      ["at once, where only a person can help", () => new FinalError("gone"), 1],
    ])(
      "gives up %s, and holds up what is behind it, and no other subject",
      async (_when, error, expected) => {
        const [subject, another] = [randomUUID(), randomUUID()];
        let tries = 0;
        perform = async (attempt) => {
          if (attempt.subject !== subject || attempt.data.n !== 1) return;
          tries += 1;
          throw error();
        };
        await send(subject, 1);
        await send(subject, 2);
        await send(another, 1);
        await expect.poll(() => failed.filter(([one]) => one === subject), { timeout: 20_000 }).toEqual([[subject, 1]]);
        await expect.poll(() => of(another), { timeout: 9000 }).toEqual([1]);
        await idle();
        expect([tries, of(subject)]).toEqual([expected, []]);
        perform = async () => {};
        const [job] = await rowsOf(
          sql`select id from outbox.job where singleton_key = ${subject} and state = 'failed'`,
        );
        await outbox.retry("campaigns", String(job?.["id"]));
        await expect.poll(() => of(subject), { timeout: 20_000 }).toEqual([1, 2]);
      },
      60_000,
    );

    it("carries out a scheduled effect at its time, and counts as idle until then", async () => {
      const [subject, another] = [randomUUID(), randomUUID()];
      await send(subject, 1, new Date(Date.now() + 3_600_000));
      await send(another, 1);
      await expect.poll(() => of(another), { timeout: 9000 }).toEqual([1]);
      expect(await outbox.isIdle()).toBe(true);
      await setOutboxAhead(database, 3_590_000);
      expect(await outbox.isIdle()).toBe(true);
      expect(of(subject)).toEqual([]);
      await setOutboxAhead(database, 3_600_000);
      await expect.poll(() => of(subject), { timeout: 9000 }).toEqual([1]);
      await setOutboxAhead(database, 0);
    }, 20_000);
  });

  it("has the tables that this code expects, column by column", async () => {
    const tables = [campaignTables, decisionTables, episodeTables, listenerTables, locationTables, mutationTables]
      .flatMap((module): unknown[] => Object.values(module))
      .filter(
        (one): one is PgTable => typeof one === "object" && one !== null && Symbol.for("drizzle:IsDrizzleTable") in one,
      )
      .map((table) => getTableConfig(table));
    const expected = tables.flatMap(({ schema, name, columns }) =>
      columns.map(
        (column) =>
          `${schema}.${name}.${snake(column.name)} ${column.getSQLType().replace("serial", "integer").replace(" (", "(")}${column.notNull ? " not null" : ""}`,
      ),
    );
    const found = await rowsOf(
      sql`select n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || case when a.attnotnull then ' not null' else '' end as said
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            and n.nspname = any(${sql.param([...new Set(tables.map(({ schema }) => schema))])}::text[])`,
    );
    expect(found.map(({ said }) => String(said)).toSorted()).toEqual(expected.toSorted());
    expect(tables.length).toBeGreaterThan(15);
  });

  it("undoes a transaction whole", async () => {
    const id = randomUUID();
    const failing = database.transaction(async (tx) => {
      await addPlaylistRequest(tx, request(id));
      await addPlaylistRequest(tx, request(id));
    });
    expect(await refusal(failing)).toMatch(/duplicate key/);
    expect(await records.playlistRequests.byIds([id])).toEqual([undefined]);
    const rows = await database.db
      .select()
      .from(locationTables.playlistRequests)
      .where(eq(locationTables.playlistRequests.id, id));
    expect(rows).toEqual([]);
  });
});

describe("a database of an earlier version", () => {
  it.runIf(hasServer())(
    "on a server is requireFacts forward by one of all who open it, and keeps what it has",
    async () => {
      const made = await createTestDatabase("empty");
      const { url = "" } = made;
      const first = await firstMigration();
      const client = new Client({ connectionString: url });
      await client.connect();
      await migratePg(drizzlePg({ client }), { ...MIGRATIONS, migrationsFolder: first });
      await client.query(OLD_ROW);
      await client.end();
      const all = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ url, directory: "memory", log })));
      expect(all).toHaveLength(4);
      await isForward(all[0] as Database);
      for (const one of all) await one.close();
      await made.drop();
      await rm(first, { recursive: true });
    },
  );

  it("in a folder is requireFacts forward, and had by one process at a time", async () => {
    const directory = await mkdtemp(join(tmpdir(), "decibel-records-"));
    const first = await firstMigration();
    const pglite = await PGlite.create({ dataDir: join(directory, "postgres") });
    await migrateLite(drizzleLite({ client: pglite }), { ...MIGRATIONS, migrationsFolder: first });
    await pglite.exec(OLD_ROW);
    await pglite.close();
    const lock = join(directory, "process");

    // A process that lives, and is not this one.
    await writeFile(lock, String(process.ppid));
    await expect(openDatabase({ directory, log })).rejects.toThrow(
      `Cannot open the database in ${directory}: process ${process.ppid} is using it; stop that process, set DATA_DIR to another ` +
        `folder, or set DATABASE_URL to a server that processes can share (if ${process.ppid} is not Decibel, delete ${lock})`,
    );
    // One that is gone without a word.
    await writeFile(lock, "999999999");
    const database = await openDatabase({ directory, log });
    expect(await readFile(lock, "utf8")).toBe(String(process.pid));
    await expect(openDatabase({ directory, log })).rejects.toThrow(`process ${process.pid} is using it`);
    await isForward(database);
    await database.close();
    await expect(readFile(lock, "utf8")).rejects.toThrow("ENOENT");
    const again = await openDatabase({ directory, log });
    await isForward(again);
    await again.close();
    await rm(directory, { recursive: true });
    await rm(first, { recursive: true });
  }, 60_000);

  const OLD_ROW = `insert into decisions.evaluations values
    ('old', 'm', '1', 's', '{}', 'd', '[]', 'ALLOW', 'SERVICE', '2026-01-01', '2026-01-02', 'x')`;

  async function isForward(database: Database): Promise<void> {
    const { evaluations } = recordsOver(database, () => NOW);
    expect(await evaluations.byIds(["old"])).toMatchObject([{ id: "old", verdict: "ALLOW" }]);
    expect(await refusal(database.db.execute(sql`delete from decisions.evaluations`))).toMatch(/append-only/);
    expect(await evaluations.byIds(["old"])).toMatchObject([{ id: "old" }]);
  }

  /** A folder of migrations as it was when there was one. */
  async function firstMigration(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "decibel-migrations-"));
    await cp(MIGRATIONS.migrationsFolder, folder, { recursive: true });
    const path = join(folder, "meta/_journal.json");
    const journal = JSON.parse(await readFile(path, "utf8")) as { entries: unknown[] };
    await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }));
    return folder;
  }
});

describe("a server that cannot be used", () => {
  const at = (change: (url: URL) => void): string => {
    const url = new URL(SERVER);
    url.password = "s3cret";
    change(url);
    return url.href;
  };
  const opening = async (url: string): Promise<string> =>
    openDatabase({ url, directory: "memory", log }).then(
      () => expect.fail("it was opened"),
      (error: unknown) => String(error),
    );

  it("since nobody listens there is named, without its password", async () => {
    const said = await opening(at((url) => (url.port = "1")));
    expect(said).toMatch(/^Error: Cannot open the database at [\w.]+:1\/\w+: connect ECONNREFUSED/);
    expect(said).not.toContain("s3cret");
  });

  it.runIf(hasServer())("since it has no such database is named, without its password", async () => {
    const said = await opening(at((url) => (url.pathname = "/no_such_database")));
    expect(said).toMatch(
      /Cannot open the database at .*\/no_such_database: database "no_such_database" does not exist/,
    );
    expect(said).not.toContain("s3cret");
  });

  it.runIf(hasServer())("since it does not know the user is named, without its password", async () => {
    const said = await opening(at((url) => (url.username = "nobody_here")));
    expect(said).toMatch(/Cannot open the database at .*: .*nobody_here/);
    expect(said).not.toContain("s3cret");
  });

  it("since its address is none is named, without its password", async () => {
    const said = await opening("postgres://root:s3cret@nowhere.invalid:5432/decibel");
    expect(said).toMatch(/Cannot open the database at nowhere\.invalid:5432\/decibel: getaddrinfo/);
    expect(said).not.toContain("s3cret");
  });
});

function idsOf(lists: readonly (readonly { readonly id: string }[])[]): readonly (readonly string[])[] {
  return lists.map((list) => list.map(({ id }) => id));
}

function request(id: string): PlaylistRequestRecord {
  return {
    id,
    locationId: "somewhere",
    title: "A title",
    usage: "EVENT",
    trackUris: [],
    explicitTracks: 0,
    brandGuidelines: null,
    brandFit: null,
    startsAt: null,
    endsAt: null,
    status: "APPROVED",
    playlistUri: null,
    requestedBy: "somebody",
    requestedAt: new Date(NOW),
  };
}

function evaluation(more: Partial<Evaluation> = {}): Evaluation {
  return {
    id: randomUUID(),
    model: "some_model",
    version: "1",
    subject: "campaign_1",
    facts: { age: 30, tags: ["a", "b"], known: true, nothing: null },
    factsDigest: "digest",
    rows: [{ verdict: "ALLOW", reason: "Fine", priority: 1 }],
    verdict: "ALLOW",
    origin: "SERVICE",
    decidedAt: new Date(NOW),
    expiresAt: new Date(NOW + 1000),
    requestedBy: "somebody",
    ...more,
  };
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What the database itself said. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => expect.fail("nothing was refused"),
    (reason: unknown) => reason,
  );
  const said = (one: unknown): string =>
    one instanceof Error ? (one.cause === undefined ? one.message : said(one.cause)) : String(one);
  return said(error);
}
