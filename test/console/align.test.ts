/** Which rules of two versions of a table are the same ones. */
import { describe, expect, it } from "vitest";
import { alignRules } from "../../gateway/console/table/align.ts";

const rule = (number: number, code: string, ...conditions: readonly string[]) => ({
  number,
  conditions,
  outputs: { reason_code: code },
});
const rules = (codes: string) => codes.split("").map((code, index) => rule(index + 1, code, code));

/** `a` in both, `-a` removed, `+a` added, `~a` moved, `a>b` changed. */
function aligned(before: ReturnType<typeof rules>, after: ReturnType<typeof rules>): string {
  const codeOf = (one: ReturnType<typeof rule> | undefined) => one?.outputs.reason_code ?? "";
  return alignRules(before, after)
    .map(({ before: old, after: next, isMoved }) => {
      if (!old) return `+${codeOf(next)}`;
      if (!next) return `-${codeOf(old)}`;
      return `${isMoved ? "~" : ""}${codeOf(old)}${codeOf(old) === codeOf(next) ? "" : `>${codeOf(next)}`}`;
    })
    .join(" ");
}

describe("the rules of two versions", () => {
  it.each([
    ["abc", "abc", "a b c"],
    ["abc", "abxc", "a b +x c"],
    ["abc", "ac", "a -b c"],
    ["abcd", "acdb", "a c d ~b"],
    ["", "ab", "+a +b"],
    ["ab", "", "-a -b"],
    ["abc", "xyz", "+x +y +z -a -b -c"],
  ])("%s and %s are %s", (before, after, expected) => {
    expect(aligned(rules(before), rules(after))).toBe(expected);
  });

  it("are known by their place and their cells where the code of a reason has changed", () => {
    const before = [rule(1, "a", "x"), rule(2, "b", "y", "z", "w"), rule(3, "c", "v")];
    const after = [rule(1, "a", "x"), rule(2, "new", "y", "z", "u"), rule(3, "c", "v")];
    expect(aligned(before, after)).toBe("a b>new c");
  });
});
