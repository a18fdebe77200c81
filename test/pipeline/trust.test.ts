/** How trust in the running table is earned and lost, over the OpenText sandbox. */
import { afterEach, describe, expect, it } from "vitest";
import { decision } from "../../subgraphs/pipeline/decision.ts";
import { createMetrics } from "../../subgraphs/pipeline/metrics.ts";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { PipelineOptions } from "../../subgraphs/pipeline/pipeline.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { SUBJECT } from "../support/asks.ts";
import { NOW } from "../support/decibel.ts";
import { accountAt, readableLog, request, samplesOf } from "../support/loans.ts";
import { CONVENTION, compiled } from "../support/otdt.ts";
import type { TableDraft } from "../support/otdt.ts";
import { misbehave } from "../support/sandbox-control.ts";

const loan = decision({
  key: "loan",
  inputs: { amount: "number", country: "string", marks: "collection", insured: "boolean" },
  outputs: { queue: "first", desks: "list" },
  freshForMs: 60_000,
  answer: (rows) => ({ queue: rows.first("queue"), desks: rows.list("desks") }),
});

type Rule = TableDraft["rules"][number];
const LARGE: Rule = { amount: [">", "1000"], verdict: "REVIEW", reason_code: "LARGE", reason: "Large", queue: "desk" };
const CLEAR: Rule = { verdict: "ALLOW", reason_code: "CLEAR", reason: "Clear", desks: "north" };
const DENIED = { verdict: "DENY", reason_code: "NEW", reason: "A rule that is only there" } as const;

/** A table with these rules, then those that the table here has. */
const table = (before: readonly Rule[] = [], version = 1) =>
  compiled({
    key: "loan",
    version,
    inputs: loan.inputs,
    outputs: { ...CONVENTION, queue: "string", desks: "string" },
    rules: [...before, LARGE, CLEAR],
  });

const plain = { amount: 600, country: "FR", marks: ["a"], insured: true };
type LoanFacts = typeof plain;

const open: { close(): Promise<unknown> }[] = [];
let clock = NOW;
afterEach(async () => {
  clock = NOW;
  for (const part of open.splice(0).toReversed()) await part.close();
});

/** A pipeline whose service runs the table `there`. */
async function running(there = table(), version = 1, here = table(), options: Partial<PipelineOptions> = {}) {
  const sandbox = createOpenTextSandbox({ tables: [there], now: () => clock });
  open.push(sandbox);
  const origin = await sandbox.listen();
  const { log, lines } = readableLog();
  const metrics = createMetrics();
  const pipeline = createPipeline({
    declared: [{ decisions: [loan], tables: [here] }],
    log,
    metrics,
    now: () => clock,
    account: accountAt(origin),
    ...options,
  });
  open.push(pipeline);
  const report = (number: number) =>
    sandbox.app.inject({ method: "PUT", url: "/sandbox/tables/loan/version", payload: { version: number } });
  await report(version);
  await pipeline.start();
  /** In one request. */
  const ask = (...facts: Partial<LoanFacts>[]) => {
    const context = request();
    return Promise.all(facts.map((given) => pipeline.decide(context, loan, { ...plain, ...given }, SUBJECT)));
  };
  return {
    sandbox,
    pipeline,
    lines,
    ask,
    verdicts: async (...facts: Partial<LoanFacts>[]) => (await ask(...facts)).map(({ verdict }) => verdict),
    trust: () => pipeline.trust.of("loan"),
    executes: async (): Promise<number> => (await sandbox.app.inject("/sandbox/calls")).json().executes,
    compared: () => samplesOf(metrics.registry, "decibel_comparisons_total"),
    refresh: () => pipeline.versions.refresh(),
    report,
    misbehave: (faults: Faults) => misbehave(sandbox, faults),
  };
}

/** Many subjects that differ in their amount alone, all of one class here. */
const many = (facts: Partial<LoanFacts> = {}) =>
  Array.from({ length: 50 }, (_none, index) => ({ ...facts, amount: 600 + index }));

describe("a service that runs the table here under another number", () => {
  it("costs as many calls as there are classes and values, not one for each subject", async () => {
    const { ask, executes, trust } = await running(table(), 7);
    expect(new Set((await ask(...many(), ...many({ country: "SE" }))).map(({ verdict }) => verdict))).toEqual(
      new Set(["ALLOW"]),
    );
    expect(await executes()).toBe(3);
    expect(trust()).toEqual({ state: "TRUSTED", since: NOW, agreed: 3, disagreed: 0 });
    await ask(...many(), ...many({ country: "SE" }));
    expect(await executes()).toBe(3);
  });

  it("is trusted anew after each deployment", async () => {
    const { ask, trust, report, refresh } = await running();
    await ask(...many());
    await report(2);
    await refresh();
    expect(trust()).toMatchObject({ state: "UNPROVEN", agreed: 0 });
    await ask(...many());
    expect(trust()).toMatchObject({ state: "TRUSTED", agreed: 2 });
  });
});

