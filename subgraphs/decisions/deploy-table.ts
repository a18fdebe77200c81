/**
 * When may a table be handed to the decision service?
 *
 * When exactly this table, whatever the formatting of its file, was approved by a second person, and what it was compared with
 * is still in force. That it begins is recorded before it happens, and how it ended afterwards: who does it tells both.
 */
import { CandidateState } from "../../schema/candidate-state.ts";
import { badUserInput, conflict, notAllowed } from "../../schema/errors.ts";
import { candidateId, deploymentId } from "../../schema/id.ts";
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
import type { CandidateRecord } from "../records/decisions/candidates.ts";
import { assertMayChangeTables, modelOf } from "./candidate-rights.ts";
import { standingOf } from "./candidate-standing.ts";
import { readTableFile } from "./propose-table.ts";
import { stateInWords } from "./resolve-candidate.ts";
import type { DecisionServices } from "./services.ts";
import type { BeginDeploymentInput, EndDeploymentInput } from "./table-candidate-inputs.ts";

type Services = Pick<DecisionServices, "models" | "mutate" | "now">;

/** The ids of the records. */
export interface BegunDeployment {
  readonly candidate: string;
  readonly deployment: string;
}

export async function beginDeployment(
  { models, mutate, now }: Services,
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
      const refusal = candidate ? refusalOf(candidate) : "nobody has proposed this table";
      if (!candidate || refusal !== null) throw conflict(`Cannot deploy ${input.model}: ${refusal}`);
      const { outdated } = standingOf(candidate, model, await lastDeployment(tx, input.model));
      if (outdated !== null)
        throw conflict(`Cannot deploy ${input.model}: ${outdated}, propose ${nameOf(candidate)} anew`);
      const { id: by } = context.caller;
      const added = { target: input.target, by, begunAt: new Date(now()) };
      const deployment = await addDeployment(tx, candidate, added);
      logged = { decision: input.model, candidate: nameOf(candidate), target: input.target, caller: by };
      return { candidate: candidate.id, deployment };
    };
  });
  if (logged && !dryRunHere()) context.log.warn(logged, "a table is handed over, as approved");
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

/** Why it was not approved; null where it was. */
function refusalOf(candidate: CandidateRecord): string | null {
  if (candidate.state === CandidateState.APPROVED) return null;
  return candidate.state === CandidateState.PROPOSED
    ? `${nameOf(candidate)} waits for a second person to approve it`
    : `${nameOf(candidate)} is ${stateInWords(candidate)}`;
}

function nameOf({ id }: CandidateRecord): string {
  return candidateId.encode(id);
}
