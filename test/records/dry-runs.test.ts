/** The transaction of a dry run: whose statements it gets, how long it is held, and what it leaves. */
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import { beginDryRun, dryRunHere, outsideDryRuns, runningOperation } from "../../subgraphs/platform/dry-run.ts";
import type { Database, Tx } from "../../subgraphs/records/database/database.ts";
import { withDryRuns } from "../../subgraphs/records/database/dry-runs.ts";
import { addPlaylistRequest } from "../../subgraphs/records/locations/store.ts";
import { createMutate } from "../../subgraphs/records/mutations/mutation.ts";
import { createTransact } from "../../subgraphs/records/mutations/transact.ts";
import { sweepRecords } from "../../subgraphs/records/worklists/sweeps.ts";
import { createWorklist } from "../../subgraphs/records/worklists/worklist.ts";
import { DATABASES } from "../support/database.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { NOW } from "../support/now.ts";
import { playlistRequest } from "../support/record-samples.ts";
import { recordsOver } from "../support/records.ts";

const context = backgroundContext(pino({ enabled: false }), "somebody");

describe.each(DATABASES)("a dry run (%s)", { timeout: 60_000 }, (kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await open();
    database = withDryRuns(opened.database);
  });
  afterAll(() => opened.close());

  const adding = (id: string) => (tx: Tx) => addPlaylistRequest(tx, playlistRequest(id));
  const isThere = async (id: string, over = database): Promise<boolean> =>
    (await recordsOver(over, () => NOW).playlistRequests.byIds([id]))[0] !== undefined;
  const trying = <T>(work: () => Promise<T>): Promise<T> =>
    runningOperation(() => {
      beginDryRun();
      return work();
    });

  it("sees what it has changed, and leaves nothing", async () => {
    const id = randomUUID();
    const seen = await trying(async () => {
      await database.transaction(adding(id));
      return isThere(id);
    });
    expect([seen, await isThere(id)]).toEqual([true, false]);
  });

  it("fails where it holds its transaction for too long, and lets others go on", async () => {
    const impatient = withDryRuns(opened.database, { atOnce: 1, holdMs: 1 });
    const id = randomUUID();
    const tried = trying(async () => {
      await impatient.transaction(adding(id));
      for (;;) {
        await isThere(id, impatient);
        await setImmediate();
      }
    });
    const [, others] = await Promise.allSettled([tried, impatient.transaction(async () => "done")]);
    expect(others).toEqual({ status: "fulfilled", value: "done" });
    await expect(tried).rejects.toMatchObject({ name: "UpstreamError", upstream: "database", failure: "TIMEOUT" });
    expect(await isThere(id)).toBe(false);
  });

  it("waits for its turn where enough are open", async () => {
    const narrow = withDryRuns(opened.database, { atOnce: 2, holdMs: 60_000 });
    let [holding, most] = [0, 0];
    const one = () =>
      trying(() =>
        narrow.transaction(async (tx) => {
          holding += 1;
          most = Math.max(most, holding);
          await adding(randomUUID())(tx);
          holding -= 1;
        }),
      );
    await Promise.all(Array.from({ length: 12 }, one));
    expect(most).toBeLessThanOrEqual(2);
    expect(await narrow.transaction(async () => "free")).toBe("free");
  });

  it("lists once what would be told, however often its changes are retried", async () => {
    let attempts = 0;
    const effects = await trying(async () => {
      await createTransact(database)(async () => {
        attempts += 1;
        dryRunHere()?.effects.push({ kind: "campaigns.status", subject: "campaign_1", at: null });
        if (attempts === 1) throw Object.assign(new Error("planted"), { code: "40001" });
      });
      return [...(dryRunHere()?.effects ?? [])];
    });
    expect([attempts, effects.length]).toEqual([2, 1]);
  });

  describe("with an idempotency key", () => {
    const mutating = (): ReturnType<typeof createMutate> => createMutate(database, createTransact(database), () => NOW);
    const commit = (id: string) => async () => async (tx: Tx) => {
      await adding(id)(tx);
      return { id };
    };

    it("is not joined by one that is tried at the same time: each sees what it made", async () => {
      const mutate = mutating();
      const input = { idempotencyKey: randomUUID(), dryRun: true };
      const one = () =>
        trying(async () => {
          const { id } = await mutate(context, "test", input, commit(randomUUID()));
          return isThere(id);
        });
      expect(await Promise.all([one(), one(), one()])).toEqual([true, true, true]);
    });

    it("is not joined by the mutation itself, which is done", async () => {
      const mutate = mutating();
      const idempotencyKey = randomUUID();
      const [, { id }] = await Promise.all([
        trying(() => mutate(context, "test", { idempotencyKey, dryRun: true }, commit(randomUUID()))),
        mutate(context, "test", { idempotencyKey }, commit(randomUUID())),
      ]);
      expect(await isThere(id)).toBe(true);
    });

    it("gives the first result where the mutation was done, and `dryRun: false` is no other input", async () => {
      const mutate = mutating();
      const idempotencyKey = randomUUID();
      const done = await mutate(context, "test", { idempotencyKey }, commit(randomUUID()));
      const again = { idempotencyKey, dryRun: false };
      expect(await mutate(context, "test", again, commit(randomUUID()))).toEqual(done);
      const tried = await trying(() => mutate(context, "test", { idempotencyKey, dryRun: true }, commit(randomUUID())));
      expect(tried).toEqual(done);
    });
  });

  it("begins nothing that is shared: a worklist that it finds too old is swept by what there is", async () => {
    const id = randomUUID();
    const name = `tried-${id}`;
    const sweeps = sweepRecords(database.db, name);
    const seen: boolean[] = [];
    const worklist = createWorklist(
      {
        name,
        sweep: async () => {
          seen.push(dryRunHere() !== undefined);
          return NOW;
        },
        isDue: async () => false,
        settle: async () => {},
        changedAt: () => 0,
      },
      { sweeps, intervalMs: 0, log: pino({ enabled: false }), now: () => NOW },
    );
    await trying(() => worklist.ready());
    expect(seen).toEqual([false]);
    expect((await outsideDryRuns(() => sweeps.last())).finishedAt).toEqual(new Date(NOW));
    await worklist.close();
  });

  it("is undone as a whole where it is over while it changes something", async () => {
    const hasty = withDryRuns(opened.database, { atOnce: 1, holdMs: 1 });
    const ids = Array.from({ length: 50 }, () => randomUUID());
    const tried = trying(() =>
      hasty.transaction(async (tx) => {
        for (const id of ids) {
          await adding(id)(tx);
          await setImmediate();
        }
      }),
    );
    await Promise.allSettled([tried]);
    expect(await Promise.all(ids.map((id) => isThere(id)))).toEqual(ids.map(() => false));
  });

  it.runIf(kind !== "embedded")("has no statement that comes after the end of its transaction", async () => {
    const late: Tx[] = [];
    let sent: Promise<unknown> | undefined;
    const id = randomUUID();
    const failing = opened.database.transaction(async (tx) => {
      late.push(tx);
      // At the same moment as the rollback, behind it.
      queueMicrotask(() => queueMicrotask(() => (sent = Promise.allSettled([adding(id)(tx)]))));
      throw new Error("planted");
    });
    await expect(failing).rejects.toThrow("planted");
    await sent;
    await expect(Promise.all(late.map((tx) => tx.execute("select 1")))).rejects.toThrow(/Failed query/);
    expect(await isThere(id)).toBe(false);
  });
});
