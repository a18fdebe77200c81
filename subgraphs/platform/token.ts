/**
 * Which access token does the next call to an upstream have?
 *
 * One that outlives the call. Concurrent calls share one fetch; a token is renewed shortly before it expires, and dropped
 * after a 401. A failed fetch is not cached, and neither is a reply whose token cannot stand in a header.
 */
import { z } from "zod";
import { isFresh, monotonic } from "./clock.ts";
import { ALWAYS_WANTED, whileWanted } from "./wanted.ts";

export interface AccessToken {
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
}

export interface Token {
  /** The `authorization` header's value. Rejects with what `fetch` rejected with. */
  authorization(): Promise<string>;
  /** Drops the token of this header, unless there is a newer one. */
  unauthorized(authorization: string): void;
}

/** The lifetime of a token that states none that can be read. */
const ASSUMED_SECONDS = 300;
/** A lifetime in milliseconds, or without an end, must not keep a token for weeks. */
const MAX_SECONDS = 86_400;

/** The reply of a token endpoint (RFC 6749, 5.1). No message about it repeats the token. */
export const TokenReply = z.object({
  // Blanks and line breaks would end the header or be refused by every call.
  access_token: z
    .string("expected a text")
    .regex(/^[\x21-\x7e]+$/, "expected visible ASCII characters only")
    .max(16_384, "expected at most 16384 characters"),
  // Apigee writes it as a string.
  expires_in: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .refine((seconds) => seconds > 0)
    .transform((seconds) => Math.min(seconds, MAX_SECONDS))
    .catch(ASSUMED_SECONDS),
});

interface CurrentToken {
  readonly authorization: string;
  readonly fetchedAt: number;
  readonly freshForMs: number;
}

/** A token is renewed at this share of its lifetime before it expires, at most a minute: clocks differ, and calls take time. */
const MARGIN_SHARE = 0.1;
const MARGIN_MS = 60_000;

/** `now` gives milliseconds that never decrease: a clock that was set back would keep a token for too long. */
export function createToken(fetch: () => Promise<AccessToken>, now: () => number = monotonic): Token {
  let current: CurrentToken | undefined;
  let fetching: Promise<CurrentToken> | undefined;

  return { authorization, unauthorized };

  async function authorization(): Promise<string> {
    if (current && isFresh(current.fetchedAt, current.freshForMs, now())) return current.authorization;
    fetching ??= renew().finally(() => (fetching = undefined));
    return (await fetching).authorization;
  }

  async function renew(): Promise<CurrentToken> {
    // It is for all calls, not only for the one that needs it first.
    const { accessToken, expiresIn } = await whileWanted(ALWAYS_WANTED, fetch);
    const lifeMs = expiresIn * 1000;
    const freshForMs = lifeMs - Math.min(MARGIN_MS, lifeMs * MARGIN_SHARE);
    return (current = { authorization: `Bearer ${accessToken}`, fetchedAt: now(), freshForMs });
  }

  function unauthorized(authorization: string): void {
    if (current?.authorization === authorization) current = undefined;
  }
}
