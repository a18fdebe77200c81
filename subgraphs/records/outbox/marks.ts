/**
 * For how long, or how often, has something been so with an effect?
 *
 * The time at which it was first seen is stored with the effect, by the outbox's clock, so that every process counts from
 * there, also after a restart. An operator's retry forgets it.
 */
import type { JobWithMetadata, PgBoss } from "pg-boss";
import { z } from "zod";
import { OUTBOX_SCHEMA } from "./queues.ts";

/** What we wrote is not there yet; it is refused; it is refused although others are accepted, or without any other. */
export type Mark = "awaited" | "refused" | "contradicted" | "alone";

export interface Marks {
  /** Milliseconds since this was first seen; 0 if that is now. */
  ageMs(mark: Mark): Promise<number>;
  /** It is not so any more. */
  forget(mark: Mark): Promise<void>;
}

const NOW = `${OUTBOX_SCHEMA}.job_now()`;
const Rows = z.tuple([z.object({ ms: z.coerce.number() })]);

export function marksOf(boss: PgBoss, { id, name }: Pick<JobWithMetadata, "id" | "name">): Marks {
  return {
    async ageMs(mark) {
      const { rows } = await boss.getDb().executeSql(
        `update ${OUTBOX_SCHEMA}.job set data = jsonb_set(data, '{since}',
            jsonb_build_object($3::text, to_jsonb(${NOW})) || coalesce(data->'since', '{}'))
          where name = $1 and id::text = $2
          returning extract(epoch from ${NOW} - (data->'since'->>$3::text)::timestamptz) * 1000 as ms`,
        [name, id, mark],
      );
      return Rows.parse(rows)[0].ms;
    },
    async forget(mark) {
      const text = `update ${OUTBOX_SCHEMA}.job set data = data #- array['since', $3::text] where name = $1 and id::text = $2`;
      await boss.getDb().executeSql(text, [name, id, mark]);
    },
  };
}

/** How often the effect could not be decided, with this time. */
export async function countUndecidable(
  boss: PgBoss,
  { id, name }: Pick<JobWithMetadata, "id" | "name">,
): Promise<number> {
  const { rows } = await boss.getDb().executeSql(
    `update ${OUTBOX_SCHEMA}.job set data = jsonb_set(data, '{undecidable}',
        to_jsonb(coalesce((data->>'undecidable')::int, 0) + 1))
      where name = $1 and id::text = $2 returning (data->>'undecidable')::int as count`,
    [name, id],
  );
  return z.tuple([z.object({ count: z.int() })]).parse(rows)[0].count;
}
