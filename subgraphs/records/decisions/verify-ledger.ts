/**
 * Is the ledger what it was when its days were sealed?
 *
 * All seals are computed again, from the evaluations and from each other, and their signatures are verified where the public
 * keys are given. It reads everything: a minute or two for ten million evaluations.
 */
import { createPublicKey } from "node:crypto";
import { and, asc, eq, isNotNull, lte, notExists, sql } from "drizzle-orm";
import { compactVerify } from "jose";
import { z } from "zod";
import { canonicalJson } from "../../platform/canonical-json.ts";
import type { PublicKey } from "../../platform/signing/receipt-keys.ts";
import type { Database } from "../database/database.ts";
import { SEAL_TYPE, digestOfDay, hashOf } from "./ledger-days.ts";
import type { SealedDay } from "./ledger-days.ts";
import { evaluations, ledgerDays } from "./tables.ts";

export interface VerifiedLedger {
  /** Sealed days. */
  readonly days: number;
  /** In them, as their seals say. */
  readonly evaluations: number;
  /** Of the last day; null before the first is sealed. Whoever writes it down can check everything before. */
  readonly head: { readonly day: string; readonly hash: string } | null;
  /** Days whose evaluations were deleted because they were old: their seals alone could be checked. */
  readonly pruned: number;
  readonly unsigned: number;
  /** Evaluations that are in no sealed day yet. */
  readonly open: number;
  /** None where the ledger is what it was. */
  readonly problems: readonly { readonly day: string; readonly problem: string }[];
}

/** Of a key set, as `npm run ledger -- keys` prints it. */
export interface VerifyOptions {
  /** A hash that was written down: it must be that of a day. */
  readonly head?: string | undefined;
  readonly keys?: readonly PublicKey[] | undefined;
}

type Day = typeof ledgerDays.$inferSelect;

export async function verifyLedger(database: Database, { keys, head }: VerifyOptions = {}): Promise<VerifiedLedger> {
  const all = await database.db.select().from(ledgerDays).orderBy(asc(ledgerDays.day));
  const days = all.filter(isSealed);
  const problems: { day: string; problem: string }[] = [];
  let previous = "";
  for (const day of days) {
    const found = [
      ...(day.previous === previous ? [] : ["it does not follow the day before: a day is missing, or was added"]),
      ...(hashOf(day) === day.hash ? [] : ["its seal was changed: the hash is not of what it says"]),
      ...(await problemsOfEvaluations(database, day)),
      ...(await problemsOfSignature(day, keys)),
    ];
    problems.push(...found.map((problem) => ({ day: day.day, problem })));
    previous = day.hash;
  }
  const last = days.at(-1);
  if (head !== undefined && !days.some(({ hash }) => hash === head))
    problems.push({
      day: last?.day ?? "",
      problem: `no day has the hash ${head}: days are missing, or were sealed again`,
    });
  // A signature vouches for all days before it, by the chain.
  if (keys !== undefined && last?.signature === null)
    problems.push({
      day: last.day,
      problem: "it is the last day, and is not signed: nobody vouches for the days since the last that is",
    });
  problems.push(...(await daysWithoutSeal(database, last?.day)));
  const isOpen = last && sql`${evaluations.recordedOn} > ${last.day}`;
  return {
    days: days.length,
    evaluations: days.reduce((sum, day) => sum + day.evaluations, 0),
    head: last ? { day: last.day, hash: last.hash } : null,
    pruned: days.filter(({ prunedAt }) => prunedAt !== null).length,
    unsigned: days.filter(({ signature }) => signature === null).length,
    open: await database.db.$count(evaluations, isOpen),
    problems,
  };
}

async function daysWithoutSeal(
  { db }: Pick<Database, "db">,
  last: string | undefined,
): Promise<readonly { readonly day: string; readonly problem: string }[]> {
  if (last === undefined) return [];
  const rows = await db
    .selectDistinct({ day: evaluations.recordedOn })
    .from(evaluations)
    .where(and(lte(evaluations.recordedOn, last), notExists(sql`(select from ${ledgerDays} where ${isItsDay})`)))
    .orderBy(evaluations.recordedOn);
  return rows.map(({ day }) => ({ day, problem: "it has evaluations, and no seal, though later days have one" }));
}
const isItsDay = sql`${ledgerDays.day} = ${evaluations.recordedOn} and ${ledgerDays.hash} is not null`;

async function problemsOfEvaluations(
  database: Database,
  day: SealedDay & Pick<Day, "prunedAt">,
): Promise<readonly string[]> {
  if (day.prunedAt !== null) return [];
  const found = await digestOfDay(database, day.day);
  if (found.evaluations === day.evaluations && found.digest === day.digest) return [];
  // They may have become old while all was read.
  const isPruned = and(eq(ledgerDays.day, day.day), isNotNull(ledgerDays.prunedAt));
  if ((await database.db.$count(ledgerDays, isPruned)) > 0) return [];
  if (found.evaluations !== day.evaluations)
    return [`it has ${found.evaluations} evaluations, and had ${day.evaluations} when it was sealed`];
  return ["at least one of its evaluations was changed, or is another one"];
}

const Payload = z.object({ day: z.string(), evaluations: z.number(), digest: z.string(), previous: z.string() });

async function problemsOfSignature(
  day: SealedDay & Pick<Day, "signature">,
  keys: VerifyOptions["keys"],
): Promise<readonly string[]> {
  if (day.signature === null || keys === undefined) return [];
  try {
    const { payload, protectedHeader } = await compactVerify(
      day.signature,
      ({ kid }) => {
        const key = keys.find((one) => one.kid === kid);
        if (!key) throw new Error("no such key");
        return createPublicKey({ key: { ...key }, format: "jwk" });
      },
      { algorithms: ["EdDSA"] },
    );
    if (protectedHeader.typ !== SEAL_TYPE) return ["its signature is of something else"];
    const signed = Payload.parse(JSON.parse(new TextDecoder().decode(payload)));
    const { evaluations: count, digest, previous } = day;
    if (canonicalJson(signed) === canonicalJson({ day: day.day, evaluations: count, digest, previous })) return [];
    return ["its signature is of another seal"];
  } catch {
    return ["its signature is of none of the ledger's keys"];
  }
}

function isSealed(day: Day): day is Day & SealedDay & { readonly hash: string } {
  return day.hash !== null;
}
