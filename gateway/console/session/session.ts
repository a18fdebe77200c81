/**
 * Who has signed in, in this tab?
 *
 * A token or an API key, kept in the tab's session storage at most: it is gone when the tab is closed, and no other tab has
 * it. It is sent to the gateway alone.
 */
import { createStore } from "../parts/store.ts";

export interface Session {
  readonly token: string | undefined;
  /** Why one is needed, where the gateway has refused a request. */
  readonly problem: string | undefined;
}

const KEY = "decibel.token";

export const session = createStore<Session>({ token: sessionStorage.getItem(KEY) ?? undefined, problem: undefined });

export function signIn(token: string): void {
  sessionStorage.setItem(KEY, token);
  session.set({ token, problem: undefined });
}

export function signOut(problem?: string): void {
  sessionStorage.removeItem(KEY);
  session.set({ token: undefined, problem: problem ?? "You have signed out." });
}

/** Of requests. */
export function credentials(): Readonly<Record<string, string>> {
  const { token } = session.get();
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
