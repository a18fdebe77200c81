/** A PostgreSQL server that cuts connections, is gone, or cannot be opened. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { notify, openEventChannel } from "../../subgraphs/records/database/events.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { SERVER, asAdmin, createTestDatabase, hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { FOREIGN, effectiveSettings, writeDates } from "../support/session.ts";

const log = pino({ enabled: false });

describe.runIf(hasServer())("a PostgreSQL server that cuts connections", { timeout: 30_000 }, () => {
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
  /** Ends all connections except the administrator's. */
  const cut = (): Promise<void> =>
    asAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}'`);
  const one = async (): Promise<unknown> => (await database.db.execute(sql`select 1 as one`)).rows;

  it("fails the transactions in flight, and none that follow", async () => {
    const cutOff = Array.from({ length: 12 }, () =>
      database.transaction(async (tx) => {
        await tx.execute(sql`select pg_sleep(0.2)`);
        await cut();
        await tx.execute(sql`select 1`);
      }),
    );
    const results = await Promise.allSettled(cutOff);
    expect(results.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
    // More than the size of the pool, which shows that it has replaced every connection.
    const later = await Promise.all(
      Array.from({ length: 30 }, () => database.transaction(async (tx) => tx.execute(sql`select 1`))),
    );
    expect(later).toHaveLength(30);
    expect(await one()).toEqual([{ one: 1 }]);
  });

  it("is reconnected to by a listener, which gets later notifications once", async () => {
    const received: string[] = [];
    const channel = await openEventChannel(
      database,
      { publish: (event) => void received.push("id" in event ? event.id : event.kind) },
      log,
    );
    const tell = (...ids: readonly string[]): Promise<void> =>
      database.transaction((tx) =>
        notify(
          tx,
          ids.map((id) => ({ kind: "effectChanged", id })),
        ),
      );
    for (let time = 0; time < 3; time += 1) {
      await cut();
      await expect
        .poll(
          async () => {
            await tell(`ping-${time}`).catch(() => {});
            return received.includes(`ping-${time}`);
          },
          { timeout: 30_000, interval: 200 },
        )
        .toBe(true);
    }
    await tell("once", "last");
    await expect.poll(() => received).toContain("last");
    expect(received.filter((id) => id === "once")).toEqual(["once"]);
    expect(received.filter((each) => each === "missed")).toHaveLength(3);
    await channel?.close();
    await tell("late");
    expect(received).not.toContain("late");
  });

  it("is an unreachable upstream once the database is gone", async () => {
    const gone = await createTestDatabase();
    const open = await openDatabase({ url: gone.url, directory: "memory", log });
    await gone.drop();
    const failed = await open.transaction(async (tx) => tx.execute(sql`select 1`)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UpstreamError);
    expect(failed).toMatchObject({ upstream: "database", failure: "UNREACHABLE", retryable: true });
    await open.close();
  });
});

describe.runIf(hasServer())("a database whose sessions have the settings of somebody else", () => {
  it("is read and written with ours", async () => {
    const made = await createTestDatabase("empty");
    const name = new URL(made.url ?? "").pathname.slice(1);
    await asAdmin(...FOREIGN.map(([setting, value]) => `alter database ${name} set ${setting} = ${value}`));
    const database = await openDatabase({ url: made.url, directory: "memory", log });
    const ours = {
      DateStyle: "ISO, MDY",
      TimeZone: "UTC",
      IntervalStyle: "postgres",
      bytea_output: "hex",
      extra_float_digits: "1",
      search_path: "public",
      default_transaction_isolation: "read committed",
      default_transaction_deferrable: "off",
      array_nulls: "on",
      transform_null_equals: "off",
      statement_timeout: "15s",
      lock_timeout: "10s",
      transaction_isolation: "read committed",
      transaction_read_only: "off",
    };
    expect(await effectiveSettings(database.db)).toEqual(ours);
    expect(await database.transaction((tx) => effectiveSettings(tx))).toEqual(ours);
    expect(await writeDates(database, 24)).toBe(24);
    await database.close();
    await made.drop();
  });

  it("keeps what the URL's own options set", async () => {
    const made = await createTestDatabase("empty");
    const url = `${made.url}?options=${encodeURIComponent("-c work_mem=5MB -c DateStyle=German")}&application_name=mine`;
    const database = await openDatabase({ url, directory: "memory", log });
    const shown = sql`select current_setting('work_mem') as memory, current_setting('DateStyle') as dates,
      current_setting('application_name') as name`;
    const { rows } = await database.db.execute(shown);
    expect(rows).toEqual([{ memory: "5MB", dates: "ISO, MDY", name: "mine" }]);
    await database.close();
    await made.drop();
  });
});

describe("the error of a server that cannot be opened", () => {
  const urlWith = (change: (url: URL) => void): string => {
    const url = new URL(SERVER);
    url.password = "s3cret";
    change(url);
    return url.href;
  };
  const openingError = async (url: string): Promise<string> =>
    openDatabase({ url, directory: "memory", log }).then(
      () => expect.fail("it was opened"),
      (error: unknown) => String(error),
    );

  it("names its address without the password if nothing listens there", async () => {
    const message = await openingError(urlWith((url) => (url.port = "1")));
    expect(message).toMatch(/^Error: Cannot open the database at [\w.]+:1\/\w+ \(DATABASE_URL\): connect ECONNREFUSED/);
    expect(message).not.toContain("s3cret");
  });

  it("says what was waited for at a host that never answers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const failed = openingError(`postgres://root:s3cret@127.0.0.1:${port}/decibel`);
    await once(silent, "connection");
    await vi.advanceTimersByTimeAsync(5000);
    expect(await failed).toBe(
      `Error: Cannot open the database at 127.0.0.1:${port}/decibel (DATABASE_URL): no answer within 5 s of connecting; ` +
        "is the host the right one, and does a firewall let it through?",
    );
    vi.useRealTimers();
    silent.close();
  });

  it("says that what listens there is no PostgreSQL server", async () => {
    const other = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
    await once(other, "listening");
    expect(
      await openingError(`postgres://root:s3cret@127.0.0.1:${(other.address() as AddressInfo).port}/decibel`),
    ).toMatch(/\(DATABASE_URL\): it closed the connection without an answer; is it a PostgreSQL server\?$/);
    other.close();
  });

  it.runIf(hasServer())("names the missing database without the password", async () => {
    const message = await openingError(urlWith((url) => (url.pathname = "/no_such_database")));
    expect(message).toMatch(
      /Cannot open the database at .*\/no_such_database \(DATABASE_URL\): database "no_such_database" does not exist; create it, or name another one$/,
    );
    expect(message).not.toContain("s3cret");
  });

  it.runIf(hasServer())("names the unknown user without the password", async () => {
    const message = await openingError(urlWith((url) => (url.username = "nobody_here")));
    expect(message).toMatch(/Cannot open the database at .*: .*nobody_here/);
    expect(message).not.toContain("s3cret");
  });

  it("names the host that does not resolve without the password", async () => {
    const message = await openingError("postgres://root:s3cret@nowhere.invalid:5432/decibel");
    expect(message).toMatch(/Cannot open the database at nowhere\.invalid:5432\/decibel \(DATABASE_URL\): getaddrinfo/);
    expect(message).not.toContain("s3cret");
  });
});
