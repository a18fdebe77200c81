/**
 * Which tables has Decibel decided by, now and before?
 *
 * Each process adds its own at its start, as they are in their files. The number of a version does not say which table has
 * decided: the decision service numbers its deployments by itself, and somebody may use a number twice.
 */
import { createHash } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import type { Evaluation } from "../../pipeline/ledger.ts";
import type { LoadedTable } from "../../pipeline/table/load.ts";
import type { Database } from "../database/database.ts";
import { modelVersions } from "./tables.ts";

export type KeptTable = typeof modelVersions.$inferSelect;

export interface TableVersions {
  /** Of a model, the newest first. */
  of(model: string): Promise<readonly KeptTable[]>;
}

/** Adds those that are not there yet. */
export async function keepTables(
  { db }: Pick<Database, "db">,
  tables: readonly LoadedTable[],
  now: () => number,
): Promise<void> {
  if (tables.length === 0) return;
  const rows = tables.map(({ table: { key, version }, source }) => ({
    model: key,
    version,
    digest: createHash("sha256").update(source).digest("hex"),
    source,
    firstSeenAt: new Date(now()),
  }));
  await db.insert(modelVersions).values(rows).onConflictDoNothing();
}

export function tableVersions({ db }: Pick<Database, "db">): TableVersions {
  const { model: ofModel, version: ofVersion, firstSeenAt, digest } = modelVersions;
  return {
    of: (model) =>
      db
        .select()
        .from(modelVersions)
        .where(eq(ofModel, model))
        .orderBy(desc(ofVersion), desc(firstSeenAt), desc(digest)),
  };
}

/** Those that may have decided an evaluation, the likeliest first: known by then, of the same number, the newest. */
export function likelyTables(
  kept: readonly KeptTable[],
  { version, origin, decidedAt }: Pick<Evaluation, "version" | "origin" | "decidedAt">,
): readonly KeptTable[] {
  const unlikeliness = (one: KeptTable): readonly [number, number, number] => [
    Number(one.firstSeenAt > decidedAt),
    Number(String(one.version) !== version),
    -Number(one.firstSeenAt),
  ];
  return (origin === "LOCAL" ? kept.filter((one) => String(one.version) === version) : kept)
    .toSorted((one, other) => compare(unlikeliness(one), unlikeliness(other)))
    .slice(0, MAX_LIKELY);
}

const MAX_LIKELY = 5;

function compare(left: readonly number[], right: readonly number[]): number {
  return left.map((value, index) => value - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
