/**
 * What is proven of a table that was proposed, and of what it changes?
 *
 * Both stay the same for ever, so they are found once, when somebody asks. Null where they cannot be: the tables are too large,
 * the decision has other inputs by now, or the table that it was compared with is not kept.
 */
import { checksOf } from "../pipeline/checks.ts";
import { NoDifference, differenceOf } from "../pipeline/difference.ts";
import type { Model, Models } from "../pipeline/models.ts";
import { compiledOf } from "../pipeline/replay.ts";
import type { KeptSource } from "../pipeline/replay.ts";
import { digestOfTable } from "../pipeline/table-digest.ts";
import type { CompiledTable } from "../pipeline/table/compile.ts";
import type { Checks } from "../pipeline/table/diagram/check.ts";
import type { Difference } from "../pipeline/table/diagram/diff.ts";
import { TableError } from "../pipeline/table/problem.ts";
import type { CandidateRecord } from "../records/decisions/candidates.ts";

export interface CandidateProofs {
  checks(record: CandidateRecord): Promise<Checks | null>;
  /** `kept` gives the tables of the model that were decided by. */
  difference(record: CandidateRecord, kept: () => Promise<readonly KeptSource[]>): Promise<Difference | null>;
}

export function createCandidateProofs(models: Models): CandidateProofs {
  return {
    async checks(record) {
      const model = modelOf(record);
      return model ? orNull(() => checksOf(model)) : null;
    },
    async difference(record, kept) {
      const after = modelOf(record);
      const before = after && (await baseOf(record, kept));
      if (!before) return null;
      const found = await differenceOf(after, before.table, after.compiled.table);
      return found instanceof NoDifference ? null : found;
    },
  };

  /** As it would decide; undefined where this version of the engine cannot read it. */
  function modelOf(record: CandidateRecord): Model | undefined {
    const decision = models.get(record.model)?.decision;
    const compiled = decision && compiledOf(record.model, record);
    return compiled && !(compiled instanceof TableError)
      ? { decision, compiled, digest: record.tableDigest }
      : undefined;
  }

  async function baseOf(
    { model, base }: CandidateRecord,
    kept: () => Promise<readonly KeptSource[]>,
  ): Promise<CompiledTable | undefined> {
    const here = models.get(model);
    if (here?.digest === base) return here.compiled;
    return (await kept())
      .flatMap((one) => {
        const compiled = compiledOf(model, one);
        return compiled instanceof TableError ? [] : [compiled];
      })
      .find(({ table }) => digestOfTable(table) === base);
  }
}

/** A table that cannot be checked, or is too large for it, is a RangeError. */
async function orNull<Found>(work: () => Found | Promise<Found>): Promise<Found | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
