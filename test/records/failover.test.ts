/** A PostgreSQL server whose standby takes over, while the connections of a process stay open. */
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { listen } from "../../subgraphs/records/database/listener.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { reach } from "../../subgraphs/records/database/server.ts";
import { createTransact } from "../../subgraphs/records/mutations/transact.ts";
import { readableLog } from "../support/loans.ts";
import { freePort } from "../support/programs.ts";
import { hasPostgresPair, onServer, startPostgresPair } from "../support/postgres-pair.ts";
import type { PostgresPair } from "../support/postgres-pair.ts";
import { openSwitch } from "../support/switch.ts";
import type { Switch } from "../support/switch.ts";

const log = pino({ enabled: false });

describe.runIf(hasPostgresPair)("a PostgreSQL server that fails over", { timeout: 30_000 }, () => {
  let pair: PostgresPair;
  beforeAll(async () => {
    pair = await startPostgresPair();
    await onServer(pair.primary.port, "postgres", "create table written (id integer primary key)");
  });
  afterAll(() => pair.stop());

  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  });
  let last = 0;

  async function open(query = ""): Promise<{ database: Database; address: Switch }> {
    const address = await openSwitch(pair.primary.port);
    cleanups.push(() => address.close());
    const url = `postgres://root@localhost:${address.port}/postgres${query}`;
    const database = await openDatabase({ url, directory: "memory", log });
    cleanups.push(() => database.close());
    return { database, address };
  }
  /** Of several hosts. */
  const openAt = async (addresses: readonly { readonly port: number }[], query = ""): Promise<Database> => {
    const hosts = addresses.map(({ port }) => `localhost:${port}`).join(",");
    const database = await openDatabase({
      url: `postgres://root@${hosts}/postgres${query}`,
      directory: "memory",
      log,
    });
    cleanups.push(() => database.close());
    return database;
  };
  /** As a failover tool does with an old primary that it cannot stop. */
  const fence = async (fenced: "on" | "off"): Promise<void> => {
    const set = `alter system set default_transaction_read_only = ${fenced}`;
    await onServer(pair.primary.port, "postgres", set, "select pg_reload_conf()");
  };
  const write = (database: Database): Promise<unknown> => {
    last += 1;
    const id = last;
    return createTransact(database)((tx) => tx.execute(sql`insert into written values (${id})`));
  };
  const writes = async (database: Database, count: number): Promise<readonly unknown[]> => {
    const results = await Promise.allSettled(Array.from({ length: count }, () => write(database)));
    return results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  };

  it("gets no more writes on the connections to the old one, once its address leads to the new one", async () => {
    const { database, address } = await open();
    address.to(pair.standby.port);
    address.cut();
    const failures = await writes(database, 30);
    expect(failures).toHaveLength(30);
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(UpstreamError);
      expect(failure).toMatchObject({ upstream: "database", failure: "UNREACHABLE", retryable: true });
    }
    expect(String(failures.at(-1))).toContain("it only reads (25006)");
    await expect(database.assertWritable()).rejects.toThrow("Cannot ask database: it only reads (25006)");
    // Reads hold connections to the standby.
    await Promise.all(Array.from({ length: 10 }, () => database.db.execute(sql`select pg_sleep(0.05)`)));
    address.to(pair.primary.port);
    expect(await writes(database, 30)).toEqual([]);
    await database.assertWritable();
  });

  it("is written to again without a failed mutation, where only the connections had stayed behind", async () => {
    const { database, address } = await open();
    address.to(pair.standby.port);
    address.cut();
    await database.db.execute(sql`select 1`).catch(() => {});
    await Promise.all(Array.from({ length: 10 }, () => database.db.execute(sql`select pg_sleep(0.05)`)));
    address.to(pair.primary.port);
    expect(await writes(database, 10)).toEqual([]);
  });

  it("is not ready while it only reads, and the probe frees the connections", async () => {
    const { database, address } = await open();
    address.to(pair.standby.port);
    address.cut();
    await expect.poll(() => database.assertWritable().catch(String)).toContain("it only reads");
    address.to(pair.primary.port);
    await expect.poll(() => database.assertWritable().catch(String)).toBeUndefined();
    expect(await writes(database, 20)).toEqual([]);
  });

  it("cannot be opened at a standby, which the error says", async () => {
    const url = `postgres://root@localhost:${pair.standby.port}/postgres`;
    await expect(openDatabase({ url, directory: "memory", log })).rejects.toThrow(
      `Cannot open the database at localhost:${pair.standby.port}/postgres (DATABASE_URL): it is a standby, which only reads`,
    );
  });

  describe("whose operator has fenced the old primary", () => {
    afterEach(() => fence("off"));

    it("is not written to there, and can be retried", async () => {
      const { database } = await open();
      await write(database);
      await fence("on");
      await expect.poll(() => database.assertWritable().catch(String)).toContain("it only reads (25006)");
      for (const failure of await writes(database, 10)) {
        expect(failure).toBeInstanceOf(UpstreamError);
        expect(failure).toMatchObject({ failure: "UNREACHABLE", retryable: true });
        expect(String(failure)).toContain("it only reads (25006)");
      }
      await fence("off");
      await expect.poll(() => database.assertWritable().catch(String)).toBeUndefined();
      expect(await writes(database, 10)).toEqual([]);
    });

    it("cannot be opened there, which the error says", async () => {
      await fence("on");
      await expect
        .poll(() => open().catch(String))
        .toMatch(/\(DATABASE_URL\): it only reads, because default_transaction_read_only is on$/);
    });

    it("is no longer listened to there", async () => {
      const address = await openSwitch(pair.primary.port);
      cleanups.push(() => address.close());
      const server = await reach(`postgres://root@localhost:${address.port}/postgres`);
      const { log: readable, lines } = readableLog();
      let reconnected = 0;
      const listening = { channel: "moved", onNotification: () => {}, onReconnect: () => (reconnected += 1) };
      const listener = await listen(server, listening, readable, 20);
      cleanups.push(() => listener.close());
      await fence("on");
      await expect
        .poll(() => lines.map(({ msg }) => msg))
        .toContain("database listener lost its connection and reconnects");
      expect(reconnected).toBe(0);
      await fence("off");
      await expect.poll(() => reconnected, { timeout: 30_000 }).toBe(1);
    });
  });

  describe("with several hosts in its URL", () => {
    const both = async (): Promise<readonly [Switch, Switch]> => {
      const addresses = [await openSwitch(pair.standby.port), await openSwitch(pair.primary.port)] as const;
      for (const address of addresses) cleanups.push(() => address.close());
      return addresses;
    };
    it("is written to at the one that writes, whichever that is", async () => {
      const [first, second] = await both();
      const database = await openAt([{ port: await freePort() }, first, second], "?target_session_attrs=read-write");
      expect(await writes(database, 20)).toEqual([]);
      expect(first.openConnections()).toBe(0);
      // The other one takes over; the connections to the old one are not cut.
      second.to(pair.standby.port);
      first.to(pair.primary.port);
      second.cut();
      await expect.poll(() => writes(database, 20), { timeout: 30_000 }).toEqual([]);
      await database.assertWritable();
      await expect.poll(() => second.openConnections()).toBe(0);
    });

    it("cannot be opened where none writes, which the error says of each", async () => {
      const gone = await freePort();
      const { port } = pair.standby;
      await expect(openAt([{ port: gone }, pair.standby])).rejects.toThrow(
        `Cannot open the database at localhost:${gone}/postgres, localhost:${port}/postgres (DATABASE_URL): ` +
          `none of its hosts can be used (localhost:${gone}/postgres: connect ECONNREFUSED`,
      );
      await expect(openAt([{ port: gone }, pair.standby])).rejects.toThrow(/: it is a standby, which only reads\)$/);
    });
  });

  describe("with sslmode", () => {
    const encrypted = async (query: string): Promise<unknown> => {
      const { database } = await open(query);
      const { rows } = await database.db.execute(sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`);
      return rows[0]?.["ssl"];
    };

    it.each([
      ["", true],
      ["?sslmode=disable", false],
      ["?sslmode=allow", false],
      ["?sslmode=prefer", true],
      ["?sslmode=require", true],
      ["?ssl=true", true],
    ])("in '%s' is encrypted: %s", async (query, expected) => {
      expect(await encrypted(query)).toBe(expected);
    });

    it.each(["require", "verify-ca", "verify-full"])("%s accepts the authority that is given", async (mode) => {
      expect(await encrypted(`?sslmode=${mode}&sslrootcert=${pair.authority}`)).toBe(true);
    });

    it("verify-full compares the name, verify-ca does not", async () => {
      const at = (mode: string): Promise<Database> => {
        const query = `?sslmode=${mode}&sslrootcert=${pair.authority}`;
        const url = `postgres://root@127.0.0.1:${pair.primary.port}/postgres${query}`;
        return openDatabase({ url, directory: "memory", log });
      };
      await expect(at("verify-full")).rejects.toThrow(/IP: 127\.0\.0\.1 is not in the cert's list/);
      await (await at("verify-ca")).close();
    });

    it.each([
      ["verify-full", "self-signed certificate"],
      ["verify-ca", "DATABASE_URL has sslmode=verify-ca, which needs sslrootcert"],
      ["verify-ca&sslrootcert=/not/there", "DATABASE_URL has an sslrootcert that cannot be read: ENOENT"],
      ["require&sslrootcert=system", "DATABASE_URL has sslrootcert=system, which needs sslmode=verify-full"],
      [
        "on",
        "DATABASE_URL has sslmode=on, which is not one of disable, allow, prefer, require, verify-ca, verify-full",
      ],
    ])("%s is refused in one sentence", async (mode, reason) => {
      const error: unknown = await open(`?sslmode=${mode}`).catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(
        /^Error: Cannot open the database at localhost:\d+\/postgres \(DATABASE_URL\): [^\n]+$/,
      );
      expect(String(error)).toContain(reason);
    });

    it("require is refused by a server that cannot encrypt, prefer is not", async () => {
      await onServer(pair.primary.port, "postgres", "alter system set ssl = off", "select pg_reload_conf()");
      cleanups.push(() =>
        onServer(pair.primary.port, "postgres", "alter system set ssl = on", "select pg_reload_conf()"),
      );
      await expect(open("?sslmode=require")).rejects.toThrow("The server does not support SSL connections");
      expect(await encrypted("?sslmode=prefer")).toBe(false);
    });
  });

  // Last: there is no way back.
  it("goes on with the standby that was promoted after the primary was fenced, or has died", async () => {
    const { database, address } = await open();
    const ofBoth = await openAt([pair.primary, pair.standby]);
    expect(await writes(database, 5)).toEqual([]);
    expect(await writes(ofBoth, 5)).toEqual([]);
    await fence("on");
    await onServer(pair.primary.port, "postgres", "select pg_switch_wal()");
    await pair.promote();
    await expect.poll(() => writes(ofBoth, 20), { timeout: 30_000 }).toEqual([]);
    await pair.primary.program.stop("SIGKILL");
    const during = await writes(database, 5);
    for (const failure of during) expect(failure).toMatchObject({ failure: "UNREACHABLE", retryable: true });
    address.to(pair.standby.port);
    await expect.poll(() => database.assertWritable().catch(String)).toBeUndefined();
    expect(await writes(database, 20)).toEqual([]);
  });
});
