/**
 * How long does an effect wait that is refused, if that may be about our account?
 *
 * An upstream that refuses our account refuses every effect, and one that refuses what an effect is about accepts others in
 * the meantime. So others are the evidence:
 *
 * - It is certain that our account is refused: it waits until an operator has renewed it. But if others are accepted for ten
 *   minutes while this one is still refused, it is about this one (a firewall that dislikes one body), and fails.
 * - It is doubtful (403, and our account may read): if another is accepted, and it is still refused a minute later, it fails.
 *   If others on other subjects are refused as well, of whichever kind, our account must not write: all of them wait for the
 *   operator. If there are no others for ten minutes, it fails.
 */
import type { PgBoss } from "pg-boss";
import type { Refused } from "./failure.ts";
import type { Marks } from "./marks.ts";
import { OUTBOX_SCHEMA } from "./queues.ts";

/** `account`: it waits for our account, which the operator has to hear of. `other`: it waits for evidence. */
export type RefusalOutcome = "account" | "other" | "permanent";

export const PATIENCE_MS = 10 * 60_000;
/** A right that was given a moment ago may not be known everywhere. */
const SPREAD_MS = 60_000;

export async function outcomeOfRefusal(
  { isDoubtful, acceptedAgoMs = Infinity }: Refused,
  marks: Marks,
  areOthersRefused: () => Promise<boolean>,
): Promise<RefusalOutcome> {
  const areOthersAccepted = acceptedAgoMs < (await marks.ageMs("refused"));
  if (!isDoubtful) {
    return areOthersAccepted && (await marks.ageMs("contradicted")) >= PATIENCE_MS ? "permanent" : "account";
  }
  if (areOthersAccepted) return (await marks.ageMs("contradicted")) >= SPREAD_MS ? "permanent" : "other";
  if (await areOthersRefused()) {
    await marks.forget("alone");
    return "account";
  }
  return (await marks.ageMs("alone")) >= PATIENCE_MS ? "permanent" : "other";
}

/** Whether effects on other subjects, of any kind, wait because the same upstream refuses them. */
export function othersRefused(boss: PgBoss, subject: string, upstream: string) {
  return async (): Promise<boolean> => {
    const { rows } = await boss.getDb().executeSql(
      `select 1 from ${OUTBOX_SCHEMA}.job where split_part(singleton_key, ' ', 1) <> $1 and state in ('retry', 'active')
        and output->>'upstream' = $2 and data->'since'->'refused' is not null limit 1`,
      [subject, upstream],
    );
    return rows.length > 0;
  };
}
