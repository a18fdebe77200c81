/**
 * Which endpoints are gone?
 *
 * One that has answered 410 is not called again, by any process, until an operator gives it another URL, or retries what it was to be
 * told.
 */
import { hash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Endpoint } from "../../platform/webhooks-file.ts";
import type { Tx } from "../database/database.ts";
import { goneEndpoints } from "./tables.ts";

export interface GoneEndpoints {
  /** undefined if it is not gone. */
  since(endpoint: Pick<Endpoint, "name" | "url">): Promise<Date | undefined>;
  note(endpoint: Pick<Endpoint, "name" | "url">, since: Date): Promise<void>;
  forget(name: string): Promise<void>;
}

export function goneEndpointRecords(db: Tx): GoneEndpoints {
  const isOf = (name: string) => eq(goneEndpoints.endpoint, name);
  return {
    async since({ name, url }) {
      const [row] = await db.select().from(goneEndpoints).where(isOf(name));
      return row?.urlDigest === digestOf(url) ? row.since : undefined;
    },
    async note({ name, url }, since) {
      const row = { endpoint: name, urlDigest: digestOf(url), since };
      await db.insert(goneEndpoints).values(row).onConflictDoUpdate({ target: goneEndpoints.endpoint, set: row });
    },
    forget: async (name) => void (await db.delete(goneEndpoints).where(isOf(name))),
  };
}

function digestOf(url: string): string {
  return hash("sha256", url, "base64url");
}
