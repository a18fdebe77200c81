/**
 * Who is the caller of a verified token?
 *
 * `sub` says who, `scope` what they may do, and `accounts` whose data exist for them. A claim that says something else than
 * expected refuses the token: it never counts as one that is not there, which would allow more.
 */
import { z } from "zod";
import { SCOPES } from "../../schema/scope.ts";
import { problemOfAccounts } from "../../subgraphs/platform/caller.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { invalidCredential } from "./refusals.ts";

/** Separated by blanks (RFC 8693), or a list, which some issuers send. */
const Scopes = z.union([z.string().transform((text) => text.split(" ")), z.array(z.string())]);

const Claims = z.object({
  /** It is logged and stored. */
  sub: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  iat: z.number().optional(),
  exp: z.number().optional(),
  scope: Scopes.optional(),
  /** The name of the same with some issuers. */
  scp: Scopes.optional(),
  accounts: z
    .array(z.string())
    .refine((accounts) => problemOfAccounts(accounts) === undefined)
    .optional(),
});

const KNOWN: ReadonlySet<string> = new Set(SCOPES);

/** Throws a RequestError. `now` in milliseconds since the epoch. */
export function callerOfClaims(claims: unknown, now: number, toleranceMs: number): Caller {
  const { data, error } = Claims.safeParse(claims);
  if (!data) throw invalidCredential(`the claim ${String(error.issues[0]?.path[0])} of the token is not as expected`);
  const { sub, iat = 0, exp, scope, scp = [], accounts } = data;
  if (iat * 1000 > now + toleranceMs) throw invalidCredential("the token is not valid yet");
  // A prefix: no subject is the name of a key, or of work that Decibel does by itself.
  return {
    id: `token:${sub}`,
    scopes: new Set((scope ?? scp).filter((name) => KNOWN.has(name))),
    accounts: accounts && new Set(accounts),
    expiresAt: exp === undefined ? undefined : exp * 1000 + toleranceMs,
  };
}