describe("a service that runs another table under the number of the one here", () => {
  it.each<[string, Rule, Partial<LoanFacts>, Partial<LoanFacts>]>([
    ["a text that no rule here names", { ...DENIED, country: ["==", "SE"] }, {}, { country: "SE" }],
    ["another text than one", { ...DENIED, country: ["!=", "FR"] }, {}, { country: "SE" }],
    ["a number of the same magnitude", { ...DENIED, amount: ["<", "900"] }, { amount: 950 }, {}],
    ["an item of a collection", { ...DENIED, marks: ["ANY OF", '"b", "c"'] }, {}, { marks: ["a", "b"] }],
    ["a collection without items", { ...DENIED, marks: ["NONE OF", '"a", "c"'] }, {}, { marks: [] }],
    ["a boolean that no rule here tests", { ...DENIED, insured: ["==", "false"] }, {}, { insured: false }],
    [
      "two values together",
      { ...DENIED, country: ["==", "SE"], insured: ["==", "false"] },
      { country: "SE" },
      { country: "SE", insured: false },
    ],
  ])("is found out by the first subject with %s", async (_what, rule, first, others) => {
    const { verdicts, trust } = await running(table([rule]));
    expect(await verdicts(first)).toEqual(["ALLOW"]);
    expect(new Set(await verdicts(...Array.from({ length: 50 }, () => others)))).toEqual(new Set(["DENY"]));
    expect(trust()).toMatchObject({ state: "DISTRUSTED", agreed: 1 });
  });

  it.each<[string, Rule, Partial<LoanFacts>]>([
    ["above all that were compared", { ...DENIED, amount: [">", "900"] }, { amount: 950 }],
    ["below all that were compared", { ...DENIED, amount: ["<", "530"] }, { amount: 520 }],
  ])("is found out by the first number %s, of the same magnitude too", async (_what, rule, others) => {
    const { verdicts, trust } = await running(table([rule]));
    expect(new Set(await verdicts(...many()))).toEqual(new Set(["ALLOW"]));
    expect(new Set(await verdicts(...Array.from({ length: 50 }, () => others)))).toEqual(new Set(["DENY"]));
    expect(trust()).toMatchObject({ state: "DISTRUSTED" });
  });

  it("is believed between two numbers that agreed, where no rule here compares with one between them", async () => {
    const { ask, executes } = await running();
    await ask({ amount: 600 }, { amount: 900 });
    const between = await ask(...[601, 700, 899].map((amount) => ({ amount })));
    expect(between.map(({ origin }) => origin)).toEqual(["EQUIVALENT", "EQUIVALENT", "EQUIVALENT"]);
    expect(await executes()).toBe(2);
  });

  it("answers nobody by equivalence before the first comparisons of the class are made", async () => {
    const { verdicts } = await running(table([{ ...DENIED, amount: ["<", "625"] }]));
    const expected = many().map(({ amount }) => (amount < 625 ? "DENY" : "ALLOW"));
    expect(await verdicts(...many())).toEqual(expected);
  });

  it("gives an answer that disagrees to nobody else of the class", async () => {
    const { verdicts, refresh, trust } = await running(
      table([{ ...DENIED, country: ["==", "SE"], insured: ["==", "false"] }]),
    );
    await verdicts({ amount: 600 }, { amount: 649, country: "SE" }, { amount: 620, insured: false });
    clock += 60_001;
    await refresh();
    // Each of its values was compared with others, so it may speak for its class, until its answer is known.
    expect(await verdicts({ amount: 630, country: "SE", insured: false }, ...many())).toEqual([
      "DENY",
      ...many().map(() => "ALLOW"),
    ]);
    expect(trust()).toMatchObject({ state: "DISTRUSTED", disagreed: 1 });
  });

  it("is found out by a value after hundreds of others", async () => {
    const { verdicts } = await running(table([{ ...DENIED, marks: ["ANY OF", '"bad", "worse"'] }]));
    const others = Array.from({ length: 400 }, (_none, index) => `m${index}`);
    expect(new Set(await verdicts({ marks: others }, { marks: ["m1"] }))).toEqual(new Set(["ALLOW"]));
    expect(new Set(await verdicts(...many({ marks: ["bad"] })))).toEqual(new Set(["DENY"]));
  });

  it("decides by itself while its version is unknown too, where tables here decide", async () => {
    const { verdicts, trust, misbehave, refresh } = await running(
      table([{ ...DENIED, country: ["==", "SE"] }]),
      1,
      table(),
      { decisions: "local", verifyShare: 1 },
    );
    await refresh();
    await verdicts({ country: "SE" });
    await expect.poll(() => trust().state, { interval: 5 }).toBe("DISTRUSTED");
    expect(await verdicts({ country: "SE", amount: 1 })).toEqual(["DENY"]);
    await misbehave({ status: 503, only: "list" });
    clock += 3_600_000;
    await refresh();
    expect(await verdicts({ country: "SE", amount: 2 })).toEqual(["DENY"]);
  });

  it("is trusted anew once another table has the number", async () => {
    const { sandbox, ask, trust, refresh } = await running();
    const deploy = async (rules: readonly Rule[], version: number) => {
      sandbox.deploy(table(rules, version));
      clock += 1;
      await refresh();
      await ask(...many());
    };
    await deploy([DENIED], 2);
    expect(trust().state).toBe("DISTRUSTED");
    await deploy([], 1);
    expect(trust().state).toBe("TRUSTED");
    await deploy([], 2);
    expect(trust().state).toBe("TRUSTED");
  });

  it("is logged once with the codes of the rules, never with facts, and counted", async () => {
    const { ask, lines, compared, report, refresh, trust } = await running(
      table([{ ...DENIED, country: ["==", "SE"] }]),
    );
    await ask({ country: "SE" }, { country: "SE", amount: 700 });
    await expect.poll(() => lines).toHaveLength(1);
    expect(lines).toEqual([
      {
        level: 50,
        decision: "loan",
        version: "1",
        here: [{ verdict: "ALLOW", code: "CLEAR" }],
        there: [
          { verdict: "ALLOW", code: "CLEAR" },
          { verdict: "DENY", code: "NEW" },
        ],
        msg: "decision service disagrees with the table here: it decides alone while this version runs",
      },
    ]);
    expect(await compared()).toEqual({ 'model="loan",result="disagreed"': 2 });
    await report(2);
    await refresh();
    expect(trust().state).toBe("UNPROVEN");
  });
});

