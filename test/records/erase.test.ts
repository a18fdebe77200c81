/** A listener is forgotten everywhere, and whatever has to be accounted for still is. */
// Before any decorator runs.
import "reflect-metadata";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listenerId } from "../../schema/id.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { eraseCommand } from "../../subgraphs/records/listeners/erase.ts";
import { eraseListener } from "../../subgraphs/records/listeners/erasure.ts";
import { evaluationRecords } from "../../subgraphs/records/decisions/ledger.ts";
import { openReview } from "../../subgraphs/records/decisions/reviews.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { hasServer } from "../support/database.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";

const people = createWorld({ scale: 1, now: new Date(NOW) }).listeners.listeners;
const leads = people.filter(
  ({ consents, engagement, country, industry }) =>
    consents.length === 3 &&
    consents.every(({ granted }) => granted) &&
    engagement.ctaClicks >= 1 &&
    engagement.ctaClicks <= 50 &&
    ["DE", "US", "GB"].includes(country) &&
    ["technology", "retail", "media", "education"].includes(industry ?? ""),
);
const [gone = "", other = ""] = leads.map(({ id }) => listenerId.encode(id));
const [own] = listenerId.decode(gone);

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: { OUTBOX_RETRY_SECONDS: "0", OUTBOX_RETRIES: "1000" } });
});
afterAll(() => graph.stop());

