/** How much may callers ask for? Plain values: they are handed on to other processes of the gateway. */

export interface Limits {
  /** Of the field cost of an operation. */
  readonly cost: number;
  /** Of the evaluations of decisions that an operation can cause. */
  readonly openTextCalls: number;
}

export const LIMITS: Limits = {
  cost: 100_000,
  openTextCalls: 10_000,
};
