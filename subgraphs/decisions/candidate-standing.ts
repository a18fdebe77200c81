/**
 * Would a table that was proposed still change what it was shown to change?
 *
 * It was compared with the table here at that time. It is outdated once the table here is another one, unless that is the
 * proposed one itself, or once another table was handed over since: then what it was compared with is not in force any more.
 */
import { candidateId } from "../../schema/id.ts";
import type { Model } from "../pipeline/models.ts";
import type { CandidateRecord, LastDeployment } from "../records/decisions/candidates.ts";

export interface Standing {
  /** Why it can neither be approved nor handed over; null where it can. */
  readonly outdated: string | null;
  /** What whoever approves it should know; null for nothing. */
  readonly caution: string | null;
}

/** `here` is the model that decides now; undefined where there is none. `last` is its last deployment. */
export function standingOf(
  { tableDigest, base, afterDeployment }: Pick<CandidateRecord, "tableDigest" | "base" | "afterDeployment">,
  here: Pick<Model, "digest"> | undefined,
  last: LastDeployment | undefined,
): Standing {
  if (!here) return { outdated: "the graph decides nothing by its model any more", caution: null };
  const isOther = last !== undefined && last.tableDigest !== tableDigest;
  if (here.digest !== base && here.digest !== tableDigest)
    return { outdated: "the table here is not the one that it was compared with any more", caution: null };
  if (isOther && last.number > afterDeployment)
    return { outdated: `${nameOf(last)} was handed over since it was proposed`, caution: null };
  const isBehind = isOther && last.tableDigest !== here.digest;
  return {
    outdated: null,
    caution: isBehind
      ? `it is compared with the table here, and ${nameOf(last)}, which was handed over last, is another one`
      : null,
  };
}

function nameOf({ candidateId: id }: LastDeployment): string {
  return candidateId.encode(id);
}
