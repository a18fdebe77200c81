/**
 * What did earlier attempts at an effect write, and may it be repeated yet?
 *
 * The time of each write is stored with its effect before it is sent, so that it is known after a crash too. A later attempt
 * may repeat it only once the lists of the upstream are certain to show it, by the outbox's clock.
 */
import type { JobWithMetadata, PgBoss } from "pg-boss";
import type { Once } from "../../platform/once.ts";
import { upstreamErrorIn } from "../../platform/upstream-error.ts";
import { OUTBOX_SCHEMA } from "./queues.ts";

export interface OwnWrites {
  readonly once: Once;
  /** Whether one was repeated, in this attempt or an earlier one: there may be a twin. */
  readonly isRepeated: () => Promise<boolean>;
}

/** Nothing failed: an earlier write may not be listed yet. */
export class TooEarlyError extends Error {
  override readonly name = "TooEarlyError";
}

const NOW = `${OUTBOX_SCHEMA}.job_now()`;

/** `lagSeconds`: how far the lists of an upstream are assumed to lag. */
export function ownWrites(
  boss: PgBoss,
  { id, name }: Pick<JobWithMetadata, "id" | "name">,
  lagSeconds: number,
): OwnWrites {
  const lag = `interval '${lagSeconds} seconds'`;
  return {
    async once(key, write) {
      const isWritten = await update(
        `jsonb_set(data, '{writes}', coalesce(data->'writes', '{}') || jsonb_build_object($3::text,
          coalesce(data->'writes'->$3::text, '[]') || to_jsonb(${NOW})))`,
        `coalesce((data->'writes'->$3::text->>-1)::timestamptz <= ${NOW} - ${lag}, true)`,
        key,
      );
      if (!isWritten) throw new TooEarlyError(`Cannot write ${key} yet: an earlier write of it may not be listed`);
      try {
        return await write();
      } catch (error) {
        if (isRefusal(error)) await update("data #- array['writes', $3::text, '-1']", "true", key);
        throw error;
      }
    },
    isRepeated: () => is("exists (select 1 from jsonb_each(data->'writes') where jsonb_array_length(value) > 1)"),
  };

  async function update(data: string, where: string, ...more: readonly string[]): Promise<boolean> {
    return (await ask(`update ${OUTBOX_SCHEMA}.job set data = ${data}`, where, "returning 1", ...more)).length > 0;
  }

  async function is(condition: string): Promise<boolean> {
    return (await ask(`select 1 from ${OUTBOX_SCHEMA}.job`, condition, "")).length > 0;
  }

  async function ask(verb: string, where: string, end: string, ...more: readonly string[]): Promise<unknown[]> {
    const text = `${verb} where name = $1 and id::text = $2 and ${where} ${end}`;
    const { rows } = await boss.getDb().executeSql(text, [name, id, ...more]);
    return rows;
  }
}

/**
 * Whether nothing was written. A 5xx says nothing about it, whichever it is: a proxy answers 503 also where the server behind
 * it has written and was too slow to say so. Neither does a redirection, or a 408 of a proxy that gave up waiting.
 */
function isRefusal(error: unknown): boolean {
  const { failure, status = 500 } = upstreamErrorIn(error) ?? {};
  return failure === "STATUS" && status >= 400 && status < 500 && status !== 408;
}
