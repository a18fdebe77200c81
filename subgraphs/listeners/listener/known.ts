/** Whom and when may a mutation speak of? Of listeners that are there, and of moments that a clock somewhere has shown. */
import type { GraphQLError } from "graphql";
import { badUserInput } from "../../../schema/errors.ts";

/** How fast the clock of whoever tells us may be. */
export const CLOCKS_APART_MS = 5 * 60_000;

export function unknownListener(mutation: string, id: string): GraphQLError {
  return badUserInput(`Cannot ${mutation}: there is no listener ${id}`, "listenerId");
}

/** `now` in milliseconds since the epoch. undefined where there is none. */
export function problemOf(moment: Date, now: number): string | undefined {
  const at = Number(moment);
  if (at > now + CLOCKS_APART_MS) return "must be no more than five minutes in the future";
  // Nobody was asked anything then; what a broken clock shows is no moment.
  return at < 0 ? "must be after 1970" : undefined;
}
