/** Receipts that can be verified without the graph, the kept versions of tables, and evaluations replayed by them. */
import { createHash, createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { compactVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadedTable } from "../../subgraphs/pipeline/table/load.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { newReceiptKey } from "../../subgraphs/platform/signing/receipt-keys.ts";
import type { PublicKey } from "../../subgraphs/platform/signing/receipt-keys.ts";
import { keepTables } from "../../subgraphs/records/decisions/model-versions.ts";
import { modelVersions } from "../../subgraphs/records/decisions/tables.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { NOW } from "../support/now.ts";

const FOLDER = join(projectRoot(), "subgraphs/campaigns");

interface Shown {
  readonly id: string;
  readonly subject: string;
  readonly verdict: string;
  readonly decidedAt: string;
  readonly receipt: string | null;
  readonly model: { readonly key: string; readonly version: string };
}

let graph: TestDecibel;
let evaluation: Shown;
let table: LoadedTable;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: { LEDGER_KEY: newReceiptKey() } });
  const tables = await loadTables(FOLDER);
  await graph.query(
    "{ campaigns(first: 3) { nodes { activation { verdict } } } listeners(first: 1) { nodes { segments { verdict } } } }",
  );
  const { data } = await graph.query<{ evaluations: { nodes: readonly Shown[] } }>(
    "{ evaluations(first: 50) { nodes { id subject verdict decidedAt receipt model { key version } } } }",
  );
  evaluation =
    data.evaluations.nodes.find(({ subject }) => subject.startsWith("campaign_")) ?? expect.fail("no evaluation");
  table = tables.find((one) => one.table.key === evaluation.model.key) ?? expect.fail("no table");
});
afterAll(() => graph.stop());

