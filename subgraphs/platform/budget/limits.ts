/** Whose calls are counted together? Those of one account of one upstream, by all processes. */
import { hash } from "node:crypto";
import { createBudget } from "./budget.ts";
import type { BudgetOf } from "./budget.ts";
import type { Counter } from "./counter.ts";

export interface Limits {
  of(upstream: string, account: object): BudgetOf;
}

export interface LimitsOptions {
  readonly counter: Counter;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createLimits({ counter, now }: LimitsOptions): Limits {
  return {
    of(upstream, account) {
      const name = `${upstream} ${hash("sha256", JSON.stringify(account), "base64url")}`;
      return (limits, limitOf) => createBudget({ name, limits, limitOf, counter, now });
    },
  };
}
