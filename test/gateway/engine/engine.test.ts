import { parse, validate } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../support/random.ts";
import { SEED, SEEDED } from "../../support/seed.ts";
import { asAnswer, atNulls, differenceOf } from "./compare.ts";
import { randomOperation } from "./random.ts";
import { createFederation } from "./world.ts";
import type { TestFederation } from "./world.ts";

let federation: TestFederation;
beforeAll(() => {
  federation = createFederation();
});

const CASES: readonly string[] = [
  `{ item(id: "i1") { title __proto__: kind } }`,
  `{ constructor: item(id: "i1") { title } }`,
  `{ item(id: "i1") { hidden: title facts: title verdict } }`,
  `{ item(id: "i1") { id: title verdict price } }`,
  `{ item(id: "i1") { __typename: kind price id: title } }`,
  `{ items(first: 3) { title } items(first: 3) { price verdict } }`,
  `{ item(id: "i1") { tags tags parts { name } parts { weight item { price } } } }`,
  `{ __schema { queryType { name } } item(id: "i1") { title } }`,
  `{ __typename ...F } fragment F on Query { item(id: "i1") { title } }`,
  `{ item(id: "i1") @skip(if: true) { title } }`,
  `{ item(id: "i1") { title @skip(if: true) } }`,
  `{ node(id: "i1") { id ... on Item { price } } }`,
  `{ things { label size(unit: INCH) ... on Item { price } ... on Note { about { verdict } } __typename } }`,
  `{ search(where: {kind: SMALL, ids: ["\\u{1F4A9}"], nested: {limit: 1}}) { ... on Item { price } ... on Owner { name items { title price } } ... on Note { text } } }`,
  `mutation { a: setTitle(id: "i1", title: "x") { title owner { name } } b: rename(ownerId: "o2", name: "y") { name items { title } } c: setTitle(id: "i1", title: "z") { title owner { name } } }`,
  `{ owner(id: "o1") { friend { friend { friend { name } } } items { next { next { price owner { name } } } } } }`,
];

describe("the engine", () => {
  for (const query of CASES) {
    it(`answers as graphql-js would: ${query}`, async () => {
      const document = parse(query);
      expect(validate(federation.publicSchema, document)).toEqual([]);
      for (const fault of [
        undefined,
        "owners",
        "verdicts",
        "items",
        "Item.title",
        "Item.price",
        "Item.hidden",
        "Owner.name",
        "Part.weight",
      ]) {
        expect({ fault, ...(await federation.gateway(document, {}, fault)), errors: 0 }).toEqual({
          fault,
          ...(await federation.oracle(document, {}, fault)),
          errors: 0,
        });
      }
    });
  }
});

/** Each is sent up to three times, with other variables. */
const OPERATIONS = 2000;
const FAULTS = [
  undefined,
  "owners",
  "verdicts",
  "items",
  "Item.title",
  "Item.price",
  "Item.hidden",
  "Item.verdict",
  "Owner.name",
  "Owner.friend",
  "Part.weight",
  "Item.score",
  "Query.owner",
  "Item.owner",
] as const;
const VALUES = {
  id: ["i1", "i2", "i3", "i5", "o1", "none"],
  ownerId: ["o1", "o2", "none"],
  ids: ["i1"],
  first: [0, 1, 2, 3],
};

describe("random operations", () => {
  it("have the data and the error paths that graphql-js gives, healthy and with one fault", async () => {
    const bad: string[] = [];
    let others = 0;
    for (let index = 0; index < OPERATIONS && bad.length < 5; index += 1) {
      const { next: random } = createRandom(SEED + index);
      const { source, document, variants } = randomOperation(federation.publicSchema, random, VALUES);
      const fault = index % 2 === 0 ? undefined : FAULTS[Math.floor(random() * FAULTS.length)];
      // The same document each time: what is prepared for one request must not show in another.
      for (const variables of variants) {
        const expected = await federation.oracle(document, variables, fault);
        const actual = await federation.gateway(document, variables, fault).catch(asAnswer);
        const difference = differenceOf(actual, expected);
        if (!difference) continue;
        // A subgraph gives null for an object whose field may not be null, whatever else has failed in it.
        if (fault && !differenceOf(atNulls(actual), atNulls(expected))) others += 1;
        else
          bad.push(
            [`${SEEDED}, operation ${index}, fault ${fault}`, source, JSON.stringify(variables), difference].join("\n"),
          );
      }
    }
    expect(bad.join("\n\n")).toBe("");
    expect(others).toBeLessThan(OPERATIONS / 100);
  }, 300_000);
});
