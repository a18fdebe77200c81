/**
 * Who is the caller with this token?
 *
 * A JSON Web Token that the configured issuer has signed for this audience and that has not expired. The algorithms are
 * listed here, not taken from the token: those of public keys for the keys of an issuer, HMAC for a secret, and nothing else.
 * So no token is accepted that is not signed, or that takes a public key for the secret.
 */
import { errors, jwtVerify } from "jose";
import type { JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import type { Logger } from "pino";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import type { TokenSettings } from "../../subgraphs/platform/environment.ts";
import { RequestError } from "../http/request-error.ts";
import { callerOfClaims } from "./claims.ts";
import { createIssuerKeys } from "./issuer-keys.ts";
import { invalidCredential } from "./refusals.ts";

export interface TokenVerifier {
  /** Rejects with a RequestError. */
  verify(token: string): Promise<Caller>;
  close(): Promise<void>;
}

export interface TokenVerifierOptions {
  readonly settings: TokenSettings;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that never decrease. */
  readonly elapsed: () => number;
  /** Milliseconds for the issuer to send its keys. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
}

/** By which the clocks of the issuer and of this process may differ. */
export const TOLERANCE_MS = 30_000;
/** Characters. A token is read before anybody knows who sent it. */
export const MAX_TOKEN = 8192;
const PUBLIC_KEY = ["RS", "PS", "ES"].flatMap((kind) => [`${kind}256`, `${kind}384`, `${kind}512`]);
const ALGORITHMS = [...PUBLIC_KEY, "EdDSA", "Ed25519"];
/** A secret shorter than the hash would make it weaker than its name says (RFC 7518, 3.2). */
const HMAC = [256, 384, 512];

export function createTokenVerifier({ settings, log, now, elapsed, timeoutMs }: TokenVerifierOptions): TokenVerifier {
  const { key, issuer, audience } = settings;
  const rules: JWTVerifyOptions = {
    issuer,
    audience,
    requiredClaims: ["exp", "sub"],
    clockTolerance: TOLERANCE_MS / 1000,
  };
  if ("secret" in key) {
    const secret = new TextEncoder().encode(key.secret);
    const algorithms = HMAC.filter((bits) => secret.length * 8 >= bits).map((bits) => `HS${bits}`);
    return { verify: (token) => verify(token, () => secret, algorithms), close: async () => {} };
  }
  const keys = createIssuerKeys({ url: key.jwksUrl, log, elapsed, timeoutMs });
  return {
    verify: (token) => verify(token, (...header) => keys.keyOf(...header), ALGORITHMS),
    close: () => keys.close(),
  };

  async function verify(token: string, keyOf: JWTVerifyGetKey, algorithms: string[]): Promise<Caller> {
    if (token.length > MAX_TOKEN) throw invalidCredential(`the token is longer than ${MAX_TOKEN} characters`);
    try {
      const { payload } = await jwtVerify(token, keyOf, { ...rules, algorithms, currentDate: new Date(now()) });
      return callerOfClaims(payload, now(), TOLERANCE_MS);
    } catch (error) {
      if (error instanceof RequestError) throw error;
      if (!(error instanceof errors.JOSEError)) log.warn({ err: error }, "a token cannot be verified by its key");
      throw invalidCredential(reasonOf(error));
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return ofClaim(error);
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token is signed by an algorithm that is not accepted";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the signature of the token is wrong";
  if (error instanceof errors.JWKSNoMatchingKey)
    return "the token is signed with a key that its issuer does not publish";
  if (error instanceof errors.JWKSMultipleMatchingKeys) return "the token does not say with which key it is signed";
  return "the token cannot be read, or not be verified";
}

function ofClaim({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === "missing") return `the token has no claim ${claim}`;
  if (reason !== "check_failed") return `the claim ${claim} of the token is not as expected`;
  if (claim === "iss") return "the token is of another issuer";
  if (claim === "aud") return "the token is for another audience";
  return "the token is not valid yet";
}
