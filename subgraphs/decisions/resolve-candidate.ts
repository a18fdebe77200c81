/**
 * What happens when a second person approves or rejects a table that was proposed, or its proposer withdraws it?
 *
 * What is approved is what was proposed: a candidate never changes, and neither does the table that it was compared with. Where
 * another one is in force by then, the approval is refused.
 */
import { CandidateState } from "../../schema/candidate-state.ts";
import { badUserInput, conflict, notAllowed } from "../../schema/errors.ts";
import { candidateId } from "../../schema/id.ts";
import type { Context } from "../platform/context.ts";
import {
  CANDIDATE_STATES,
  addStep,
  candidateById,
  holdCandidates,
  lastDeployment,
} from "../records/decisions/candidates.ts";
import type { CandidateRecord } from "../records/decisions/candidates.ts";
import { assertMayChangeTables } from "./candidate-rights.ts";
import { standingOf } from "./candidate-standing.ts";
import type { DecisionServices } from "./services.ts";
import type { ResolveCandidateInput } from "./table-candidate-inputs.ts";

type Services = Pick<DecisionServices, "models" | "mutate" | "candidates" | "now">;

/** Gives the record's id. */
export async function resolveCandidate(
  { models, mutate, candidates, now }: Services,
  context: Context,
  input: ResolveCandidateInput,
): Promise<string> {
  assertMayChangeTables(context, "resolveCandidate");
  const [id] = candidateId.decode(input.candidateId, "candidateId");
  const { state, note } = input;
  const verb = VERBS[state];
  if (verb === undefined) {
    const problem = "must be APPROVED, REJECTED or WITHDRAWN";
    throw badUserInput(`Cannot resolveCandidate: state ${problem}`, "input", { state: [problem] });
  }
  const resolved = await mutate(context, "resolveCandidate", input, async () => {
    const [known] = await candidates.byIds([id]);
    if (!known)
      throw badUserInput(`Cannot resolveCandidate: there is no candidate ${input.candidateId}`, "candidateId");
    return async (tx) => {
      await holdCandidates(tx, known.model);
      const found = (await candidateById(tx, id)) ?? known;
      assertMayResolve(found, { state, verb, by: context.caller.id, id: input.candidateId });
      if (state === CandidateState.APPROVED) {
        const { outdated } = standingOf(found, models.get(found.model), await lastDeployment(tx, found.model));
        if (outdated !== null) throw conflict(`Cannot approve ${input.candidateId}: ${outdated}, propose it anew`);
      }
      await addStep(tx, found, { state, by: context.caller.id, at: new Date(now()), note });
      return { id };
    };
  });
  return resolved.id;
}

const VERBS: Readonly<Partial<Record<CandidateState, string>>> = {
  APPROVED: "approve",
  REJECTED: "reject",
  WITHDRAWN: "withdraw",
};

interface Resolving {
  readonly state: CandidateState;
  readonly verb: string;
  readonly by: string;
  /** In the graph. */
  readonly id: string;
}

function assertMayResolve(found: CandidateRecord, { state, verb, by, id }: Resolving): void {
  const [{ by: proposer }] = found.steps;
  const isWithdrawn = state === CandidateState.WITHDRAWN;
  if (isWithdrawn && by !== proposer) throw notAllowed(`Cannot withdraw ${id}: only ${proposer}, who proposed it, can`);
  if (!isWithdrawn && by === proposer)
    throw notAllowed(`Cannot ${verb} ${id}: you proposed it, and it takes a second person`);
  if (CANDIDATE_STATES[found.state].includes(state)) return;
  throw conflict(`Cannot ${verb} ${id}: it is ${stateInWords(found)}`);
}

/** "APPROVED, by ada at 2026-11-29T12:00:00.000Z" */
export function stateInWords({ state, steps }: CandidateRecord): string {
  const last = steps.at(-1) ?? steps[0];
  return `${state}, by ${last.by} at ${last.at.toISOString()}`;
}
