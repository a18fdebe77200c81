/**
 * How does the gateway tell a subgraph who the caller is?
 *
 * In one header: JSON, encoded so that it has any characters. It is read strictly: what is not exactly a caller is none.
 */
import { z } from "zod";
import { SCOPES } from "../../../schema/scope.ts";
import { problemOfAccounts } from "../caller.ts";
import type { Caller } from "../caller.ts";
import { parseJson } from "../http-reply.ts";

/** The prefix of a subject, and what Decibel calls itself. */
const MAX_ID = 256;

const CallerJson = z.strictObject({
  id: z.string().regex(new RegExp(`^[\\x20-\\x7e]{1,${MAX_ID}}$`)),
  scopes: z.array(z.enum(SCOPES)),
  /** Absent for all. */
  accounts: z
    .array(z.string())
    .refine((accounts) => problemOfAccounts(accounts) === undefined)
    .optional(),
});

export function encodeCaller({ id, scopes, accounts }: Caller): string {
  const json = JSON.stringify({ id, scopes: [...scopes], accounts: accounts && [...accounts] });
  return Buffer.from(json).toString("base64url");
}

/** undefined for what is no caller. */
export function decodeCaller(header: unknown): Caller | undefined {
  if (typeof header !== "string") return undefined;
  const { data } = CallerJson.safeParse(parseJson(Buffer.from(header, "base64url").toString("utf8")));
  if (!data) return undefined;
  const { id, scopes, accounts } = data;
  return { id, scopes: new Set(scopes), accounts: accounts && new Set(accounts) };
}
