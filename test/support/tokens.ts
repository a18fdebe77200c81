/** Who is a test's client? Tokens by the secret that `TOKENS` configures, with the claims that a test gives. */
import { SignJWT } from "jose";
import { SCOPES } from "../../schema/scope.ts";
import type { TokenSettings, Variables } from "../../subgraphs/platform/environment.ts";

export const ISSUER = "https://login.example/";
export const AUDIENCE = "decibel";
/** Of 64 bytes: long enough for every HMAC. */
export const SECRET = "a secret of tests, which is as long as the hash of HMAC-SHA-512!";

/** The environment of a Decibel that knows its callers. */
export const TOKENS: Variables = { AUTH_JWT_SECRET: SECRET, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
export const TOKEN_SETTINGS: TokenSettings = { key: { secret: SECRET }, issuer: ISSUER, audience: AUDIENCE };

export interface Claims {
  /** Default: all. */
  readonly scope?: unknown;
  /** Default: no claim, which means all. */
  readonly accounts?: unknown;
  readonly sub?: unknown;
  readonly [claim: string]: unknown;
}

/** Valid for five minutes from `now`, in milliseconds since the epoch. A claim that is undefined is left out. */
export function claimsAt(now: number, claims: Claims = {}): Readonly<Record<string, unknown>> {
  const seconds = Math.floor(now / 1000);
  const standard = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "ada",
    iat: seconds,
    exp: seconds + 300,
    scope: SCOPES.join(" "),
  };
  return Object.fromEntries(Object.entries({ ...standard, ...claims }).filter(([, value]) => value !== undefined));
}

export function tokenFor(now: number, claims?: Claims, algorithm = "HS256"): Promise<string> {
  return new SignJWT(claimsAt(now, claims))
    .setProtectedHeader({ alg: algorithm })
    .sign(new TextEncoder().encode(SECRET));
}

/** The headers of a request by that client. */
export async function authorized(now: number, claims?: Claims): Promise<{ readonly authorization: string }> {
  return { authorization: `Bearer ${await tokenFor(now, claims)}` };
}
