/** What is left of a process whose PostgreSQL server cuts it off: all of it. */
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { notify, subscribe } from "../../subgraphs/records/database/events.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream.ts";
import { asAdmin, createTestDatabase, hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

const log = pino({ enabled: false });

describe.runIf(hasServer())("a PostgreSQL server that cuts connections", { timeout: 20_000 }, () => {
  let made: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    made = await createTestDatabase();
    database = await openDatabase({ url: made.url, directory: "memory", log });
  });
  afterAll(async () => {
    await database.close();
    await made.drop();
  });
  const name = (): string => new URL(made.url ?? "").pathname.slice(1);
  /** Everybody's but the administrator's. */
  const cut = (): Promise<void> =>
    asAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}'`);
  const one = async (): Promise<unknown> => (await database.db.execute(sql`select 1 as one`)).rows;

  it("in the middle of transactions fails those, and the next ones go on", async () => {
    const cutOff = Array.from({ length: 12 }, () =>
      database.transaction(async (tx) => {
        await tx.execute(sql`select pg_sleep(0.2)`);
        await cut();
        await tx.execute(sql`select 1`);
      }),
    );
    const results = await Promise.allSettled(cutOff);
    expect(results.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
    // More than the pool holds: none of its connections is lost for good.
    const again = await Promise.all(
      Array.from({ length: 30 }, () => database.transaction(async (tx) => tx.execute(sql`select 1`))),
    );
    expect(again).toHaveLength(30);
    expect(await one()).toEqual([{ one: 1 }]);
  });

  it("is listened to again, and everything it says is heard once", async () => {
    const heard: string[] = [];
    const listening = await subscribe(database, "reviewOpened", (id) => heard.push(id));
    for (let time = 0; time < 3; time += 1) {
      await cut();
      await expect
        .poll(
          async () => {
            await database.transaction((tx) => notify(tx, "reviewOpened", [`ping-${time}`])).catch(() => {});
            return heard.includes(`ping-${time}`);
          },
          { timeout: 6000, interval: 200 },
        )
        .toBe(true);
    }
    await database.transaction((tx) => notify(tx, "reviewOpened", ["once", "last"]));
    await expect.poll(() => heard).toContain("last");
    expect(heard.filter((id) => id === "once")).toEqual(["once"]);
    await listening.close();
    await database.transaction((tx) => notify(tx, "reviewOpened", ["nobody"]));
    expect(heard).not.toContain("nobody");
  });

  it("and cannot be reached any more is an upstream that is away", async () => {
    const gone = await createTestDatabase();
    const there = await openDatabase({ url: gone.url, directory: "memory", log });
    await gone.drop();
    const failed = await there.transaction(async (tx) => tx.execute(sql`select 1`)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UpstreamError);
    expect(failed).toMatchObject({ upstream: "database", failure: "UNREACHABLE", retryable: true });
    await there.close();
  });
});
