/** What the console asks of the ledger, the models and the process, besides what everybody asks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCOPES } from "../../schema/scope.ts";
import { asCallers, callerOf } from "../support/as-caller.ts";
import type { AsCaller } from "../support/as-caller.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { nodes } from "../support/contracts.ts";

interface Evaluation {
  readonly id: string;
  readonly verdict: string;
  readonly decidedAt: string;
  readonly outputs: readonly { readonly reason_code: string }[];
}

let now = NOW;
let graph: TestDecibel;
let callers: AsCaller;
let all: readonly Evaluation[];
const MODEL = 'model: "location_playback"';
const SELECTION = "id verdict decidedAt outputs";
const list = (args: string) => nodes<Evaluation>(graph, `evaluations(first: 200, ${args})`, SELECTION);

beforeAll(async () => {
  graph = await startTestDecibel({ now: () => now });
  callers = await asCallers(graph);
  for (const first of [10, 60]) {
    await nodes(graph, `locations(first: ${first})`, "playback { verdict }");
    now += 60_000;
  }
  all = await list(MODEL);
});
afterAll(() => graph.stop());

describe("evaluations", () => {
  it.each(["ALLOW", "REVIEW", "DENY"])("are found by the verdict %s", async (verdict) => {
    expect(await list(`${MODEL}, verdict: ${verdict}`)).toEqual(all.filter((one) => one.verdict === verdict));
  });

  it("are found by a rule that matched", async () => {
    const codes = new Set(all.flatMap(({ outputs }) => outputs.map(({ reason_code: code }) => code)));
    expect(codes.size).toBeGreaterThan(1);
    for (const code of codes) {
      const expected = all.filter(({ outputs }) => outputs.some((row) => row.reason_code === code));
      expect(await list(`${MODEL}, rule: "${code}"`)).toEqual(expected);
    }
    expect(await list(`${MODEL}, rule: "NONE"`)).toEqual([]);
  });

  it("are found by a rule only with its model", async () => {
    const { errors } = await graph.query('{ evaluations(rule: "CLEAR") { totalCount } }');
    expect(errors).toMatchObject([
      { message: "Cannot list: rule is one of a model, and needs model", extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it("are found by the time, from its beginning to before its end", async () => {
    const since = new Date(NOW + 60_000).toISOString();
    const isLater = ({ decidedAt }: Evaluation): boolean => decidedAt >= since;
    expect(all.filter(isLater).length).toBeGreaterThan(0);
    expect(await list(`${MODEL}, since: "${since}"`)).toEqual(all.filter(isLater));
    expect(await list(`${MODEL}, until: "${since}"`)).toEqual(all.filter((one) => !isLater(one)));
  });
});

describe("a decision model", () => {
  const TABLE = `{ decisionModel(key: "location_playback") {
    rules copy inputs { name } outputs { name } table { number matched outputs conditions { operator values } } } }`;
  interface Model {
    readonly rules: number;
    readonly inputs: readonly object[];
    readonly table: readonly {
      readonly number: number;
      readonly matched: number;
      readonly outputs: { readonly reason_code: string };
      readonly conditions: readonly (object | null)[];
    }[];
  }

  it("has its table, a condition or null for each input of each rule", async () => {
    const { data } = await graph.query<{ decisionModel: Model }>(TABLE);
    const { rules, table, inputs } = data.decisionModel;
    expect(table.map(({ number }) => number)).toEqual(Array.from({ length: rules }, (_, index) => index + 1));
    expect(table.every(({ conditions }) => conditions.length === inputs.length)).toBe(true);
    expect(table.flatMap(({ conditions }) => conditions)).toContainEqual({
      operator: "==",
      values: [expect.anything()],
    });
  });

  it("counts how often each rule matched", async () => {
    const { data } = await graph.query<{ decisionModel: Model }>(TABLE);
    const expected = data.decisionModel.table.map(
      ({ outputs }) => all.filter((one) => one.outputs.some((row) => row.reason_code === outputs.reason_code)).length,
    );
    expect(data.decisionModel.table.map(({ matched }) => matched)).toEqual(expected);
    expect(expected.some((count) => count > 0)).toBe(true);
  });

  it("counts only what is the caller's own", async () => {
    const answer = await callers.ask(callerOf("other", ["nobody"]), TABLE);
    const { data } = JSON.parse(answer) as { readonly data: { readonly decisionModel: Model } };
    expect(data.decisionModel.table.every(({ matched }) => matched === 0)).toBe(true);
  });

  it("that does not exist is null", async () => {
    expect(await graph.query('{ decisionModel(key: "constructor") { key } }')).toEqual({
      data: { decisionModel: null },
      errors: [],
    });
  });
});

describe("the activity", () => {
  const ACTIVITY =
    "{ activity { minutes { at calls counts { model verdict origin code count } } circuits { name state } } }";
  interface Activity {
    readonly activity: {
      readonly minutes: readonly {
        readonly at: string;
        readonly calls: number;
        readonly counts: readonly { readonly model: string; readonly count: number; readonly code: string | null }[];
      }[];
      readonly circuits: readonly { readonly state: string }[];
    };
  }

  it("counts decisions by minute", async () => {
    const { data } = await graph.query<Activity>(ACTIVITY);
    const { minutes, circuits } = data.activity;
    // What was found meanwhile is asked in the background.
    expect(minutes.slice(0, 2).map(({ at }) => Date.parse(at))).toEqual([NOW, NOW + 60_000]);
    const decided = minutes.map(({ counts }) =>
      counts.reduce((total, { model, count }) => total + (model === "location_playback" ? count : 0), 0),
    );
    expect(decided[0]).toBeGreaterThanOrEqual(10);
    expect(decided[1]).toBeGreaterThanOrEqual(60);
    expect(minutes.reduce((total, { calls }) => total + calls, 0)).toBeGreaterThanOrEqual(all.length);
    expect(circuits.every(({ state }) => state === "CLOSED")).toBe(true);
  });

  it("says how each upstream stands, and what is left of its limits", async () => {
    const { data } = await graph.query<{
      activity: { reach: string; processes: number; upstreams: readonly object[] };
    }>(
      `{ activity { reach processes upstreams {
        name state calls failures answeredAt lastFailure { code status at againAt } budgets { name left total } } } }`,
    );
    const { upstreams, ...whose } = data.activity;
    expect(whose).toEqual({ reach: "ALONE", processes: 1 });
    expect(upstreams.map((upstream) => "name" in upstream && upstream.name)).toEqual([
      "opentext",
      "spotify-ads",
      "spotify-web",
      "megaphone",
      "soundtrack",
      "crm",
    ]);
    const asked = { state: "ANSWERING", failures: 0, lastFailure: null };
    expect(upstreams).toContainEqual(expect.objectContaining({ name: "opentext", ...asked, budgets: [] }));
    const tokens = { name: "tokens", left: expect.any(Number), total: 3600 };
    expect(upstreams).toContainEqual(expect.objectContaining({ name: "soundtrack", ...asked, budgets: [tokens] }));
    const untouched = { state: null, calls: 0, failures: 0, answeredAt: null, lastFailure: null };
    expect(upstreams).toContainEqual({ name: "crm", ...untouched, budgets: [] });
  });

  it("is nothing for a caller with accounts", async () => {
    expect(await callers.ask(callerOf("other", ["nobody"]), ACTIVITY)).toBe('{"data":{"activity":null}}');
  });

  it("forgets what is older than an hour", async () => {
    now += 3_600_000;
    const { data } = await graph.query<Activity>(ACTIVITY);
    // What is decided in the background meanwhile is of this hour.
    expect(data.activity.minutes.filter(({ at }) => Date.parse(at) < now)).toEqual([]);
  });
});

describe("the caller", () => {
  const CALLER = "{ caller { id scopes accounts } }";

  it("is told who they are and what they may do", async () => {
    const { data } = await graph.query(CALLER);
    expect(data).toEqual({ caller: { id: "anonymous", scopes: [...SCOPES], accounts: null } });
    const other = { ...callerOf("token:ada", ["north"]), scopes: new Set(["reviews:write", "graph:read", "nonsense"]) };
    expect(JSON.parse(await callers.ask(other, CALLER))).toEqual({
      data: { caller: { id: "token:ada", scopes: ["graph:read", "reviews:write"], accounts: ["north"] } },
    });
  });
});
