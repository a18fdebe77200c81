/**
 * What may an operator do with the ledger?
 *
 *   npm run ledger -- verify [--keys FILE] [--head HASH] [--json]   computes all seals again; exit code 1 if any differs
 *   npm run ledger -- export [--since DAY] [--until DAY]            all evaluations as JSON Lines, in the order of the seals
 *   npm run ledger -- key                                           a new key to sign by, for LEDGER_KEY
 *   npm run ledger -- keys                                          the public keys of LEDGER_KEY, to verify receipts by
 *
 * A DAY is one of UTC, such as 2026-11-29. The FILE is what `keys` printed; default: the keys of LEDGER_KEY, if it is set.
 */
import { parseArgs } from "node:util";
import { and, asc, gte, lte } from "drizzle-orm";
import { z } from "zod";
import { dayOf } from "../../platform/day.ts";
import { newReceiptKey } from "../../platform/signing/receipt-keys.ts";
import type { PublicKey, ReceiptKeys } from "../../platform/signing/receipt-keys.ts";
import type { Database } from "../database/database.ts";
import { rowsOfDay } from "./ledger-days.ts";
import { evaluations } from "./tables.ts";
import { verifyLedger } from "./verify-ledger.ts";
import type { VerifiedLedger } from "./verify-ledger.ts";

export const USAGE =
  "Usage: npm run ledger -- verify [--keys FILE] [--head HASH] [--json] | export [--since DAY] [--until DAY] | key | keys";

export interface LedgerCommandOptions {
  /** Of LEDGER_KEY. Throws an Error where that is wrong; undefined where it is not set. */
  readonly ownKeys: () => ReceiptKeys | undefined;
  readonly readFile: (path: string) => Promise<string>;
  readonly withDatabase: <T>(work: (database: Database) => Promise<T>) => Promise<T>;
  /** Resolves once more may be written. */
  readonly write: (text: string) => Promise<void>;
}

/** Gives the exit code. Rejects with an Error whose message is for the operator. */
export async function ledgerCommand(args: readonly string[], options: LedgerCommandOptions): Promise<number> {
  const { values, positionals } = read(args);
  const [name, ...others] = positionals;
  const allowed = OPTIONS[name ?? ""];
  if (!allowed || others.length > 0 || Object.keys(values).some((option) => !allowed.includes(option)))
    throw new Error(USAGE);
  const { withDatabase, write, ownKeys, readFile } = options;
  if (name === "key") await write(`${newReceiptKey()}\n`);
  else if (name === "keys") {
    const keys = ownKeys();
    if (!keys) throw new Error("Cannot print the public keys: LEDGER_KEY is not set");
    await write(`${JSON.stringify(keys.published)}\n`);
  } else if (name === "export") {
    const [since, until] = [readDay("--since", values.since), readDay("--until", values.until)];
    await withDatabase((database) => exportAll(database, { since, until, write }));
  } else {
    const keys = values.keys === undefined ? ownKeys()?.published.keys : keysIn(await readFile(values.keys));
    const verified = await withDatabase((database) => verifyLedger(database, { keys, head: values.head }));
    await write(values.json === true ? `${JSON.stringify(verified)}\n` : textOf(verified, keys !== undefined));
    return verified.problems.length === 0 ? 0 : 1;
  }
  return 0;
}

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  verify: ["keys", "head", "json"],
  export: ["since", "until"],
  key: [],
  keys: [],
};

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        keys: { type: "string" },
        head: { type: "string" },
        json: { type: "boolean" },
        since: { type: "string" },
        until: { type: "string" },
      },
      allowPositionals: true,
    });
  } catch {
    throw new Error(USAGE);
  }
}

function readDay(option: string, day: string | undefined): string | undefined {
  if (day === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
  if (Number.isNaN(at) || dayOf(at) !== day)
    throw new Error(`Cannot read ${option}: expected a day such as 2026-11-29, got "${day}"`);
  return day;
}

const Keys = z.object({
  keys: z.array(
    z.object({
      kty: z.literal("OKP"),
      crv: z.literal("Ed25519"),
      x: z.string(),
      kid: z.string(),
      use: z.literal("sig"),
      alg: z.literal("EdDSA"),
    }),
  ),
});

function keysIn(text: string): readonly PublicKey[] {
  try {
    return Keys.parse(JSON.parse(text)).keys;
  } catch {
    throw new Error("Cannot read --keys: expected what npm run ledger -- keys prints");
  }
}

interface ExportOptions extends Pick<LedgerCommandOptions, "write"> {
  readonly since: string | undefined;
  readonly until: string | undefined;
}

/** Listeners by their pseudonyms, as the ledger has them: what is exported cannot be erased. */
async function exportAll(database: Database, { since, until, write }: ExportOptions): Promise<void> {
  const { recordedOn } = evaluations;
  const days = await database.db
    .selectDistinct({ day: recordedOn })
    .from(evaluations)
    .where(
      and(
        since === undefined ? undefined : gte(recordedOn, since),
        until === undefined ? undefined : lte(recordedOn, until),
      ),
    )
    .orderBy(asc(recordedOn));
  for (const { day } of days) {
    for await (const rows of rowsOfDay(database, day))
      await write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  }
}

function textOf(
  { days, evaluations: count, head, pruned, unsigned, open, problems }: VerifiedLedger,
  hasKeys: boolean,
): string {
  const lines = [
    ...problems.map(({ day, problem }) => `${day || "no day is sealed"}: ${problem}`),
    `${days} sealed days with ${count} evaluations; ${open} evaluations are not sealed yet`,
    ...(pruned > 0 ? [`  of ${pruned} of these days only the seal is kept`] : []),
    ...(unsigned > 0 ? [`  ${unsigned} of these days are not signed`] : []),
    ...(hasKeys || unsigned === days ? [] : ["  signatures were not verified: neither --keys nor LEDGER_KEY is given"]),
    ...(head ? [`the last day is ${head.day}, its hash ${head.hash}`] : []),
    problems.length === 0 ? "the ledger is what was sealed" : "the ledger is NOT what was sealed",
  ];
  return `${lines.join("\n")}\n`;
}
