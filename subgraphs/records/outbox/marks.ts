/**
 * For how long, or how often, has something been so with an effect?
 *
 * The time at which it was first seen is stored with the effect, by the outbox's clock, so that every process counts from
 * there, also after a restart. An operator's retry forgets it.
 */
import type { JobWithMetadata, PgBoss } from "pg-boss";
import { z } from "zod";
import { OUTBOX_SCHEMA } from "./queues.ts";

/**
 * Something is not there; it is refused; it is refused although others are accepted, or without any other; the upstream asks
 * for patience.
 */
export type Mark = "awaited" | "refused" | "contradicted" | "alone" | "asked";
/** It could not be decided; the upstream asked for patience. */
export type Event = "undecidable" | "asked";

export interface Marks {
  /** Milliseconds since this was first seen; 0 if that is now. */
  ageMs(mark: Mark): Promise<number>;
  /** They are not so any more, or nobody knows. */
  forget(...marks: readonly Mark[]): Promise<void>;
  /** How often this happened, with this time. */
  count(event: Event): Promise<number>;
}

const NOW = `${OUTBOX_SCHEMA}.job_now()`;
const Ages = z.tuple([z.object({ ms: z.coerce.number() })]);
const Counts = z.tuple([z.object({ count: z.int() })]);

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
      return Ages.parse(rows)[0].ms;
    },
    async forget(...marks) {
      const text = `update ${OUTBOX_SCHEMA}.job set data = jsonb_set(data, '{since}', (data->'since') - $3::text[])
          where name = $1 and id::text = $2 and data->'since' is not null`;
      await boss.getDb().executeSql(text, [name, id, `{${marks.join(",")}}`]);
    },
    async count(event) {
      const { rows } = await boss.getDb().executeSql(
        `update ${OUTBOX_SCHEMA}.job set data = jsonb_set(data, '{times}', coalesce(data->'times', '{}') ||
            jsonb_build_object($3::text, coalesce((data->'times'->>$3::text)::int, 0) + 1))
          where name = $1 and id::text = $2 returning (data->'times'->>$3::text)::int as count`,
        [name, id, event],
      );
      return Counts.parse(rows)[0].count;
    },
  };
}
