/**
 * Erasure: nothing identifies the listener any more, and the records for accounting stay. Over 200 lines, because all
 * tests share one erased listener with records of every kind.
 */
// Must come before any decorator.
import "reflect-metadata";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listenerId } from "../../schema/id.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { lockFolder } from "../../subgraphs/records/database/folder-lock.ts";
import { eraseCommand } from "../../subgraphs/records/listeners/erase.ts";
import { eraseListener } from "../../subgraphs/records/listeners/erasure.ts";
import { evaluationRecords } from "../../subgraphs/records/decisions/ledger.ts";
import { openReview } from "../../subgraphs/records/decisions/reviews.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { hasServer } from "../support/database.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { whole } from "../support/whole.ts";
import { secretOf, startReceiver } from "../support/receiver.ts";
import type { Receiver } from "../support/receiver.ts";
import { untold } from "../support/untold.ts";
import { writeWebhooks } from "../support/webhooks-file.ts";
import type { WebhooksFile } from "../support/webhooks-file.ts";

const people = whole(createWorld({ scale: 1, now: new Date(NOW) })).listeners.listeners;
const leads = people.filter(
  ({ consents, engagement, country, industry }) =>
    consents.length === 3 &&
    consents.every(({ granted }) => granted) &&
    engagement.ctaClicks >= 1 &&
    engagement.ctaClicks <= 50 &&
    ["DE", "US", "GB"].includes(country) &&
    ["technology", "retail", "media", "education"].includes(industry ?? ""),
);
const [erasedId = "", other = ""] = leads.map(({ id }) => listenerId.encode(id));
const [own] = listenerId.decode(erasedId);

let graph: TestDecibel;
let receiver: Receiver;
let file: WebhooksFile;
beforeAll(async () => {
  receiver = await startReceiver(secretOf(1));
  file = await writeWebhooks({ audit: { receiver, secret: secretOf(1), events: ["lead.routed"] } });
  // An effect that has failed once waits: none is under way when its listener is erased.
  graph = await startTestDecibel({ variables: { OUTBOX_RETRY_SECONDS: "60", ...file.variables } });
});
afterAll(async () => {
  await graph.stop();
  await receiver.close();
  await file.remove();
});

