/**
 * `npm run keys`: which partners have API keys?
 *
 *   npm run keys -- issue --name NAME --scopes "SCOPE …" [--accounts A,B] [--expires DAYS]
 *                                       prints a new key, which is shown this once
 *   npm run keys -- list                all keys that were issued, newest first
 *   npm run keys -- revoke ID           refuses a key from now on, on every process
 */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { SCOPES } from "../../../schema/scope.ts";
import { createApiKey, digestOf } from "../../platform/api-key.ts";
import { problemOfAccounts } from "../../platform/caller.ts";
import { command } from "../command.ts";
import type { Database } from "../database/database.ts";
import { keyRecords, revokeKey } from "./store.ts";
import type { KeyRecord } from "./types.ts";

const USAGE =
  'Usage: npm run keys -- issue --name NAME --scopes "SCOPE …" [--accounts A,B] [--expires DAYS] | list | revoke ID';
const MAX_NAME = 100;
const MAX_DAYS = 3650;
const DAY_MS = 86_400_000;
const ID_BYTES = 6;

export type KeysRequest =
  | { readonly verb: "list" }
  | { readonly verb: "revoke"; readonly id: string }
  | {
      readonly verb: "issue";
      readonly name: string;
      readonly scopes: readonly string[];
      /** null for all. */
      readonly accounts: readonly string[] | null;
      /** null for no end. */
      readonly days: number | null;
    };

/** Gives the text to print. Rejects with an Error whose message is for the operator. `now` in milliseconds since the epoch. */
export async function keysCommand(
  database: Database,
  args: readonly string[],
  now: () => number = Date.now,
): Promise<string> {
  const request = keysRequest(args);
  if (request.verb === "list") return list(database, now());
  if (request.verb === "revoke") return revoke(database, request.id, new Date(now()));
  const { days, name, scopes, accounts } = request;
  const key = createApiKey();
  const id = randomBytes(ID_BYTES).toString("hex");
  const createdAt = new Date(now());
  const expiresAt = days === null ? null : new Date(now() + days * DAY_MS);
  const record = { id, name, digest: digestOf(key), scopes, accounts, createdAt, expiresAt, revokedAt: null };
  await keyRecords(database.db).add(record);
  return [key, "Keep it now: it is shown this once.", lineOf(record, now())].join("\n");
}

/** Throws an Error for wrong arguments. */
export function keysRequest(args: readonly string[]): KeysRequest {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      name: { type: "string" },
      scopes: { type: "string" },
      accounts: { type: "string" },
      expires: { type: "string" },
    },
    allowPositionals: true,
  });
  const [verb, id, ...rest] = positionals;
  const isPlain = Object.keys(values).length === 0 && rest.length === 0;
  if (verb === "list" && id === undefined && isPlain) return { verb };
  if (verb === "revoke" && id !== undefined && isPlain) return { verb, id };
  const { name, scopes, accounts, expires } = values;
  if (verb !== "issue" || id !== undefined || name === undefined || scopes === undefined) throw new Error(USAGE);
  return {
    verb,
    name: nameOf(name),
    scopes: scopesOf(scopes),
    accounts: accounts === undefined ? null : accountsOf(accounts),
    days: expires === undefined ? null : daysOf(expires),
  };
}

function nameOf(text: string): string {
  const name = text.trim();
  // A name is one line of a list.
  if (name !== "" && name.length <= MAX_NAME && !/\p{Cc}/u.test(name)) return name;
  throw new Error(`--name is a text of 1 to ${MAX_NAME} characters, in one line`);
}

function scopesOf(text: string): readonly string[] {
  const scopes = [...new Set(text.split(/[\s,]+/).filter((scope) => scope !== ""))];
  const known: readonly string[] = SCOPES;
  const unknown = scopes.filter((scope) => !known.includes(scope));
  if (scopes.length > 0 && unknown.length === 0) return scopes;
  throw new Error(`--scopes is some of ${SCOPES.join(", ")}, but got ${unknown.join(", ") || "none"}`);
}

function accountsOf(text: string): readonly string[] {
  const accounts = [...new Set(text.split(",").map((account) => account.trim()))];
  const problem = problemOfAccounts(accounts);
  if (problem === undefined) return accounts;
  throw new Error(`--accounts is a list of accounts, separated by commas: ${problem}`);
}

function daysOf(text: string): number {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= MAX_DAYS) return Number(text);
  throw new Error(`--expires is a whole number of days, 1 to ${MAX_DAYS}, but got ${text}`);
}

async function list(database: Database, now: number): Promise<string> {
  const keys = await keyRecords(database.db).all();
  return [`${keys.length} issued`, ...keys.map((key) => lineOf(key, now))].join("\n");
}

async function revoke(database: Database, id: string, at: Date): Promise<string> {
  const revoked = await revokeKey(database, id, at);
  if (revoked) return `${id} is revoked`;
  const key = await keyRecords(database.db).byId(id);
  if (!key) throw new Error(`Cannot revoke ${id}: it does not exist`);
  throw new Error(`Cannot revoke ${id}: it was revoked at ${key.revokedAt?.toISOString()}`);
}

function lineOf({ id, name, scopes, accounts, createdAt, expiresAt, revokedAt }: KeyRecord, now: number): string {
  const state =
    revokedAt !== null
      ? `revoked ${revokedAt.toISOString()}`
      : expiresAt === null
        ? "no end"
        : `${expiresAt.getTime() <= now ? "expired" : "until"} ${expiresAt.toISOString()}`;
  const whose = accounts === null ? "all accounts" : `accounts ${accounts.join(", ")}`;
  return [id, createdAt.toISOString(), name, scopes.join(" "), whose, state].join("  ");
}

if (import.meta.main) await command({ assertUsage: keysRequest, run: keysCommand });
