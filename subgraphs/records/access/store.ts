/**
 * How are API keys read and written?
 *
 * A key is revoked in a transaction that tells every process so: whoever has kept it forgets it as soon as that is committed.
 */
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { Database, Tx } from "../database/database.ts";
import { storableText } from "../database/texts.ts";
import { apiKeys } from "./tables.ts";
import type { KeyRecord, KeyRecords } from "./types.ts";

/** PostgreSQL's channel. */
export const KEYS_REVOKED = "keys_revoked";

export function keyRecords(db: Tx): KeyRecords {
  return {
    add: async (key) => void (await db.insert(apiKeys).values({ ...key, name: storableText(key.name) })),
    all: () => db.select().from(apiKeys).orderBy(desc(apiKeys.createdAt), desc(apiKeys.id)),
    byId: async (id) =>
      (
        await db
          .select()
          .from(apiKeys)
          .where(eq(apiKeys.id, storableText(id)))
      )[0],
    byDigest: async (digest) => (await db.select().from(apiKeys).where(eq(apiKeys.digest, digest)))[0],
  };
}

/** Gives the key; undefined if it does not exist, or was revoked before. */
export function revokeKey(database: Database, id: string, at: Date): Promise<KeyRecord | undefined> {
  return database.transaction(async (tx) => {
    const [revoked] = await tx
      .update(apiKeys)
      .set({ revokedAt: at })
      .where(and(eq(apiKeys.id, storableText(id)), isNull(apiKeys.revokedAt)))
      .returning();
    if (revoked) await tx.execute(sql`select pg_notify(${KEYS_REVOKED}, ${revoked.id})`);
    return revoked;
  });
}
