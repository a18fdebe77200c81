/**
 * Which access token does the next call to an upstream carry?
 *
 * One that outlives the call: a token is fetched once however many calls wait for it, renewed a little before it
 * expires, and dropped when the upstream answers 401 to it. A failed fetch is not remembered: the next call tries anew.
 */

export interface AccessToken {
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
}

export interface Token {
  /** The `authorization` header's value. Rejects with what `fetch` rejected with. */
  authorization(): Promise<string>;
  /** Forgets the token that made this header, unless a newer one is already there. */
  unauthorized(authorization: string): void;
}

interface Held {
  readonly authorization: string;
  readonly renewAt: number;
}

/** A token is renewed this share of its life before it ends, at the most a minute: a clock may be off, a call may take long. */
const MARGIN_SHARE = 0.1;
const MARGIN_MS = 60_000;

export function createToken(fetch: () => Promise<AccessToken>, now: () => number = Date.now): Token {
  let held: Held | undefined;
  let fetching: Promise<Held> | undefined;

  return { authorization, unauthorized };

  async function authorization(): Promise<string> {
    if (held && now() < held.renewAt) return held.authorization;
    fetching ??= renew().finally(() => (fetching = undefined));
    return (await fetching).authorization;
  }

  async function renew(): Promise<Held> {
    const { accessToken, expiresIn } = await fetch();
    const lifeMs = expiresIn * 1000;
    const renewAt = now() + lifeMs - Math.min(MARGIN_MS, lifeMs * MARGIN_SHARE);
    return (held = { authorization: `Bearer ${accessToken}`, renewAt });
  }

  function unauthorized(authorization: string): void {
    if (held?.authorization === authorization) held = undefined;
  }
}
