/** The models of the OpenText sandbox: deployments, and the list in each of its formats. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenText } from "../../../subgraphs/pipeline/opentext/client.ts";
import type { OpenText } from "../../../subgraphs/pipeline/opentext/client.ts";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { loadTables } from "../../../subgraphs/pipeline/table/load.ts";
import { createOpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";

const tables = await loadTables("test/tables/opentext");
const FILE = JSON.parse(readFileSync("test/tables/opentext/checks.otdt", "utf8")) as { data: Record<string, unknown> };
const ID = "5f0c1a8e-3b7d-4f62-9a41-d8e2b6c70915";

let sandbox: OpenTextSandbox;
let client: OpenText;

beforeEach(async () => {
  sandbox = createOpenTextSandbox({ tables: tables.map(({ table }) => compile({ ...table, version: 7 })) });
  const baseUrl = await sandbox.listen();
  client = createOpenText({ baseUrl, tenantId: "sandbox", clientId: "sandbox", clientSecret: "sandbox" });
});

afterEach(async () => {
  await client.close();
  await sandbox.close();
});

async function put(path: string, payload: object): Promise<{ readonly status: number; readonly body: unknown }> {
  const reply = await sandbox.app.inject({ method: "PUT", url: `/sandbox/${path}`, payload });
  return { status: reply.statusCode, body: reply.json() };
}

describe("a deployment", () => {
  it("is the next version of its key, whatever the file says", async () => {
    const deployed = (version: number, rules = 4, key = "checks") => ({ status: 200, body: { key, version, rules } });
    const { data } = FILE;
    expect(await put("tables", FILE)).toEqual(deployed(2));
    expect(await put("tables", { ...FILE, data: { ...data, version: 9 } })).toEqual(deployed(3));
    expect(await put("tables", { ...FILE, data: { ...data, key: "more", version: 9 } })).toEqual(
      deployed(1, 4, "more"),
    );
    expect((await sandbox.app.inject("/sandbox/tables")).json()).toEqual([
      { key: "checks", version: 3, rules: 4 },
      { key: "only_one", version: 1, rules: 2 },
      { key: "types", version: 1, rules: 5 },
      { key: "more", version: 1, rules: 4 },
    ]);
  });

  it("of a file that cannot be read names its problems, and changes nothing", async () => {
    const refused = (exception: string) => ({ status: 400, body: { message: "Bad request", exception } });
    expect(await put("tables", { ...FILE, data: { ...FILE.data, hitIndicator: "SOME", rules: "none" } })).toEqual(
      refused('Cannot read the table: rules: expected a list, got "none"'),
    );
    expect(await put("tables", [])).toMatchObject({ status: 400 });
    const reply = await sandbox.app.inject({
      method: "PUT",
      url: "/sandbox/tables",
      headers: { "content-type": "application/json" },
      payload: "{",
    });
    expect(reply.statusCode).toBe(400);
    expect((await client.models()).map(({ version }) => version)).toEqual([1, 1, 1]);
  });
});

describe("the model list", () => {
  beforeEach(() => {
    for (const { table } of tables.slice(0, 1)) {
      for (let count = 0; count < 42; count += 1)
        sandbox.deploy(compile({ ...table, key: `more_${count}`, namespace: ID }));
    }
  });

  const lists = ["hal", "embedded list", "data", "content", "decisionModels", "list"];
  it.each(lists.flatMap((list) => [0, 1].map((pagesFrom) => ({ list, pagesFrom }))))(
    "is read in whole as %j",
    async (behaviour) => {
      expect(await put("behaviour", behaviour)).toMatchObject({ status: 200, body: behaviour });
      expect(await client.models()).toHaveLength(45);
    },
  );

  it.each([
    ["name", ["decibel"]],
    ["id", [ID]],
    ["object", [ID, "decibel"]],
    ["empty", []],
    ["none", []],
  ])("says the %s of a namespace", async (namespaces, expected) => {
    await put("behaviour", { namespaces, versions: "text" });
    expect((await client.models()).at(-1)).toEqual({ key: "more_41", version: 1, namespace: expected });
  });
});

describe("the behaviour", () => {
  it("is shown, changed and forgotten", async () => {
    const shown = async (): Promise<unknown> => (await sandbox.app.inject("/sandbox/behaviour")).json();
    const standard = await shown();
    await put("behaviour", { order: "reversed" });
    expect(await shown()).toEqual({ ...(standard as object), order: "reversed" });
    await put("behaviour", { list: "data" });
    expect(await shown()).toEqual({ ...(standard as object), list: "data" });
    await sandbox.app.inject({ method: "DELETE", url: "/sandbox/behaviour" });
    expect(await shown()).toEqual(standard);
    expect(await put("behaviour", { order: "any" })).toMatchObject({ status: 400 });
    expect(await put("behaviour", { colour: "red" })).toMatchObject({ status: 400 });
  });
});
