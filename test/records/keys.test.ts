/** API keys: issued, listed and revoked by `npm run keys`, and found by every process until they are revoked. */
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCOPES } from "../../schema/scope.ts";
import { digestOf, isApiKey } from "../../subgraphs/platform/api-key.ts";
import { keysCommand, keysRequest } from "../../subgraphs/records/access/keys.ts";
import { openKeyLookup } from "../../subgraphs/records/access/lookup.ts";
import { apiKeys } from "../../subgraphs/records/access/tables.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { DATABASES, hasServer, openTwice } from "../support/database.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { NOW } from "../support/now.ts";

const log = pino({ enabled: false });
const DAY_MS = 86_400_000;
const ISSUE = ["issue", "--name", "portal", "--scopes", "eligibility:read graph:read"];

/** The key, and its id. */
async function issue(database: Database, ...more: readonly string[]) {
  const [key = "", , line = ""] = (await keysCommand(database, [...ISSUE, ...more], () => NOW)).split("\n");
  return { key, id: line.split("  ")[0] ?? "", line };
}

describe.each(DATABASES)("npm run keys (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
  });
  afterAll(() => opened.close());

  it("issues a key that is shown once, and kept nowhere", async () => {
    const { key, id, line } = await issue(database, "--accounts", "Nordic Coffee, acme", "--expires", "30");
    expect(isApiKey(key)).toBe(true);
    const until = new Date(NOW + 30 * DAY_MS).toISOString();
    const shown = `${id}  ${new Date(NOW).toISOString()}  portal  eligibility:read graph:read  accounts Nordic Coffee, acme  until ${until}`;
    expect(line).toBe(shown);
    expect(await keysCommand(database, ["list"], () => NOW)).toBe(`1 issued\n${shown}`);
    expect(await keysCommand(database, ["list"], () => NOW + 31 * DAY_MS)).toContain(`expired ${until}`);
    const [row] = await database.db.select().from(apiKeys);
    expect(row?.digest).toBe(digestOf(key));
    expect(JSON.stringify(row)).not.toContain(key.slice(4));
  });

  it("finds it by its digest until it is revoked", async () => {
    const { key, id } = await issue(database);
    const lookup = await openKeyLookup({ database, log, elapsed: () => 0 });
    expect(await lookup.find(digestOf(key))).toEqual({ id, scopes: ["eligibility:read", "graph:read"] });
    expect(await lookup.find(digestOf(`${key}x`))).toBeUndefined();
    expect(await keysCommand(database, ["revoke", id], () => NOW)).toBe(`${id} is revoked`);
    await expect.poll(() => lookup.find(digestOf(key))).toBeUndefined();
    await expect(keysCommand(database, ["revoke", id])).rejects.toThrow(
      `Cannot revoke ${id}: it was revoked at ${new Date(NOW).toISOString()}`,
    );
    await expect(keysCommand(database, ["revoke", "nobody"])).rejects.toThrow(
      "Cannot revoke nobody: it does not exist",
    );
    await lookup.close();
  });
});

describe("npm run keys", () => {
  it.each([
    [[], "Usage: npm run keys -- issue"],
    [["list", "all"], "Usage: "],
    [["list", "--name", "x"], "Usage: "],
    [["revoke"], "Usage: "],
    [["issue", "--name", "portal"], "Usage: "],
    [["issue", "--name", " ", "--scopes", "graph:read"], "--name is a text of 1 to 100 characters, in one line"],
    [["issue", "--name", "a\nb", "--scopes", "graph:read"], "--name is a text of 1 to 100 characters, in one line"],
    [["issue", "--name", "a", "--scopes", " "], `--scopes is some of ${SCOPES.join(", ")}, but got none`],
    [["issue", "--name", "a", "--scopes", "graph:read all"], `--scopes is some of ${SCOPES.join(", ")}, but got all`],
    [[...ISSUE, "--accounts", "a,,b"], "--accounts is a list of accounts, separated by commas: expected accounts of 1"],
    [[...ISSUE, "--expires", "0"], "--expires is a whole number of days, 1 to 3650, but got 0"],
    [[...ISSUE, "--expires", "1.5"], "--expires is a whole number of days, 1 to 3650, but got 1.5"],
  ])("refuses %j", (args, message) => {
    expect(() => keysRequest(args)).toThrow(message);
  });
});

describe.runIf(hasServer())("a key that one process revokes", () => {
  let twice: Awaited<ReturnType<typeof openTwice>>;
  let databases: readonly Database[];
  beforeAll(async () => {
    twice = await openTwice();
    ({ databases } = twice);
  });
  afterAll(() => twice.close());

  /** Two processes: where keys are looked up, counting the reads, and where they are revoked. */
  async function processes() {
    const [here, there] = databases;
    if (!here || !there) throw new Error("there are two");
    let reads = 0;
    const db = new Proxy(here.db, {
      get: (target, name, self) => {
        if (name === "select") reads += 1;
        return Reflect.get(target, name, self) as unknown;
      },
    });
    const lookup = await openKeyLookup({ database: { ...here, db }, log, elapsed: () => 0 });
    return { here, there, lookup, reads: () => reads };
  }

  it("is refused by every other at once, though they had kept it", async () => {
    const { there, lookup, reads } = await processes();
    const { key, id } = await issue(there);
    for (let times = 0; times < 3; times += 1) expect(await lookup.find(digestOf(key))).toMatchObject({ id });
    expect(reads()).toBe(1);
    await keysCommand(there, ["revoke", id]);
    await expect.poll(() => lookup.find(digestOf(key)), { interval: 1 }).toBeUndefined();
    await lookup.close();
  });

  it("is read for each request while they may not hear of it", async () => {
    const { there, lookup, reads } = await processes();
    const { key, id } = await issue(there);
    expect(await lookup.find(digestOf(key))).toMatchObject({ id });
    await there.db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = 'listen "keys_revoked"'`,
    );
    const before = reads();
    // The connection is lost: what was kept is not given, and nothing is kept.
    await expect.poll(async () => (await lookup.find(digestOf(key)), reads() > before), { interval: 1 }).toBe(true);
    await keysCommand(there, ["revoke", id]);
    expect(await lookup.find(digestOf(key))).toBeUndefined();
    await lookup.close();
  });
});
