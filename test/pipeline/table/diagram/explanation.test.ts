import { describe, expect, it } from "vitest";
import { createExplainer } from "../../../../subgraphs/pipeline/table/diagram/explanation.ts";
import { CONVENTION, compiled } from "../../../support/otdt.ts";

const { table } = compiled({
  key: "sketch",
  inputs: { age: "number", transcript: "boolean", minutes: "number", disclaimers: "collection", note: "string" },
  outputs: CONVENTION,
  rules: [
    { age: ["<", "18"], verdict: "DENY", reason_code: "YOUNG", reason: "Too young" },
    { disclaimers: ["NOT ALL OF", "health, sponsorship"], verdict: "DENY", reason_code: "SILENT", reason: "Say so" },
    { transcript: ["!=", "true"], minutes: [">", "20"], verdict: "REVIEW", reason_code: "LONG", reason: "Long" },
    { verdict: "ALLOW", reason_code: "CLEAR", reason: "Clear" },
  ],
});
const explainer = createExplainer(table, {
  constraints: [{ number: "minutes", whole: true, from: 0 }],
  changeable: ["transcript", "minutes", "disclaimers"],
});
const facts = { age: 30, transcript: false, minutes: 45, disclaimers: ["other", "health"], note: "n" };

describe("what would have to change", () => {
  it("is the fewest inputs, however many items of one", () => {
    expect(explainer.wouldAllow({ ...facts, transcript: true, disclaimers: ["other"] })).toEqual({
      possible: true,
      changes: [{ input: "disclaimers", from: ["other"], to: ["other", "health", "sponsorship"] }],
    });
  });

  it("is one input with several items rather than two inputs", () => {
    const items = ["NOT ALL OF", "health, sponsorship, explicit"] as const;
    const two = compiled({
      key: "sketch",
      inputs: { transcript: "boolean", minutes: "number", disclaimers: "collection" },
      outputs: CONVENTION,
      rules: [
        { transcript: ["!=", "true"], disclaimers: items, verdict: "DENY", reason_code: "SILENT", reason: "Say so" },
        { minutes: [">", "20"], disclaimers: items, verdict: "DENY", reason_code: "LONG", reason: "Long" },
        { verdict: "ALLOW", reason_code: "CLEAR", reason: "Clear" },
      ],
    });
    const free = createExplainer(two.table, { changeable: ["transcript", "minutes", "disclaimers"] });
    expect(free.wouldAllow({ transcript: false, minutes: 45, disclaimers: [] })?.changes).toEqual([
      { input: "disclaimers", from: [], to: ["explicit", "health", "sponsorship"] },
    ]);
  });

  it("is the nearest value of a number, and as few as possible of several inputs", () => {
    const { possible, changes = [] } = explainer.wouldAllow(facts) ?? {};
    expect(possible).toBe(true);
    expect(changes).toEqual([
      { input: "minutes", from: 45, to: 20 },
      { input: "disclaimers", from: ["other", "health"], to: ["other", "health", "sponsorship"] },
    ]);
  });

  it("is nothing where it is allowed, and impossible where only what nobody can change would", () => {
    const allowed = { ...facts, transcript: true, disclaimers: ["health", "sponsorship"] };
    expect(explainer.wouldAllow(allowed)).toEqual({ possible: true, changes: [] });
    expect(explainer.wouldAllow({ ...allowed, age: 12 })).toEqual({ possible: false, changes: [] });
  });
});

describe("why a verdict is what it is", () => {
  it("is a smallest set of facts that fixes it, whatever the others are", () => {
    expect(explainer.sufficient({ ...facts, age: 12 })).toEqual([{ input: "age", value: 12 }]);
    expect(explainer.sufficient({ ...facts, transcript: true, disclaimers: ["health", "sponsorship"] })).toEqual([
      { input: "age", value: 30 },
      { input: "transcript", value: true },
      { input: "disclaimers", value: ["health", "sponsorship"] },
    ]);
  });

  it("never is a fact that no rule asks for", () => {
    expect(explainer.unneeded).toEqual(["note"]);
  });

  it("is not said of facts that are unknown or of another type", () => {
    expect(explainer.sufficient({ ...facts, minutes: "4" })).toBeUndefined();
    expect(explainer.wouldAllow({ ...facts, age: null })).toBeUndefined();
  });
});