/** The tables with a row that contains the text in any column. */
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
async function readListener(id: string): Promise<unknown> {
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
    for (const id of [erasedId, other]) {
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
    await vi.waitUntil(() => outbox.isIdle(), { timeout: 30_000 });
    // And a lead that neither the CRM nor a receiver of events accepted yet.
    await graph.sandbox("crm").misbehave({ status: 503 });
    receiver.behave({ status: 503 });
    await mutate("routeLead", "RouteLeadInput", { listenerId: erasedId });
    const { rows } = await database.db.execute<{ id: string }>(sql`
      select evaluation_id as id from listeners.leads where listener_id = ${own} limit 1`);
    evaluation = rows[0]?.id ?? "";
    await database.transaction((tx) =>
      openReview(tx, untold, {
        kind: "listener",
        subject: erasedId,
        queue: "general",
        evaluationId: evaluation,
        openedAt: new Date(NOW),
      }),
    );
    await vi.waitUntil(async () => (await counted(RETRIED)) === 2, { timeout: 30_000 });
  }, 60_000);

  it("removes their id from the database, and keeps all evaluations and all other listeners", async () => {
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
    const otherBefore = await readListener(other);
    // Waits until all evaluations are in the ledger.
    await graph.query("{ evaluations { totalCount } }");
    const before = { evaluations: await counted(EVALUATIONS), other: otherBefore };
    const erased = await eraseListener(graph.decibel.database, erasedId);
    expect(erased).toMatchObject({
      listeners: 1,
      pseudonyms: 1,
      leads: 2,
      reviews: 1,
      idempotencyKeys: 2,
      cancelled: 2,
    });
    expect(erased).toMatchObject({ events: 1, consents: 4, effects: 4 });
    expect(await mentioning(own)).toEqual([]);
    expect({ evaluations: await counted(EVALUATIONS), other: await readListener(other) }).toEqual(before);
    const { data } = await graph.query<{ evaluation: { subject: string } }>(
      "query ($id: ID!) { evaluation(id: $id) { subject verdict } }",
      { id: evaluation },
    );
    expect(data.evaluation).toEqual({ subject: expect.stringMatching(/^listener_/), verdict: "ALLOW" });
    expect(data.evaluation.subject).not.toBe(erasedId);
  });

  it("cancels the effects that were not carried out yet", async () => {
    await graph.sandbox("crm").behave();
    await graph.sandbox("crm").forget();
    const told = receiver.deliveries.length;
    receiver.behave({});
    await expect.poll(() => graph.decibel.outbox.isIdle(), { timeout: 30_000 }).toBe(true);
    expect((await graph.sandbox("crm").calls()).requests).toBe(0);
    expect(receiver.deliveries).toHaveLength(told);
    const { data } = await graph.query<{ effects: { nodes: { kind: string }[] } }>(
      "{ effects(status: CANCELLED) { nodes { kind subject } } }",
    );
    const kinds = data.effects.nodes.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(["listeners.lead", "webhook-audit.lead.routed"]);
  });

  it("makes the listener unknown to queries and mutations", async () => {
    const { data } = await graph.query("query ($id: ID!) { listener(id: $id) { id } }", { id: erasedId });
    expect(data).toEqual({ listener: null });
    const consent = { listenerId: erasedId, purpose: "MARKETING", granted: true };
    const answers = [
      await mutate("recordConsent", "RecordConsentInput", consent),
      await mutate("routeLead", "RouteLeadInput", { listenerId: erasedId }),
    ];
    expect(answers.flatMap(({ errors }) => errors)).toMatchObject([
      { message: `Cannot recordConsent: there is no listener ${erasedId}`, extensions: { code: "BAD_USER_INPUT" } },
      { message: `Cannot routeLead: there is no listener ${erasedId}`, extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it("pseudonymises an evaluation that arrives afterwards", async () => {
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
      { ...late, id, model: "lead_routing", version: "1", subject: erasedId, decidedAt: at, expiresAt: at },
    ]);
    expect(await mentioning(own)).toEqual([]);
    expect((await records.byIds([id])).map((one) => one?.verdict)).toEqual(["DENY"]);
  });

  it("changes no rows the second time", async () => {
    const { database } = graph.decibel;
    expect(Object.values(await eraseListener(database, erasedId)).every((rows) => rows === 0)).toBe(true);
    await expect(eraseCommand(database, ["--listener", erasedId])).rejects.toThrow(
      `Cannot erase ${erasedId}: nothing is recorded of it`,
    );
  });

  it("prints the numbers of rows as a command", async () => {
    const output = await eraseCommand(graph.decibel.database, ["--listener", other]);
    expect(output).toContain(`${other} is erased\n  listeners 1\n`);
    expect(await mentioning(listenerId.decode(other)[0])).toEqual([]);
  });

  it.each([
    ["there is no listener", [], "Usage: npm run erase -- --listener ID"],
    [
      "the id is of another type",
      ["--listener", "campaign_1"],
      'Cannot read --listener: "campaign_1" is no listener id',
    ],
    ["there are two listeners", ["--listener", "listener_1", "listener_2"], "Usage: npm run erase -- --listener ID"],
  ])("is refused if %s", async (_what, args, message) => {
    await expect(eraseCommand(graph.decibel.database, args)).rejects.toThrow(message);
  });
});

describe("npm run erase", () => {
  const command = join(projectRoot(), "dist/subgraphs/records/listeners/erase.js");
  const run = (args: readonly string[], env: object) =>
    promisify(execFile)(process.execPath, [command, ...args], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
    }).then(
      ({ stdout }) => ({ code: 0, output: stdout }),
      (error: unknown) => {
        const { code, stderr } = error as { code: number; stderr: string };
        return { code, output: stderr };
      },
    );

  it("exits with 1 and names the process that uses the embedded database", async () => {
    const directory = await mkdtemp(join(tmpdir(), "decibel-erase-"));
    const lock = await lockFolder(directory);
    try {
      const { code, output } = await run(["--listener", "listener_1"], { DATA_DIR: directory });
      expect(code).toBe(1);
      expect(output).toContain(`Cannot open the database in ${directory}: process ${process.pid} on`);
    } finally {
      lock.release();
      await rm(directory, { recursive: true });
    }
  }, 60_000);

  it.runIf(hasServer())(
    "exits with 1 if nothing is recorded, and without a listener",
    async () => {
      const { rows } = await graph.decibel.database.db.execute<{ name: string }>(
        sql`select current_database() as name`,
      );
      const { DATABASE_URL } = process.env;
      const url = new URL(DATABASE_URL ?? "postgres://root@127.0.0.1:5432/postgres");
      url.pathname = `/${rows[0]?.name ?? ""}`;
      const result = await run(["--listener", erasedId], { DATABASE_URL: url.href });
      expect(result).toEqual({ code: 1, output: `Cannot erase ${erasedId}: nothing is recorded of it\n` });
      expect(await run([], {})).toEqual({ code: 1, output: "Usage: npm run erase -- --listener ID\n" });
    },
    60_000,
  );
});
