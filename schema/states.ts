/** Which state may follow which? A table: for each state, its possible successors. */
import { conflict } from "./errors.ts";

export type States<State extends string> = Readonly<Record<State, readonly State[]>>;

/** Throws CONFLICT with the current state: "Cannot resolve case_1: it is RESOLVED". */
export function assertTransition<State extends string>(
  states: States<State>,
  from: State,
  to: State,
  { action, id }: { readonly action: string; readonly id: string },
): void {
  if (states[from].includes(to)) return;
  throw conflict(`Cannot ${action} ${id}: it is ${from}`);
}
