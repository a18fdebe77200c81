/**
 * Which tables has Decibel decided by, now and before?
 *
 * Each process adds its own at its start, as they are in their files. A version number says which table ran only where nobody
 * has used the number twice: then the one that was there when something was decided is meant.
 */
import { createHash } from "node:crypto";
import { and, desc, eq } from "drizzle-orm";
import type { LoadedTable } from "../../pipeline/table/load.ts";
import type { Database } from "../database/database.ts";
import { modelVersions } from "./tables.ts";

export type KeptTable = typeof modelVersions.$inferSelect;

export interface TableVersions {
  /** Of a model, the newest first. */
  of(model: string): Promise<readonly KeptTable[]>;
  /** The table that had the version at that time; undefined where none is known. */
  at(model: string, version: string, time: Date): Promise<KeptTable | undefined>;
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
    async at(model, version, time) {
      // The service may report what is no number of a table here.
      if (!/^\d{1,9}$/.test(version)) return undefined;
      const found = await db
        .select()
        .from(modelVersions)
        .where(and(eq(ofModel, model), eq(ofVersion, Number(version))))
        .orderBy(desc(firstSeenAt), desc(digest));
      return found.find((each) => each.firstSeenAt <= time) ?? found.at(-1);
    },
  };
}
