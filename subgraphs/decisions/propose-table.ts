/**
 * What happens when somebody proposes a table?
 *
 * It is kept as it is, with what it was compared with, for a second person to approve. A table that is open already is not
 * proposed twice.
 */
import { CandidateState } from "../../schema/candidate-state.ts";
import { badUserInput, conflict } from "../../schema/errors.ts";
import { readCandidate } from "../pipeline/candidate.ts";
import type { Model } from "../pipeline/models.ts";
import { digestOfContent } from "../pipeline/table-digest.ts";
import type { Context } from "../platform/context.ts";
import {
  CANDIDATE_STATES,
  addCandidate,
  candidatesWith,
  countCandidates,
  holdCandidates,
  lastDeployment,
} from "../records/decisions/candidates.ts";
import { assertMayChangeTables, modelOf } from "./candidate-rights.ts";
import { standingOf } from "./candidate-standing.ts";
import type { DecisionServices } from "./services.ts";
import type { ProposeTableInput } from "./table-candidate-inputs.ts";

type Services = Pick<DecisionServices, "models" | "mutate" | "now">;

/** Of a model, that wait for a second person. */
const MAX_PROPOSED = 50;
/** A version is a GraphQL Int, and an integer of the database. */
const MAX_VERSION = 2 ** 31 - 1;

/** Gives the record's id: of the same table where that is open already. */
export async function proposeTable(
  { models, mutate, now }: Services,
  context: Context,
  input: ProposeTableInput,
): Promise<string> {
  assertMayChangeTables(context, "proposeTable");
  const model = modelOf(models, input.model, "proposeTable");
  const proposed = await mutate(context, "proposeTable", input, async () => {
    const { compiled, digest: tableDigest, contentDigest: digest } = readTableFile(model, input.table);
    return async (tx) => {
      await holdCandidates(tx, input.model);
      const last = await lastDeployment(tx, input.model);
      const same = (await candidatesWith(tx, input.model, digest)).find(
        (one) => CANDIDATE_STATES[one.state].length > 0 && standingOf(one, model, last).outdated === null,
      );
      if (same) return { id: same.id };
      const waiting = await countCandidates(tx, { model: input.model, state: CandidateState.PROPOSED });
      if (waiting >= MAX_PROPOSED)
        throw conflict(`Cannot propose a table: ${waiting} others of ${input.model} wait for a second person`);
      const added = {
        model: input.model,
        version: compiled.table.version,
        digest,
        source: input.table,
        tableDigest,
        base: model.digest,
        baseVersion: model.compiled.table.version,
        afterDeployment: last?.number ?? 0,
      };
      return { id: await addCandidate(tx, added, { by: context.caller.id, at: new Date(now()), note: input.note }) };
    };
  });
  return proposed.id;
}

/** Throws BAD_USER_INPUT for a text that cannot decide in the place of the table here, or not be kept as it is. */
export function readTableFile(model: Model, text: string): Model & { readonly contentDigest: string } {
  const problem = (what: string): Error =>
    badUserInput(`Cannot use this table for ${model.decision.key}: ${what}`, "table", { table: [what] });
  if (!text.isWellFormed()) throw problem("expected Unicode, got half of a character");
  const read = readCandidate(model, text, "table");
  if (read.compiled.table.version > MAX_VERSION) throw problem(`version: expected at most ${MAX_VERSION}`);
  try {
    return { ...read, contentDigest: digestOfContent(text) };
  } catch (error) {
    // The stack is too small for it.
    if (error instanceof RangeError) throw problem("it is nested too deeply");
    throw error;
  }
}
