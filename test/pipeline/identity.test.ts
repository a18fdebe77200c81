import { array, assert, constantFrom, dictionary, oneof, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { areSameFacts, createFactsIdentity, factsDigest } from "../../subgraphs/pipeline/identity.ts";
import type { Fact, Facts } from "../../subgraphs/pipeline/table/table.ts";

describe("the identity of an ask", () => {
  it("is another for another account of the service", () => {
    const ask = { model: "loan", facts: { amount: 1 }, subject: "s", caller: "c" };
    const of = (account: string) => createFactsIdentity({ version: () => 1, account })(ask);
    expect(of("one:")).not.toBe(of("other:"));
  });
});

describe("facts digest", () => {
  it("is equal for the same facts in another order, and for a collection in another order or with repeated items", () => {
    const digest = factsDigest({ amount: 1, marks: ["a", "b"] });
    expect(factsDigest({ marks: ["b", "a", "b"], amount: 1 })).toBe(digest);
    expect(factsDigest({ marks: ["b"], amount: 1 })).not.toBe(digest);
  });

  it.each([
    [
      [1, "1"],
      ["1", 1],
    ],
    [
      ["10", 9, "9", 10],
      [9, 10, "10", "9"],
    ],
    [
      ["a", -1, "-1", 2],
      [2, "-1", -1, "a"],
    ],
  ])("is equal for the texts and numbers %j and %j", (left, right) => {
    expect(factsDigest({ marks: left })).toBe(factsDigest({ marks: right }));
    expect(areSameFacts({ marks: left }, { marks: right })).toBe(true);
  });

  it("differs for a text and a number", () => {
    expect(factsDigest({ marks: [1, 2] })).not.toBe(factsDigest({ marks: [1, "2"] }));
    expect(areSameFacts({ marks: [1, 2] }, { marks: [1, "2"] })).toBe(false);
  });

  it("is equal exactly where areSameFacts is true", () => {
    const scalar = constantFrom<Fact[]>(null, "a", "1", "NaN", 1, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, true);
    const collection = array(constantFrom("a", "1", "2", 1, 2, 10), { maxLength: 3 });
    const facts = dictionary(constantFrom("x", "y"), oneof(scalar, collection), { maxKeys: 2 });
    assert(
      property(facts, facts, (left: Facts, right: Facts) => {
        expect(areSameFacts(left, right)).toBe(factsDigest(left) === factsDigest(right));
      }),
      { numRuns: 2000 },
    );
  });
});
