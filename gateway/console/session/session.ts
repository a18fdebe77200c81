/**
 * Who has signed in, in this tab?
 *
 * A token or an API key, kept in the tab's session storage at most: it is gone when the tab is closed, and no other tab has
 * it. It is sent to the gateway alone.
 */
import { createStore } from "../parts/store.ts";

export interface Session {
  /** Another one for each caller: what one may see, another one may not. */
  readonly turn: number;
  readonly token: string | undefined;
  /** Why one is needed, where the gateway has refused a request; empty where none was sent. */
  readonly problem: string | undefined;
}

const KEY = "decibel.token";

export const session = createStore<Session>({
  turn: 0,
  token: tokenIn(sessionStorage.getItem(KEY) ?? ""),
  problem: undefined,
});

/** Of a text that somebody has pasted, whose lines may be broken anywhere; undefined where no header can carry what is left. */
export function tokenIn(text: string): string | undefined {
  return /^[!-~]+$/.exec(text.replaceAll(/\s/g, ""))?.[0];
}

export function signIn(token: string): void {
  sessionStorage.setItem(KEY, token);
  session.set({ turn: session.get().turn + 1, token, problem: undefined });
}

export function signOut(problem: string): void {
  sessionStorage.removeItem(KEY);
  session.set({ turn: session.get().turn + 1, token: undefined, problem });
}

/** Of requests. */
export function credentials(): Readonly<Record<string, string>> {
  const { token } = session.get();
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
