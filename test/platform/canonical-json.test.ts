import { expect, it } from "vitest";
import { canonicalJson } from "../../subgraphs/platform/canonical-json.ts";

it.each([
  [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
  [{ 10: "ten", 9: "nine", "\u20ac": 1, "\ud83d\ude00": 2 }, '{"10":"ten","9":"nine","\u20ac":1,"\ud83d\ude00":2}'],
  [{ at: new Date(0), absent: undefined }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  [[1e21, 1e-7, -0, 0.1 + 0.2], "[1e+21,1e-7,0,0.30000000000000004]"],
  ["a\ud800", String.raw`"a\ud800"`],
])("a canonical %j is %s", (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});
