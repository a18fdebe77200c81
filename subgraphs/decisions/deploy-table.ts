/**
 * When may a table be handed to the decision service?
 *
 * When exactly this table, whatever the formatting of its file, was approved by a second person, and what it was compared with
 * is still in force. That it begins is recorded before it happens, and how it ended afterwards: who does it tells both. By its
 * idempotency key the same permission is read again, and only as long as it would be given.
 */
import { CandidateState } from "../../schema/candidate-state.ts";
import { badUserInput, conflict, notAllowed } from "../../schema/errors.ts";
import { candidateId, deploymentId } from "../../schema/id.ts";
import type { Model } from "../pipeline/models.ts";
import type { Context } from "../platform/context.ts";
import { dryRunHere } from "../platform/dry-run.ts";
import {
  addDeployment,
  candidatesWith,
  deploymentById,
  endDeployment as end,
  holdCandidates,
  lastDeployment,
} from "../records/decisions/candidates.ts";
import type { CandidateRecord, LastDeployment } from "../records/decisions/candidates.ts";
import { assertMayChangeTables, modelOf } from "./candidate-rights.ts";
import { standingOf } from "./candidate-standing.ts";
import { readTableFile } from "./propose-table.ts";
import { stateInWords } from "./resolve-candidate.ts";
import type { DecisionServices } from "./services.ts";
import type { BeginDeploymentInput, EndDeploymentInput } from "./table-candidate-inputs.ts";

type Services = Pick<DecisionServices, "models" | "mutate" | "candidates" | "now">;

/** The ids of the records. */
export interface BegunDeployment {
  readonly candidate: string;
  readonly deployment: string;
}

export async function beginDeployment(
  { models, mutate, candidates, now }: Services,
  context: Context,
  input: BeginDeploymentInput,
): Promise<BegunDeployment> {
  assertMayChangeTables(context, "beginDeployment");
  const model = modelOf(models, input.model, "beginDeployment");
  let logged: object | undefined;
  const begun = await mutate(context, "beginDeployment", input, async () => {
    const { contentDigest } = readTableFile(model, input.table);
    return async (tx) => {
      await holdCandidates(tx, input.model);
      // The newest proposal of a table says what people think of it now.
      const [candidate] = await candidatesWith(tx, input.model, contentDigest);
      if (!candidate) throw conflict(`Cannot deploy ${input.model}: nobody has proposed this table`);
      assertDeployable(candidate, model, await lastDeployment(tx, input.model));
      const { id: by } = context.caller;
      const added = { target: input.target, by, begunAt: new Date(now()) };
      const deployment = await addDeployment(tx, candidate, added);
      logged = { decision: input.model, candidate: nameOf(candidate), target: input.target, caller: by };
      return { candidate: candidate.id, deployment };
    };
  });
  if (logged && !dryRunHere()) context.log.warn(logged, "a table is handed over, as approved");
  // A repetition is answered by what the first one recorded, and the approval may have been taken back since.
  const [candidate] = await candidates.byIds([begun.candidate]);
  if (!candidate) throw new Error(`Cannot read candidate ${begun.candidate}: it is missing after its deployment`);
  assertDeployable(candidate, model, await candidates.lastDeployment(input.model));
  if (candidate.deployments.some(({ id, endedAt }) => id === begun.deployment && endedAt !== null))
    throw conflict(`Cannot deploy ${input.model}: ${deploymentId.encode(begun.deployment)} has ended already`);
  return begun;
}

/** Gives the ids of the records. Only who began it knows how it ended. */
export async function endDeployment(
  { mutate, now }: Pick<Services, "mutate" | "now">,
  context: Context,
  input: EndDeploymentInput,
): Promise<BegunDeployment> {
  assertMayChangeTables(context, "endDeployment");
  const [id] = deploymentId.decode(input.deploymentId, "deploymentId");
  return mutate(context, "endDeployment", input, async () => async (tx) => {
    const found = await deploymentById(tx, id);
    if (!found)
      throw badUserInput(`Cannot endDeployment: there is no deployment ${input.deploymentId}`, "deploymentId");
    if (found.by !== context.caller.id)
      throw notAllowed(`Cannot endDeployment: only ${found.by}, who began ${input.deploymentId}, can`);
    const isEnded = await end(tx, found, { endedAt: new Date(now()), problem: input.problem ?? null });
    if (!isEnded) throw conflict(`Cannot endDeployment: ${input.deploymentId} has ended already`);
    return { candidate: found.candidateId, deployment: id };
  });
}

/** Throws CONFLICT where it is not approved, or what it was compared with is not in force. */
function assertDeployable(candidate: CandidateRecord, model: Model, last: LastDeployment | undefined): void {
  const refused = (why: string): Error => conflict(`Cannot deploy ${candidate.model}: ${why}`);
  if (candidate.state === CandidateState.PROPOSED)
    throw refused(`${nameOf(candidate)} waits for a second person to approve it`);
  if (candidate.state !== CandidateState.APPROVED) throw refused(`${nameOf(candidate)} is ${stateInWords(candidate)}`);
  const { outdated } = standingOf(candidate, model, last);
  if (outdated !== null) throw refused(`${outdated}, propose ${nameOf(candidate)} anew`);
}

function nameOf({ id }: CandidateRecord): string {
  return candidateId.encode(id);
}
