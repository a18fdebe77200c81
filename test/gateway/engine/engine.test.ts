import { parse, validate } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
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
      for (const fault of [undefined, "owners", "verdicts", "items", "Item.title", "Item.price", "Item.hidden", "Owner.name", "Part.weight"]) {
        expect({ fault, ...(await federation.gateway(document, {}, fault)), errors: 0 }).toEqual({
          fault,
          ...(await federation.oracle(document, {}, fault)),
          errors: 0,
        });
      }
    });
  }
});
