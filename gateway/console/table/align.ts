/**
 * Which rule of one version of a table is which of another?
 *
 * A rule is known by the code of its reason, which no other rule of its table has. Those that both versions have in the same order
 * are the frame (a longest common subsequence); between them stand rules that were added, removed or moved. A rule whose code was
 * changed as well is the one in the same place that has most of its cells.
 */

export interface AlignableRule {
  readonly number: number;
  readonly outputs: unknown;
  readonly conditions: readonly unknown[];
}

/** In the order of the new version; what was removed stands where it was. */
export interface Aligned<Rule> {
  readonly before: Rule | undefined;
  readonly after: Rule | undefined;
  /** It is at another place among the others. */
  readonly isMoved: boolean;
}

export function alignRules<Rule extends AlignableRule>(
  before: readonly Rule[],
  after: readonly Rule[],
): readonly Aligned<Rule>[] {
  const frame = commonIn(before.map(codeOf), after.map(codeOf));
  const inFrame = new Set(frame.map(([old]) => before[old]));
  const byCode = new Map(before.filter((rule) => !inFrame.has(rule)).map((rule) => [codeOf(rule), rule]));
  const moved = new Map(
    after.flatMap((rule) => {
      const old = byCode.get(codeOf(rule));
      return old ? [[rule, old] as const] : [];
    }),
  );
  const movedAway = new Set(moved.values());
  const aligned: Aligned<Rule>[] = [];
  let [old, next] = [0, 0];
  for (const [toOld, toNext] of [...frame, [before.length, after.length] as const]) {
    const gone = before.slice(old, toOld).filter((rule) => !movedAway.has(rule));
    for (const rule of after.slice(next, toNext)) {
      const from = moved.get(rule);
      const renamed = from ? -1 : gone.findIndex((one) => isAlike(one, rule));
      for (const removed of gone.splice(0, Math.max(0, renamed))) aligned.push(alone({ before: removed }));
      if (from) aligned.push({ before: from, after: rule, isMoved: true });
      else aligned.push({ before: renamed < 0 ? undefined : gone.shift(), after: rule, isMoved: false });
    }
    aligned.push(...gone.map((removed) => alone({ before: removed })));
    const pair = [before[toOld], after[toNext]];
    if (pair[0] && pair[1]) aligned.push({ before: pair[0], after: pair[1], isMoved: false });
    [old, next] = [toOld + 1, toNext + 1];
  }
  return aligned;
}

function alone<Rule>({ before }: { readonly before: Rule }): Aligned<Rule> {
  return { before, after: undefined, isMoved: false };
}

/** The positions in both of a longest common subsequence. */
function commonIn(left: readonly string[], right: readonly string[]): readonly (readonly [number, number])[] {
  const lengths = Array.from({ length: left.length + 1 }, () => Array.from({ length: right.length + 1 }, () => 0));
  const lengthAt = (one: number, other: number): number => lengths[one]?.[other] ?? 0;
  for (let one = left.length - 1; one >= 0; one--)
    for (let other = right.length - 1; other >= 0; other--) {
      const row = lengths[one];
      if (row)
        row[other] =
          left[one] === right[other]
            ? lengthAt(one + 1, other + 1) + 1
            : Math.max(lengthAt(one + 1, other), lengthAt(one, other + 1));
    }
  const pairs: (readonly [number, number])[] = [];
  let [one, other] = [0, 0];
  while (one < left.length && other < right.length) {
    if (left[one] === right[other]) pairs.push([one++, other++]);
    else if (lengthAt(one + 1, other) >= lengthAt(one, other + 1)) one++;
    else other++;
  }
  return pairs;
}

/** More than half of what either says of its inputs is the same. */
function isAlike(one: AlignableRule, other: AlignableRule): boolean {
  const pairs = one.conditions.map((condition, column) => [condition, other.conditions[column] ?? null] as const);
  const said = pairs.filter(([left, right]) => left !== null || right !== null);
  const same = said.filter((pair) => isSame(...pair));
  return same.length * 2 > said.length;
}

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function codeOf({ outputs }: AlignableRule): string {
  return typeof outputs === "object" && outputs !== null && "reason_code" in outputs ? String(outputs.reason_code) : "";
}
