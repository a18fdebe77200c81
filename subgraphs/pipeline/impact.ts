/**
 * Whose verdict would another table change, from what to what, and by which of its rules?
 *
 * Both tables are evaluated here, for the same facts: nothing is asked of the decision service. All changes are counted, and the
 * first ones are kept by name.
 */
import type { Verdict } from "../../schema/verdict.ts";
import type { Ruling } from "./ruling.ts";

export interface Flip {
  /** The field that would answer otherwise; null for an evaluation of the ledger. */
  readonly field: string | null;
  readonly subject: string;
  /** The other side of a pair: the campaign that an episode is decided for. */
  readonly about: string | null;
  readonly evaluationId: string | null;
  readonly from: Verdict | null;
  readonly to: Verdict | null;
  /** That gave the verdicts, from 1: of the table here, empty where it was not evaluated, and of the candidate. */
  readonly rulesBefore: readonly number[];
  readonly rules: readonly number[];
}

/** All that change alike. */
export interface Change {
  readonly from: Verdict | null;
  readonly to: Verdict | null;
  readonly count: number;
  /** How often each rule of the candidate was among those that gave the new verdict. */
  readonly rules: readonly { readonly rule: number; readonly count: number }[];
}

export interface Tally {
  /** So far. */
  readonly considered: number;
  /** Of those, the ones whose facts are not known. */
  readonly unknown: number;
  readonly changed: number;
  readonly changes: readonly Change[];
  /** The first `MAX_KEPT`, in the order in which they were found. */
  readonly flips: readonly Flip[];
  add(one: Omit<Flip, "from" | "to" | "rulesBefore" | "rules">, before: Ruling, after: Ruling): void;
  addUnknown(): void;
}

export const MAX_KEPT = 20_000;

export function createTally(): Tally {
  let considered = 0;
  let unknown = 0;
  let changed = 0;
  const flips: Flip[] = [];
  const groups = new Map<
    string,
    { from: Verdict | null; to: Verdict | null; count: number; rules: Map<number, number> }
  >();
  return {
    get considered() {
      return considered;
    },
    get unknown() {
      return unknown;
    },
    get changed() {
      return changed;
    },
    get changes() {
      return Array.from(groups.values(), ({ from, to, count, rules }) => ({
        from,
        to,
        count,
        rules: Array.from(rules, ([rule, count]) => ({ rule, count })).toSorted(
          (left, right) => right.count - left.count,
        ),
      })).toSorted((left, right) => right.count - left.count);
    },
    flips,
    add(one, { verdict: from, rules: rulesBefore }, { verdict: to, rules }) {
      considered += 1;
      if (from === to) return;
      changed += 1;
      const name = `${from} ${to}`;
      const group = groups.get(name) ?? { from, to, count: 0, rules: new Map<number, number>() };
      groups.set(name, group);
      group.count += 1;
      for (const rule of rules) group.rules.set(rule, (group.rules.get(rule) ?? 0) + 1);
      if (flips.length < MAX_KEPT) flips.push({ ...one, from, to, rulesBefore, rules });
    },
    addUnknown() {
      considered += 1;
      unknown += 1;
    },
  };
}
