/** How the OpenText sandbox evaluates: like the service, where that differs from the engine here. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TableDraft } from "../../support/otdt.ts";
import { compiled } from "../../support/otdt.ts";
import { createOpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../../subgraphs/sandbox/opentext/server.ts";

let sandbox: OpenTextSandbox;
let token: string;

beforeEach(async () => {
  sandbox = createOpenTextSandbox({ tables: [], random: () => 0.5 });
  const payload = { client_id: "sandbox", client_secret: "sandbox", grant_type: "client_credentials" };
  const reply = await sandbox.app.inject({ method: "POST", url: "/tenants/sandbox/oauth2/token", payload });
  token = reply.json<{ access_token: string }>().access_token;
});

afterEach(() => sandbox.close());

interface Variable {
  readonly name: string;
  readonly type?: string;
  readonly value?: unknown;
}
type Rows = readonly (readonly { readonly name: string; readonly value: unknown }[])[];

async function execute(key: string, inputVariables: readonly Variable[]): Promise<Rows> {
  const headers = { authorization: `Bearer ${token}` };
  const payload = { decisionKey: key, inputVariables };
  const reply = await sandbox.app.inject({ method: "POST", url: "/decision/v1/execute", headers, payload });
  expect(reply.statusCode).toBe(201);
  return reply.json<{ resultVariables: Rows }>().resultVariables;
}

async function behave(behaviour: object): Promise<void> {
  const reply = await sandbox.app.inject({ method: "PUT", url: "/sandbox/behaviour", payload: behaviour });
  expect(reply.statusCode).toBe(200);
}

const rule = (conditions: TableDraft["rules"][number], hit: string) => ({ ...conditions, hit });
const hits = async (key: string, variables: readonly Variable[]): Promise<unknown> =>
  (await execute(key, variables)).map((row) => row[0]?.value);

describe("a condition", () => {
  beforeEach(() => {
    sandbox.deploy(
      compiled({
        key: "conditions",
        inputs: { number: "number", text: "string", flag: "boolean", day: "date", tags: "collection" },
        outputs: { hit: "string" },
        rules: [
          rule({ text: ["==", "a"] }, "== a"),
          rule({ text: ["!=", "a"] }, "!= a"),
          rule({ number: ["<", "5"] }, "< 5"),
          rule({ flag: ["==", "true"] }, "yes"),
          rule({ flag: ["!=", "true"] }, "not yes"),
          rule({ number: ["<", "0"], text: ["IS IN", "a, b"] }, "in"),
          rule({ number: ["<", "0"], text: ["IS NOT IN", "a, b"] }, "not in"),
          rule({ number: [">", "100"], day: [">", "2026-01-01"] }, "late"),
          rule({ number: [">", "200"], tags: ["ANY OF", "a, b"] }, "any"),
          rule({ number: [">", "200"], tags: ["ALL OF", "a, b"] }, "all"),
          rule({ number: [">", "200"], tags: ["NONE OF", "a, b"] }, "none"),
        ],
      }),
    );
  });

  const text = (value: unknown): Variable => ({ name: "text", type: "string", value });
  const number = (value: unknown): Variable => ({ name: "number", type: "integer", value });
  const flag = (value: unknown): Variable => ({ name: "flag", type: "boolean", value });
  const day = (value: unknown, type = "date"): Variable => ({ name: "day", type, value });
  const tags = (value: unknown): Variable => ({ name: "tags", value });

  it.each<readonly [string, readonly Variable[], readonly string[]]>([
    ["a missing boolean is false", [text("a"), number(1)], ["== a", "< 5", "not yes"]],
    ["another missing input fails the evaluation", [number(1), flag(true)], []],
    ["null equals nothing", [text(null), number(1), flag(true)], ["!= a", "< 5", "yes"]],
    ["a boolean that is null is not false", [text("a"), number(9), flag(null)], ["== a", "not yes"]],
    ["a number that is null compares with nothing", [text("a"), number(null)], ["== a", "not yes"]],
    ["null fails the evaluation at a list", [text(null), number(-1)], []],
    ["what no condition reaches may be missing", [text("a"), number(1), flag(true)], ["== a", "< 5", "yes"]],
    ["what a condition reaches may not", [text("a"), number(101)], []],
    ["a date is compared", [text("a"), number(101), day("2026-01-02")], ["== a", "not yes", "late"]],
    ["a local date is compared", [text("a"), number(101), day("2026-01-02", "localDate")], ["== a", "not yes", "late"]],
    ["an instant fails the evaluation", [text("a"), number(101), day("2026-01-02T00:00:00Z", "instant")], []],
    ["a local time fails it too", [text("a"), number(101), day("2026-01-02T00:00:00", "localDateTime")], []],
    [
      "which nothing compares does no harm",
      [text("a"), number(1), day("2026-01-02T00:00:00Z", "instant")],
      ["== a", "< 5", "not yes"],
    ],
    ["a text is in a list", [text("b"), number(-1)], ["!= a", "< 5", "not yes", "in"]],
    [
      "a text with a comma is in a list with all of its items",
      [text("b,a"), number(-1)],
      ["!= a", "< 5", "not yes", "in"],
    ],
    ["and neither in nor out of it with some", [text("b, c"), number(-1)], ["!= a", "< 5", "not yes"]],
    ["and out of it with none", [text("c, d"), number(-1)], ["!= a", "< 5", "not yes", "not in"]],
    ["a text in quotes is what they hold", [text('"b"'), number(-1)], ["!= a", "< 5", "not yes", "in"]],
    ["a list has any", [text("a"), number(201), day("2026-01-01"), tags(["b", 7])], ["== a", "not yes", "any"]],
    [
      "a list has all",
      [text("a"), number(201), day("2026-01-01"), tags(["b", "a"])],
      ["== a", "not yes", "any", "all"],
    ],
    ["a list has none", [text("a"), number(201), day("2026-01-01"), tags([])], ["== a", "not yes", "none"]],
    ["a list that is null fails the evaluation", [text("a"), number(201), day("2026-01-01"), tags(null)], []],
  ])("%s", async (_title, variables, expected) => {
    expect(await hits("conditions", variables)).toEqual(expected);
  });
});

describe("an output", () => {
  const outputs = { text: "string", number: "number", flag: "boolean", day: "date" } as const;

  it("that is an empty text is a text; empty numbers, booleans and dates are left out", async () => {
    sandbox.deploy(
      compiled({ key: "empty", inputs: { any: "string" }, outputs, rules: [{ number: "1" }, { day: "2024-02-29" }] }),
    );
    expect(await execute("empty", [])).toEqual([
      [
        { name: "text", type: "string", value: "" },
        { name: "number", type: "double", value: 1 },
      ],
      [
        { name: "text", type: "string", value: "" },
        { name: "day", type: "date", value: "2024-02-29T00:00:00Z" },
      ],
    ]);
    await behave({ emptyTexts: "null" });
    expect((await execute("empty", []))[0]?.[0]).toEqual({ name: "text", type: "string", value: null });
    await behave({ emptyTexts: "left out" });
    expect((await execute("empty", [])).map((row) => row.length)).toEqual([1, 1]);
  });

  it("that is left out like all others of its rule gives no row", async () => {
    sandbox.deploy(
      compiled({ key: "none", inputs: { any: "string" }, outputs: { number: "number" }, rules: [{}, { number: "1" }] }),
    );
    expect(await execute("none", [])).toEqual([[{ name: "number", type: "double", value: 1 }]]);
  });
});

describe("the order of rows", () => {
  const numbered = (count: number, hitPolicy = "RULE ORDER") =>
    compiled({
      key: "numbered",
      hitPolicy,
      inputs: { least: "number" },
      outputs: { hit: "number" },
      rules: Array.from({ length: count }, (_rule, index) => ({
        least: ["<=", String(index + 1)] as const,
        hit: String(index + 1),
      })),
    });
  const from = (least: number): Promise<unknown> =>
    hits("numbered", [{ name: "least", type: "integer", value: least }]);

  it.each([
    ["12 rules from 9", 20, 9, [16, 17, 18, 19, 20, 9, 10, 11, 12, 13, 14, 15]],
    ["13 rules from 8", 20, 8, [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]],
    ["13 rules from 25", 37, 25, [32, 33, 34, 35, 36, 37, 25, 26, 27, 28, 29, 30, 31]],
    ["two rules of one bucket", 17, 1, Array.from({ length: 17 }, (_one, index) => index + 1)],
  ])("is that of a hash map: %s", async (_title, count, least, expected) => {
    sandbox.deploy(numbered(count));
    expect(await from(least)).toEqual(expected);
    sandbox.deploy(numbered(count, "COLLECT"));
    expect(await from(least)).toEqual(expected);
  });

  it("within a bucket is that of the table", async () => {
    sandbox.deploy(
      compiled({
        key: "numbered",
        inputs: { least: "number" },
        outputs: { hit: "number" },
        rules: Array.from({ length: 34 }, (_rule, index) => ({
          least: [[1, 17, 33].includes(index + 1) ? "<=" : ">", "0"] as const,
          hit: String(index + 1),
        })),
      }),
    );
    expect(await from(0)).toEqual([1, 17, 33]);
  });

  it("changes no answer of one row", async () => {
    await behave({ order: "reversed" });
    sandbox.deploy(numbered(20, "FIRST"));
    expect(await from(9)).toEqual([9]);
  });

  it.each([
    ["table", [18, 19, 20]],
    ["reversed", [20, 19, 18]],
    ["shuffled", [18, 19, 20]],
  ])("is %s on request", async (order, expected) => {
    await behave({ order });
    sandbox.deploy(numbered(20));
    expect(await from(18)).toEqual(expected);
  });
});
