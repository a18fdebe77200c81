/**
 * How long does an effect wait that is refused, if that may be about our account?
 *
 * An upstream that refuses our account refuses every effect, and one that refuses what an effect is about accepts others in
 * the meantime. So others are the evidence:
 *
 * - It is certain that our account is refused: it waits until an operator has renewed it. But if others are accepted for ten
 *   minutes while this one is still refused, it is about this one (a firewall that dislikes one body), and fails.
 * - It is doubtful (403, and our account may read): if another is accepted, it fails. If others on other subjects are refused
 *   as well, our account must not write: all of them wait for the operator. If there are no others for ten minutes, it fails.
 */
import type { JobWithMetadata, PgBoss } from "pg-boss";
import type { Refused } from "./failure.ts";
import type { Ages } from "./marks.ts";
import { OUTBOX_SCHEMA } from "./queues.ts";

/** `account`: it waits for our account, which the operator has to hear of. `other`: it waits for evidence. */
export type RefusalOutcome = "account" | "other" | "permanent";

export const PATIENCE_MS = 10 * 60_000;

export async function outcomeOfRefusal(
  { isDoubtful, acceptedAgoMs = Infinity }: Refused,
  ages: Ages,
  areOthersRefused: () => Promise<boolean>,
): Promise<RefusalOutcome> {
  const refusedForMs = await ages("refused");
  const areOthersAccepted = acceptedAgoMs < refusedForMs;
  if (!isDoubtful) {
    return areOthersAccepted && (await ages("contradicted")) >= PATIENCE_MS ? "permanent" : "account";
  }
  if (areOthersAccepted) return "permanent";
  if (await areOthersRefused()) return "account";
  return refusedForMs >= PATIENCE_MS ? "permanent" : "other";
}

/** Whether effects of the same kind on other subjects wait because they are refused. */
export function othersRefused(boss: PgBoss, { name, singletonKey }: JobWithMetadata, kind: string) {
  return async (): Promise<boolean> => {
    const { rows } = await boss.getDb().executeSql(
      `select 1 from ${OUTBOX_SCHEMA}.job where name = $1 and singleton_key <> $2 and state in ('retry', 'active')
        and data->>'kind' = $3 and data->'since'->'refused' is not null limit 1`,
      [name, singletonKey, kind],
    );
    return rows.length > 0;
  };
}
