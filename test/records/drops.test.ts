/** Processes that share a database hear of each other's drops, and know when they do not. */
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { openDropChannel } from "../../subgraphs/records/database/drops.ts";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { hasServer, openTwice } from "../support/database.ts";

const log = pino({ enabled: false });

describe.runIf(hasServer())("the drops of processes", () => {
  let twice: Awaited<ReturnType<typeof openTwice>>;
  let databases: readonly Database[];
  beforeAll(async () => {
    twice = await openTwice();
    ({ databases } = twice);
  });
  afterAll(() => twice.close());

  async function channelOf(database: Database | undefined) {
    const channel = database && (await openDropChannel(database, log));
    if (!channel) throw new Error("a database on a server has a channel");
    const heard: string[] = [];
    let missed = 0;
    channel.listen({ heard: (message) => void heard.push(message), missed: () => void (missed += 1) });
    return { channel, heard, missed: () => missed };
  }

  it("are heard by all others, whatever they say", async () => {
    const [one, other] = [await channelOf(databases[0]), await channelOf(databases[1])];
    const messages = ['["campaign","a b","ü"]', "", " two  blanks "];
    for (const message of messages) await one.channel.announce(message);
    await expect.poll(() => other.heard).toEqual(messages);
    expect([one.heard, one.channel.hears(), other.channel.hears()]).toEqual([[], true, true]);
    await Promise.all([one.channel.close(), other.channel.close()]);
  });

  it("may be missed while the connection is lost, and that is said", async () => {
    const { channel, heard, missed } = await channelOf(databases[0]);
    await databases[1]?.db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = 'listen "facts_dropped"'`,
    );
    await expect.poll(() => channel.hears()).toBe(false);
    await expect.poll(() => missed()).toBe(1);
    expect(channel.hears()).toBe(true);
    const other = await channelOf(databases[1]);
    await other.channel.announce("again");
    await expect.poll(() => heard).toEqual(["again"]);
    await Promise.all([channel.close(), other.channel.close()]);
  });

  it("are not needed for an embedded database", async () => {
    const embedded = await openDatabase({ directory: "memory", log });
    expect(await openDropChannel(embedded, log)).toBeUndefined();
    await embedded.close();
  });
});