describe("an order of rows that is not known", () => {
  const both: Rule = { ...LARGE, reason_code: "ALSO", queue: "board" };
  const also: Rule = { verdict: "ALLOW", reason_code: "ALSO", reason: "Also clear", desks: "south,north" };

  it("leaves undetermined what depends on it, and says so", async () => {
    // A reply with more rows than the table here has would be refused.
    const never: Rule = { ...DENIED, country: ["==", "XX"] };
    const { ask } = await running(table([both]), 1, table([never]));
    await expect(ask({ amount: 2000 })).rejects.toMatchObject({
      code: "DECISION_UNDETERMINED",
      message:
        "Cannot decide loan: its rows say queue in several ways, and which rule comes first is unknown: " +
        "the service does not run the table here",
    });
  });

  it("changes nothing else: lists and reasons have an order of their own", async () => {
    const { ask } = await running(table([also]));
    const [decided] = await ask({});
    expect(decided).toMatchObject({ verdict: "ALLOW", queue: null, desks: ["south", "north"] });
    expect(decided?.reasons.map(({ code, rule }) => `${code} ${rule}`)).toEqual(["ALSO null", "CLEAR null"]);
  });
});

describe("asks that wait for a comparison", () => {
  it("fail as it fails, so that a service that is down costs no call for each", async () => {
    const { ask, executes, misbehave } = await running();
    await misbehave({ status: 400 });
    const results = await Promise.allSettled(many().map((facts) => ask(facts)));
    expect(new Set(results.map((result) => result.status === "rejected" && result.reason.code))).toEqual(
      new Set(["DECISION_REJECTED"]),
    );
    expect(await executes()).toBeLessThan(10);
  });

  it("are asked by other facts where the service refuses those of one alone", async () => {
    // The facts of the largest amount are asked first, for all others.
    const refusing = table([{ amount: [">", "640"], verdict: "MAYBE", reason_code: "ODD", reason: "No verdict" }]);
    const { ask } = await running(refusing);
    const results = await Promise.allSettled(many().map((facts) => ask(facts)));
    expect(results.map(({ status }) => status)).toEqual(
      many().map(({ amount }) => (amount > 640 ? "rejected" : "fulfilled")),
    );
  });

  it("are answered whatever other requests ask at the same time", async () => {
    const { verdicts, executes } = await running();
    const requests = await Promise.all(Array.from({ length: 20 }, (_none, index) => verdicts(...many().slice(index))));
    expect(new Set(requests.flat())).toEqual(new Set(["ALLOW"]));
    expect(await executes()).toBeLessThan(10);
  });
});
