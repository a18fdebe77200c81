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

  it("is the nearest value by its distance, not by its place among the values of cells", () => {
    const numbers = compiled({
      key: "sketch",
      inputs: { score: "number", day: "date", items: "collection" },
      outputs: CONVENTION,
      rules: [
        { score: ["IS IN", "1,2,3,100"], verdict: "ALLOW", reason_code: "LISTED", reason: "Listed" },
        { day: ["IS IN", "2020-01-01, 2026-06-01"], verdict: "ALLOW", reason_code: "DAY", reason: "Day" },
        { items: ["NONE OF", "a, b"], verdict: "ALLOW", reason_code: "NONE", reason: "None" },
        { items: ["ALL OF", '"d"'], verdict: "ALLOW", reason_code: "ALL", reason: "All" },
        { verdict: "REVIEW", reason_code: "OTHER", reason: "Other" },
      ],
    });
    // No rule is severer where one allows.
    const first = { ...numbers.table, hitPolicy: "FIRST" as const };
    const changed = (changeable: string, given: object) =>
      createExplainer(first, { changeable: [changeable] }).wouldAllow({
        score: 98,
        day: "2026-05-01",
        items: ["a", "b", "c"],
        ...given,
      })?.changes;
    expect(changed("score", {})).toEqual([{ input: "score", from: 98, to: 100 }]);
    expect(changed("score", { score: 50.5 })).toEqual([{ input: "score", from: 50.5, to: 3 }]);
    expect(changed("day", {})).toEqual([{ input: "day", from: "2026-05-01", to: "2026-06-01" }]);
    // One item more is less than two items fewer.
    expect(changed("items", {})).toEqual([{ input: "items", from: ["a", "b", "c"], to: ["a", "b", "c", "d"] }]);
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

  it("is not said where that would take too long: of a threshold over many inputs", () => {
    const names = Array.from({ length: 11 }, (_none, index) => `flag_${index}`);
    const fives = combinations(names, 5).map((five) =>
      Object.fromEntries([
        ["verdict", "DENY"] as const,
        ...five.map((name) => [name, ["==", "true"] as const] as const),
      ]),
    );
    const inputs = Object.fromEntries(names.map((name) => [name, "boolean" as const]));
    const { table } = compiled({ key: "sketch", inputs, outputs: CONVENTION, rules: [...fives, { verdict: "ALLOW" }] });
    const explainer = createExplainer(table, { changeable: names });
    const facts = Object.fromEntries(names.map((name) => [name, false]));
    expect(explainer.sufficient(facts)).toBeUndefined();
    expect(
      explainer.wouldAllow({ ...facts, ...Object.fromEntries(names.map((name) => [name, true])) })?.changes,
    ).toHaveLength(7);
  });
});

function combinations(of: readonly string[], size: number): readonly (readonly string[])[] {
  if (size === 0) return [[]];
  return of.flatMap((one, index) => combinations(of.slice(index + 1), size - 1).map((others) => others.concat(one)));
}
