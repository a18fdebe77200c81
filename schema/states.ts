/**
 * Which way may a thing go from where it is?
 *
 * Its states are a table: from each, those it may come to next. Whoever wants another way is told by the names of both.
 */
import { conflict } from "./errors.ts";

export type States<State extends string> = Readonly<Record<State, readonly State[]>>;

/** Throws CONFLICT: "Cannot resolve case_1: it is RESOLVED". */
export function assertTransition<State extends string>(
  states: States<State>,
  from: State,
  to: State,
  { action, id }: { readonly action: string; readonly id: string },
): void {
  if (states[from].includes(to)) return;
  throw conflict(`Cannot ${action} ${id}: it is ${from}`);
}
