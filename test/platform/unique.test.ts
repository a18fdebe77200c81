import { expect, it } from "vitest";
import { unique } from "../../subgraphs/platform/unique.ts";

it("unique keeps the first of equal values, in order, and changes nothing", () => {
  const items = ["b", "a", "b", "c", "a"];
  expect(unique(items)).toEqual(["b", "a", "c"]);
  expect(items).toEqual(["b", "a", "b", "c", "a"]);
  expect(unique([])).toEqual([]);
});