/** Tables with rows in which a text stands, whichever column it is in. */
async function mentioning(text: string): Promise<readonly string[]> {
  const { db } = graph.decibel.database;
  const { rows: tables } = await db.execute<{ name: string }>(sql`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`);
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.execute(
      sql`select 1 from ${sql.raw(name)} as one where position(${text} in one::text) > 0 limit 1`,
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}
const counted = async (text: string): Promise<number> => {
  const { rows } = await graph.decibel.database.db.execute<{ count: number }>(sql.raw(text));
  return Number(rows[0]?.count);
};
const RETRIED = "select count(*) from outbox.job where state = 'retry'";
const EVALUATIONS = "select count(*) from decisions.evaluations";
async function whole(id: string): Promise<unknown> {
  const { data, errors } = await graph.query(
    `query ($id: ID!) { listener(id: $id) { id country consents { purpose granted } engagement { listens ctaClicks lastAt }
       segments { verdict } lead { verdict score } } }`,
    { id },
  );
  expect(errors).toEqual([]);
  return data;
}
const mutate = (name: string, type: string, input: object, selection = "listener { id }") =>
  graph.query(`mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`, { input });

describe("erasing a listener", () => {
  let evaluation = "";
  const refusals: string[] = [];

  beforeAll(async () => {
    const { database, outbox } = graph.decibel;
    for (const id of [gone, other]) {
      const event = { id: `${id}-1`, listenerId: id, kind: "LISTEN", at: new Date(NOW).toISOString() };
      const answers = [
        await mutate("recordEngagement", "RecordEngagementInput", { events: [event] }, "accepted"),
        await mutate("recordConsent", "RecordConsentInput", {
          listenerId: id,
          purpose: "PROFILING",
          granted: true,
          idempotencyKey: `consent of ${id}`,
        }),
        await mutate("routeLead", "RouteLeadInput", { listenerId: id, idempotencyKey: id }),
      ];
      refusals.push(...answers.flatMap(({ errors }) => errors.map(({ message }) => message)));
      await graph.query("query ($id: ID!) { listener(id: $id) { segments { verdict } } }", { id });
    }
    await vi.waitUntil(() => outbox.isIdle(), { timeout: 9000 });
    // And one that the CRM was not told of yet.
    await graph.sandbox("crm").misbehave({ status: 503 });
    await mutate("routeLead", "RouteLeadInput", { listenerId: gone });
    const { rows } = await database.db.execute<{ id: string }>(sql`
      select evaluation_id as id from listeners.leads where listener_id = ${own} limit 1`);
    evaluation = rows[0]?.id ?? "";
    await database.transaction((tx) =>
      openReview(tx, {
        kind: "listener",
        subject: gone,
        queue: "general",
        evaluationId: evaluation,
        openedAt: new Date(NOW),
      }),
    );
    await vi.waitUntil(async () => (await counted(RETRIED)) === 1, { timeout: 9000 });
  }, 60_000);

  it("leaves their id nowhere in the database, every evaluation in its place, and nobody else touched", async () => {
    expect(refusals).toEqual([]);
    expect(await mentioning(own)).toEqual(
      expect.arrayContaining([
        "decisions.pseudonyms",
        "decisions.reviews",
        "listeners.consents",
        "listeners.engagement",
        "listeners.engagement_events",
        "listeners.leads",
        "listeners.listeners",
        "mutations.keys",
      ]),
    );
    const otherBefore = await whole(other);
    // Waits until what was evaluated so far is written down.
    await graph.query("{ evaluations { totalCount } }");
    const before = { evaluations: await counted(EVALUATIONS), other: otherBefore };
    const erased = await eraseListener(graph.decibel.database, gone);
    expect(erased).toMatchObject({
      listeners: 1,
      pseudonyms: 1,
      leads: 2,
      reviews: 1,
      idempotencyKeys: 2,
      cancelled: 1,
    });
    expect(erased).toMatchObject({ events: 1, consents: 4, effects: 2 });
    expect(await mentioning(own)).toEqual([]);
    expect({ evaluations: await counted(EVALUATIONS), other: await whole(other) }).toEqual(before);
    const { data } = await graph.query<{ evaluation: { subject: string } }>(
      "query ($id: ID!) { evaluation(id: $id) { subject verdict } }",
      { id: evaluation },
    );
    expect(data.evaluation).toEqual({ subject: expect.stringMatching(/^listener_/), verdict: "ALLOW" });
    expect(data.evaluation.subject).not.toBe(gone);
  });

  it("tells the CRM of nothing that was still to be sent", async () => {
    await graph.sandbox("crm").behave();
    await graph.sandbox("crm").forget();
    await expect.poll(() => graph.decibel.outbox.isIdle(), { timeout: 9000 }).toBe(true);
    expect((await graph.sandbox("crm").calls()).requests).toBe(0);
    const { data } = await graph.query<{ effects: { nodes: { subject: string }[] } }>(
      "{ effects(status: CANCELLED) { nodes { kind subject } } }",
    );
    expect(data.effects.nodes).toMatchObject([{ kind: "listeners.lead" }]);
  });

  it("leaves nobody to read, and nothing to write down", async () => {
    const { data } = await graph.query("query ($id: ID!) { listener(id: $id) { id } }", { id: gone });
    expect(data).toEqual({ listener: null });
    const consent = { listenerId: gone, purpose: "MARKETING", granted: true };
    const answers = [
      await mutate("recordConsent", "RecordConsentInput", consent),
      await mutate("routeLead", "RouteLeadInput", { listenerId: gone }),
    ];
    expect(answers.flatMap(({ errors }) => errors)).toMatchObject([
      { message: `Cannot recordConsent: there is no listener ${gone}`, extensions: { code: "BAD_USER_INPUT" } },
      { message: `Cannot routeLead: there is no listener ${gone}`, extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it("hides whom an evaluation was of that comes in behind it", async () => {
    const { database } = graph.decibel;
    const late = {
      facts: {},
      factsDigest: "none",
      rows: [],
      verdict: "DENY",
      origin: "SERVICE",
      requestedBy: "test",
    } as const;
    const id = `evaluation_${randomUUID()}`;
    const at = new Date(NOW);
    const records = evaluationRecords(database);
    await records.write([
      { ...late, id, model: "lead_routing", version: "1", subject: gone, decidedAt: at, expiresAt: at },
    ]);
    expect(await mentioning(own)).toEqual([]);
    expect((await records.byIds([id])).map((one) => one?.verdict)).toEqual(["DENY"]);
  });

  it("finds nothing the second time, or of somebody who never was", async () => {
    const { database } = graph.decibel;
    expect(Object.values(await eraseListener(database, gone)).every((rows) => rows === 0)).toBe(true);
    await expect(eraseCommand(database, ["--listener", gone])).rejects.toThrow(
      `Cannot erase ${gone}: nothing is recorded of it`,
    );
  });

  it("says what it did, as a command", async () => {
    const said = await eraseCommand(graph.decibel.database, ["--listener", other]);
    expect(said).toContain(`${other} is erased\n  listeners 1\n`);
    expect(await mentioning(listenerId.decode(other)[0])).toEqual([]);
  });

  it.each([
    ["nobody is named", [], "Usage: npm run erase -- --listener ID"],
    ["it is no listener", ["--listener", "campaign_1"], 'Cannot read --listener: "campaign_1" is no listener id'],
    ["there are two", ["--listener", "listener_1", "listener_2"], "Usage: npm run erase -- --listener ID"],
  ])("is refused where %s", async (_what, given, message) => {
    await expect(eraseCommand(graph.decibel.database, given)).rejects.toThrow(message);
  });
});

describe("npm run erase", () => {
  const command = join(projectRoot(), "dist/subgraphs/records/listeners/erase.js");
  const run = (args: readonly string[], env: object) =>
    promisify(execFile)(process.execPath, [command, ...args], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
    }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: unknown) => {
        const { code, stderr } = error as { code: number; stderr: string };
        return { code, said: stderr };
      },
    );

  it("ends with 1 and says who has the database inside another process", async () => {
    const directory = await mkdtemp(join(tmpdir(), "decibel-erase-"));
    try {
      await writeFile(join(directory, "process"), String(process.pid));
      const { code, said } = await run(["--listener", "listener_1"], { DATA_DIR: directory });
      expect(code).toBe(1);
      expect(said).toContain(`Cannot open the database in ${directory}: process ${process.pid} is using it`);
    } finally {
      await rm(directory, { recursive: true });
    }
  }, 60_000);

  it.runIf(hasServer())(
    "ends with 1 where there is nothing of them, or nobody is named",
    async () => {
      const { rows } = await graph.decibel.database.db.execute<{ name: string }>(
        sql`select current_database() as name`,
      );
      const { DATABASE_URL } = process.env;
      const url = new URL(DATABASE_URL ?? "postgres://root@127.0.0.1:5432/postgres");
      url.pathname = `/${rows[0]?.name ?? ""}`;
      const there = await run(["--listener", gone], { DATABASE_URL: url.href });
      expect(there).toEqual({ code: 1, said: `Cannot erase ${gone}: nothing is recorded of it\n` });
      expect(await run([], {})).toEqual({ code: 1, said: "Usage: npm run erase -- --listener ID\n" });
    },
    60_000,
  );
});