async function verified(receipt: string): Promise<unknown> {
  const { data } = await graph.query<{ receiptKeys: { keys: readonly PublicKey[] } }>("{ receiptKeys }");
  const [key] = data.receiptKeys.keys;
  if (!key) return expect.fail("no key");
  expect(Object.keys(key).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
  const { payload, protectedHeader } = await compactVerify(
    receipt,
    createPublicKey({ key: { ...key }, format: "jwk" }),
  );
  expect(protectedHeader).toEqual({ alg: "EdDSA", kid: key.kid, typ: "decibel-receipt+json" });
  return JSON.parse(new TextDecoder().decode(payload));
}

describe("a receipt", () => {
  it("says what was decided by which table, and is verified by the published key", async () => {
    expect(await verified(evaluation.receipt ?? "")).toEqual({
      evaluation: evaluation.id,
      model: evaluation.model.key,
      version: evaluation.model.version,
      table: createHash("sha256")
        .update(await readFile(join(FOLDER, table.table.file)))
        .digest("hex"),
      subject: evaluation.subject,
      verdict: evaluation.verdict,
      decidedAt: evaluation.decidedAt,
      factsDigest: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it("names no table that answers something else to its facts, whatever the number of its version", async () => {
    const other = table.source.replaceAll(/ALLOW|REVIEW|DENY/g, (verdict) => (verdict === "DENY" ? "ALLOW" : "DENY"));
    const version = Number(evaluation.model.version);
    // Newer, and of the number that the service reported.
    const kept = { ...table, table: { ...table.table, version }, source: other };
    await keepTables(graph.decibel.database, [kept], () => Date.parse(evaluation.decidedAt));
    const { data } = await graph.query<{ evaluation: Shown }>("query ($id: ID!) { evaluation(id: $id) { receipt } }", {
      id: evaluation.id,
    });
    expect(await verified(data.evaluation.receipt ?? "")).toMatchObject({
      table: createHash("sha256").update(table.source).digest("hex"),
    });
    await graph.decibel.database.db
      .delete(modelVersions)
      .where(eq(modelVersions.digest, createHash("sha256").update(other).digest("hex")));
  });

  it("that was changed is not verified", async () => {
    const [header, payload = "", signature] = (evaluation.receipt ?? "").split(".");
    const other = Buffer.from(payload, "base64url").toString().replace(evaluation.verdict, "ANYTHING");
    await expect(verified([header, Buffer.from(other).toString("base64url"), signature].join("."))).rejects.toThrow(
      "signature verification failed",
    );
  });

  it("names no person", async () => {
    const { data } = await graph.query<{ evaluations: { nodes: readonly Shown[] } }>(
      "{ evaluations(first: 100) { nodes { subject receipt } } }",
    );
    const ofPerson = data.evaluations.nodes.find(({ subject }) => subject.startsWith("listener_"));
    expect(await verified(ofPerson?.receipt ?? "")).not.toHaveProperty("subject");
  });

  it("is null without a key", async () => {
    const plain = await startTestDecibel();
    await plain.query("{ campaigns(first: 1) { nodes { activation { verdict } } } }");
    expect(await plain.query("{ receiptKeys evaluations(first: 1) { nodes { receipt } } }")).toMatchObject({
      data: { receiptKeys: { keys: [] }, evaluations: { nodes: [{ receipt: null }] } },
      errors: [],
    });
    await plain.stop();
  });
});

describe("a version of a table", () => {
  const replayed = (version: number) =>
    graph.query<{ evaluation: { outputs: unknown; replay: object } | null }>(
      `query ($id: ID!, $version: Int!) {
        evaluation(id: $id) { outputs replay(version: $version) { version verdict rules outputs isSame problem } }
      }`,
      { id: evaluation.id, version },
    );

  it("is kept as it is in its file, once", async () => {
    await keepTables(graph.decibel.database, [table], () => NOW);
    const { data } = await graph.query<{ decisionModels: { key: string; versions: readonly object[] }[] }>(
      "{ decisionModels { key versions { version digest source } } }",
    );
    expect(data.decisionModels.find(({ key }) => key === table.table.key)?.versions).toEqual([
      {
        version: table.table.version,
        digest: createHash("sha256").update(table.source).digest("hex"),
        source: await readFile(join(FOLDER, table.table.file), "utf8"),
      },
    ]);
  });

  it("says to the facts of an evaluation what it said then", async () => {
    const { data } = await replayed(table.table.version);
    expect(data.evaluation?.replay).toMatchObject({ verdict: evaluation.verdict, isSame: true, problem: null });
    expect(data.evaluation?.replay).toHaveProperty("outputs", data.evaluation?.outputs);
  });

  it("may say something else", async () => {
    const verdicts = ["ALLOW", "REVIEW", "DENY"];
    const version = table.table.version + 1;
    const source = table.source.replaceAll(
      new RegExp(verdicts.map((verdict) => `'${verdict}'|"${verdict}"|\\b${verdict}\\b`).join("|"), "g"),
      (found) => found.replace(/ALLOW|REVIEW|DENY/, evaluation.verdict === "DENY" ? "ALLOW" : "DENY"),
    );
    await keepTables(graph.decibel.database, [{ ...table, table: { ...table.table, version }, source }], () => NOW);
    const { data } = await replayed(version);
    expect(data.evaluation?.replay).toMatchObject({
      version,
      verdict: evaluation.verdict === "DENY" ? "ALLOW" : "DENY",
      isSame: false,
    });
  });

  it("that is no table any more says why", async () => {
    const version = table.table.version + 2;
    await keepTables(
      graph.decibel.database,
      [{ ...table, table: { ...table.table, version }, source: "{}" }],
      () => NOW,
    );
    const { data } = await replayed(version);
    expect(data.evaluation?.replay).toMatchObject({ verdict: null, problem: expect.stringMatching(/^Cannot read /) });
  });

  it("that is not kept is an error", async () => {
    const { errors } = await replayed(999);
    expect(errors).toMatchObject([
      {
        message: `Cannot replay: no version 999 of ${evaluation.model.key} is kept`,
        extensions: { code: "BAD_USER_INPUT" },
      },
    ]);
  });
});
