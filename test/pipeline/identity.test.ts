import { array, assert, constantFrom, dictionary, oneof, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { areSameFacts, factsDigest } from "../../subgraphs/pipeline/identity.ts";
import type { Fact, Facts } from "../../subgraphs/pipeline/table/table.ts";

describe("facts digest", () => {
  it("is equal for the same facts in another order, and for a collection in another order or with repeated items", () => {
    const digest = factsDigest({ amount: 1, marks: ["a", "b"] });
    expect(factsDigest({ marks: ["b", "a", "b"], amount: 1 })).toBe(digest);
    expect(factsDigest({ marks: ["b"], amount: 1 })).not.toBe(digest);
  });

  it("is equal exactly where areSameFacts is true", () => {
    const scalar = constantFrom<Fact[]>(null, "a", "1", "NaN", 1, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, true);
    const collection = array(constantFrom("a", "b", 1, 2), { maxLength: 3 });
    const facts = dictionary(constantFrom("x", "y"), oneof(scalar, collection), { maxKeys: 2 });
    assert(
      property(facts, facts, (left: Facts, right: Facts) => {
        expect(areSameFacts(left, right)).toBe(factsDigest(left) === factsDigest(right));
      }),
      { numRuns: 2000 },
    );
  });
});
