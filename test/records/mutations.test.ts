/** Mutations: atomic, and idempotent by key. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import type { Database, Tx } from "../../subgraphs/records/database/database.ts";
import { addPlaylistRequest } from "../../subgraphs/records/locations/store.ts";
import { createMutate } from "../../subgraphs/records/mutations/mutation.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import * as locationTables from "../../subgraphs/records/locations/tables.ts";
import { NOW } from "../support/now.ts";
import { createTransact } from "../../subgraphs/records/mutations/transact.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { databaseError, playlistRequest } from "../support/record-samples.ts";

const context = backgroundContext(pino({ enabled: false }), "somebody");
const another = backgroundContext(pino({ enabled: false }), "another");

describe.each(DATABASES)("mutations (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: Records;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = recordsOver(database, () => NOW);
  });
  afterAll(() => opened.close());

  /** Of a process of its own. */
  const mutate = (...args: Parameters<ReturnType<typeof createMutate>>) =>
    createMutate(database, createTransact(database), () => NOW)(...args);
  const adding = (id: string) => async () => async (tx: Tx) => {
    await addPlaylistRequest(tx, playlistRequest(id));
    return { id };
  };
  const exists = async (id: string): Promise<boolean> => (await records.playlistRequests.byIds([id]))[0] !== undefined;

  it("are executed once by fifty concurrent calls with one key", async () => {
    const input = { idempotencyKey: randomUUID(), text: "same" };
    const ids = Array.from({ length: 50 }, () => randomUUID());
    const made = await Promise.all(ids.map((id) => mutate(context, "test", input, adding(id))));
    const [first] = made;
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    const existing = await Promise.all(ids.map(exists));
    expect(ids.filter((_id, index) => existing[index])).toEqual([first?.["id"]]);
  });

  describe("with one key, concurrent in one process,", () => {
    const mutateHere = (...args: Parameters<typeof mutate>) => here(...args);
    let here: ReturnType<typeof createMutate>;
    beforeAll(() => {
      here = createMutate(database, createTransact(database), () => NOW);
    });

    it("are prepared once, and all get the result", async () => {
      const input = { idempotencyKey: randomUUID() };
      const prepare = vi.fn<() => ReturnType<ReturnType<typeof adding>>>(() => adding(randomUUID())());
      const made = await Promise.all(Array.from({ length: 20 }, () => mutateHere(context, "test", input, prepare)));
      expect(prepare).toHaveBeenCalledTimes(1);
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect(await mutateHere(context, "test", input, prepare)).toEqual(made[0]);
      expect(prepare).toHaveBeenCalledTimes(1);
    });

    it("all get the error, and leave their key unused", async () => {
      const input = { idempotencyKey: randomUUID() };
      const failure = new Error("planted");
      const prepare = vi.fn<() => Promise<never>>(() => Promise.reject(failure));
      const made = Array.from({ length: 20 }, () => mutateHere(context, "test", input, prepare));
      const outcomes = await Promise.allSettled(made);
      expect(outcomes).toEqual(outcomes.map(() => ({ status: "rejected", reason: failure })));
      expect(prepare).toHaveBeenCalledTimes(1);
      const id = randomUUID();
      expect(await mutateHere(context, "test", input, adding(id))).toEqual({ id });
    });

    it("are not joined with another caller, mutation or input, nor without a key", async () => {
      const input = { idempotencyKey: randomUUID() };
      const outcomes = await Promise.allSettled([
        mutateHere(context, "test", input, adding("one")),
        mutateHere(another, "test", input, adding("two")),
        mutateHere(context, "other", input, adding("three")),
        mutateHere(context, "test", {}, adding("four")),
        mutateHere(context, "test", {}, adding("five")),
      ]);
      expect(outcomes).toEqual(
        ["one", "two", "three", "four", "five"].map((id) => ({ status: "fulfilled", value: { id } })),
      );
      const idempotencyKey = randomUUID();
      const inputs = [
        { idempotencyKey, text: "a" },
        { idempotencyKey, text: "b" },
      ];
      const both = inputs.map((one) => mutateHere(context, "test", one, adding(randomUUID())));
      const statuses = (await Promise.allSettled(both)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual(["fulfilled", "rejected"]);
    });
  });

  it("are executed each time without a key", async () => {
    const ids = [randomUUID(), randomUUID()];
    for (const id of ids) await mutate(context, "test", { idempotencyKey: null }, adding(id));
    expect(await Promise.all(ids.map(exists))).toEqual([true, true]);
  });

  it("are repetitions only with the same caller, mutation and key", async () => {
    const idempotencyKey = randomUUID();
    const ids = [randomUUID(), randomUUID(), randomUUID()] as const;
    await mutate(context, "test", { idempotencyKey }, adding(ids[0]));
    await mutate(another, "test", { idempotencyKey }, adding(ids[1]));
    await mutate(context, "other", { idempotencyKey }, adding(ids[2]));
    expect(await Promise.all(ids.map(exists))).toEqual([true, true, true]);
  });

  it("refuse a key of another input, and ignore the order of its fields", async () => {
    const idempotencyKey = randomUUID();
    const at = new Date(NOW);
    const [input, reordered, other] = [
      { a: 1, at, none: null },
      { at, a: 1 },
      { a: 2, at },
    ];
    const first = await mutate(context, "test", { idempotencyKey, ...input }, adding(randomUUID()));
    expect(await mutate(context, "test", { ...reordered, idempotencyKey }, adding(randomUUID()))).toEqual(first);
    await expect(mutate(context, "test", { idempotencyKey, ...other }, adding(randomUUID()))).rejects.toMatchObject({
      message: "Cannot test: idempotencyKey was used for another input",
      extensions: { code: "BAD_USER_INPUT", fields: { idempotencyKey: ["was used for another input"] } },
    });
    await expect(mutate(context, "test", { idempotencyKey: "\0" }, adding(randomUUID()))).rejects.toMatchObject({
      message: "Cannot test: idempotencyKey must not hold NUL",
      extensions: { code: "BAD_USER_INPUT" },
    });
  });

  it("that fail leave no changes, and their key unused", async () => {
    const [id, idempotencyKey] = [randomUUID(), randomUUID()];
    const failing = mutate(context, "test", { idempotencyKey }, async () => async (tx) => {
      await addPlaylistRequest(tx, playlistRequest(id));
      throw new Error("planted");
    });
    await expect(failing).rejects.toThrow("planted");
    expect(await exists(id)).toBe(false);
    await expect(mutate(context, "test", { idempotencyKey }, () => Promise.reject(new Error("no")))).rejects.toThrow(
      "no",
    );
    await mutate(context, "test", { idempotencyKey }, adding(id));
    expect(await exists(id)).toBe(true);
  });

  it("are retried after a deadlock", async () => {
    let attempts = 0;
    const id = randomUUID();
    await mutate(context, "test", {}, async () => async (tx) => {
      await addPlaylistRequest(tx, playlistRequest(id));
      attempts += 1;
      if (attempts < 3)
        throw Object.assign(new Error("deadlock"), { cause: Object.assign(new Error("pg"), { code: "40P01" }) });
      return {};
    });
    expect([attempts, await exists(id)]).toEqual([3, true]);
  });

  it("roll back all changes of a failed transaction", async () => {
    const id = randomUUID();
    const failing = database.transaction(async (tx) => {
      await addPlaylistRequest(tx, playlistRequest(id));
      await addPlaylistRequest(tx, playlistRequest(id));
    });
    expect(await databaseError(failing)).toMatch(/duplicate key/);
    expect(await records.playlistRequests.byIds([id])).toEqual([undefined]);
    const rows = await database.db
      .select()
      .from(locationTables.playlistRequests)
      .where(eq(locationTables.playlistRequests.id, id));
    expect(rows).toEqual([]);
  });
});
