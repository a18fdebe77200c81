import { describe, expect, it } from "vitest";
import { diff } from "../../../../subgraphs/pipeline/table/diagram/diff.ts";
import { CONVENTION, compiled } from "../../../support/otdt.ts";
import type { TableDraft } from "../../../support/otdt.ts";

const INPUTS = { age: "number", country: "string", marks: "collection" } as const;

function table(rules: TableDraft["rules"], inputs: TableDraft["inputs"] = INPUTS) {
  const outputs = { ...CONVENTION, queue: "string", tags: "string" } as const;
  const numbered = rules.map((rule, index) => ({ reason: "because", reason_code: `R${index + 1}`, ...rule }));
  return compiled({ key: "sketch", inputs, outputs, rules: numbered }).table;
}

const CLOSING = { verdict: "ALLOW", queue: "desk", tags: "one, two" };
const WAYS = { queue: "first", tags: "list" } as const;

describe("the difference of two versions", () => {
  const before = table([{ age: ["<", "18"], country: ["IS IN", "FR, DE"], verdict: "DENY" }, CLOSING]);

  it("is none where only reasons, the order of rules or the wording of conditions changed", () => {
    const after = table([
      CLOSING,
      { age: ["<", "18"], country: ["==", "DE"], verdict: "DENY", reason: "another" },
      { age: ["<", "18"], country: ["==", "FR"], verdict: "DENY" },
    ]);
    expect(diff(before, after, { outputs: WAYS })).toMatchObject({ equivalent: true, changes: [], outputs: [] });
  });

  it("counts the cells of each change, and names facts of one", () => {
    const after = table([{ age: ["<", "21"], country: ["==", "FR"], verdict: "DENY" }, CLOSING]);
    // Ages below 18, below 21 and above; FR, DE and others; no list is named.
    expect(diff(before, after, { outputs: WAYS })).toEqual({
      key: "sketch",
      equivalent: false,
      changes: [
        { from: "ALLOW", to: "DENY", cells: 1n, witness: { age: 18, country: "FR", marks: [] } },
        { from: "DENY", to: "ALLOW", cells: 1n, witness: { age: 0, country: "DE", marks: [] } },
      ],
      outputs: [
        { output: "queue", from: null, to: "desk", cells: 1n, witness: { age: 0, country: "DE", marks: [] } },
        { output: "queue", from: "desk", to: null, cells: 1n, witness: { age: 18, country: "FR", marks: [] } },
        { output: "tags", from: null, to: "one", cells: 1n, witness: { age: 0, country: "DE", marks: [] } },
        { output: "tags", from: "one", to: null, cells: 1n, witness: { age: 18, country: "FR", marks: [] } },
        { output: "tags", from: null, to: "two", cells: 1n, witness: { age: 0, country: "DE", marks: [] } },
        { output: "tags", from: "two", to: null, cells: 1n, witness: { age: 18, country: "FR", marks: [] } },
      ],
      cells: 9n,
    });
  });

  it("tells the order of a list", () => {
    const [old, next] = [CLOSING, { ...CLOSING, tags: "two, one" }].map((rule) => table([rule]));
    expect(old && next && diff(old, next, { outputs: WAYS }).outputs).toEqual([
      { output: "tags", from: "one, two", to: "two, one", cells: 1n, witness: { age: 0, country: "other", marks: [] } },
    ]);
  });

  it("refuses a list of more items than can be compared in time", () => {
    const items = Array.from({ length: 501 }, (_none, index) => `item ${index}`);
    const long = (tags: readonly string[]) => table([{ ...CLOSING, tags: tags.join(", ") }]);
    expect(() => diff(long(items), long(items.toReversed()), { outputs: WAYS })).toThrow(
      "Cannot compare sketch: tags has 501 items, expected at most 500",
    );
    const some = items.slice(0, 40);
    expect(diff(long(some), long(some.toReversed()), { outputs: WAYS }).outputs).toHaveLength((40 * 39) / 2);
  });

  it("counts more cells than numbers can", () => {
    const items = Array.from({ length: 80 }, (_, index) => `m${index}`);
    const rules = items.map((item) => ({ marks: ["ANY OF", `"${item}"`] as const, verdict: "DENY" }));
    const { changes, cells } = diff(table([...rules, CLOSING]), table([CLOSING]), { outputs: WAYS });
    expect(cells).toBe(2n ** 80n);
    expect(changes).toMatchObject([{ from: "DENY", to: "ALLOW", cells: 2n ** 80n - 1n }]);
  });

  it("refuses tables that give an input two types", () => {
    expect(() => diff(before, table([CLOSING], { age: "string" }))).toThrow(
      new RangeError("Cannot compare the tables: input age is a number in one, a string in the other"),
    );
  });
});
