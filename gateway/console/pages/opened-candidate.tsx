/**
 * What is there to know of a table that was proposed, and what may one do with it?
 *
 * Who proposed it does not approve it: that takes a second person, and where it is not offered, why is said. Deploying it stays a
 * command, because whoever runs it has the decision service at hand.
 */
import { useState } from "preact/hooks";
import { ModelChecksDocument, ResolveCandidateDocument } from "../generated/operations.ts";
import type { CandidateQuery } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { useQuery } from "../graph/use-query.ts";
import { FormDialog } from "../parts/form-dialog.tsx";
import { Id } from "../parts/id.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { Person } from "../session/caller.tsx";
import { FactList } from "./entity-page.tsx";
import { useTableRights } from "./table-rights.ts";

type Candidate = NonNullable<CandidateQuery["tableCandidate"]>;

export interface OpenedCandidateProps {
  readonly candidate: Candidate;
  /** Somebody has just proposed the same table again. */
  readonly wasKnown: boolean;
  readonly onClose: () => void;
}

export function OpenedCandidate({ candidate, wasKnown, onClose }: OpenedCandidateProps) {
  const { id, model, state, outdated, caution, version, baseVersion, digest, checks } = candidate;
  const here = useQuery(ModelChecksDocument, { key: model }).data?.decisionModel?.checks;
  return (
    <section class="panel" aria-label="Candidate">
      <div class="panel-head">
        <h2>
          Candidate <Status value={state} />
        </h2>
        <button type="button" class="plain" onClick={onClose}>
          Close it
        </button>
      </div>
      <div class="stack">
        {wasKnown && (
          <p class="notice review" role="status">
            <strong>This table is proposed already.</strong> It is shown with its first note; yours was not kept.
          </p>
        )}
        <FactList
          facts={[
            ["Id", <Id key="id" value={id} />],
            ["Version", `${version}, compared with version ${baseVersion} here`],
            ["SHA-256", <code title={digest}>{digest.slice(0, 12)}</code>],
            ["Checks", checks ? foundBy(checks, here ?? checks) : "not known: it is too large for proofs"],
          ]}
        />
        {outdated !== null && isOpen(state) && (
          <p class="notice deny">
            <strong>It is outdated:</strong> {outdated}. It has to be proposed anew.
          </p>
        )}
        {caution !== null && isOpen(state) && (
          <p class="notice review">
            <strong>Caution:</strong> {caution}.
          </p>
        )}
        <History candidate={candidate} />
        <Resolve candidate={candidate} />
        {state === "APPROVED" && outdated === null && <Deploy candidate={candidate} />}
      </div>
    </section>
  );
}

/** Something can still become of it. */
export function isOpen(state: Candidate["state"]): boolean {
  return state === "PROPOSED" || state === "APPROVED";
}

type Checks = NonNullable<Candidate["checks"]>;
type Findings = Readonly<Record<keyof Checks, readonly unknown[]>>;

const FINDINGS = [
  ["gaps", "facts without a verdict"],
  ["neverMatch", "rules that never match"],
  ["neverDecide", "rules that never decide"],
  ["contradictions", "rules that contradict each other"],
  ["duplicates", "rules that say the same"],
  ["missing", "unknown facts that open"],
] as const;

/** How many of each kind, and of the table here where that has another number. */
function foundBy(checks: Findings, here: Findings): string {
  const texts = FINDINGS.map(([name, what]) => {
    const [own, others] = [checks[name].length, here[name].length];
    if (own === 0 && others === 0) return "";
    return `${what}: ${own}${own === others ? ", as here" : `, ${others} here`}`;
  });
  return texts.filter(Boolean).join("; ") || "nothing was found";
}

function History({ candidate: { steps, deployments } }: Pick<OpenedCandidateProps, "candidate">) {
  return (
    <>
      <h3>What became of it</h3>
      <ul class="reason-list" aria-label="What became of it">
        {steps.map(({ state, by, at, note }) => (
          <li key={at}>
            <Status value={state} /> {note}{" "}
            <span class="muted small">
              <Person id={by} />, <Time value={at} />
            </span>
          </li>
        ))}
        {deployments.toReversed().map(({ id, target, by, begunAt, endedAt, problem }) => (
          <li key={id}>
            <Status value={endedAt === null ? "HANDED_OVER" : problem === null ? "DEPLOYED" : "FAILED"} /> to {target}
            {problem !== null && `: ${problem}`}
            {endedAt === null && ", and nobody has said how it ended"}{" "}
            <span class="muted small">
              <Person id={by} />, <Time value={begunAt} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

const ACTIONS = [
  { to: "APPROVED", title: "Approve", from: ["PROPOSED"], isProposers: false },
  { to: "REJECTED", title: "Reject", from: ["PROPOSED", "APPROVED"], isProposers: false },
  { to: "WITHDRAWN", title: "Withdraw", from: ["PROPOSED", "APPROVED"], isProposers: true },
] as const;

function Resolve({ candidate: { id, state, outdated, proposedBy } }: Pick<OpenedCandidateProps, "candidate">) {
  const { id: caller, problem } = useTableRights();
  const change = useChange(ResolveCandidateDocument);
  const [asked, ask] = useState<(typeof ACTIONS)[number]>();
  const isMine = proposedBy === caller;
  const offered = ACTIONS.filter(
    ({ to, from, isProposers }) =>
      from.some((one) => one === state) && isProposers === isMine && (to !== "APPROVED" || outdated === null),
  );
  return (
    <>
      {isOpen(state) && problem !== undefined && <p class="muted">{problem}</p>}
      {state === "PROPOSED" && problem === undefined && isMine && (
        <p class="muted">You proposed it, so somebody else has to approve or reject it.</p>
      )}
      {problem === undefined && offered.length > 0 && (
        <p class="row-actions">
          {offered.map((action) => (
            <button
              key={action.to}
              type="button"
              class={action.to === "APPROVED" ? "primary" : ""}
              onClick={() => ask(action)}
            >
              {action.title}
            </button>
          ))}
        </p>
      )}
      {asked && (
        <FormDialog
          title={`${asked.title} this candidate`}
          action={`${asked.title} it`}
          fields={[{ name: "note", label: "Why? It is kept with the candidate.", kind: "lines" }]}
          change={change}
          inputOf={({ note = "" }) => ({ candidateId: id, state: asked.to, note })}
          onClose={() => ask(undefined)}
        />
      )}
    </>
  );
}

function Deploy({ candidate: { model, source } }: Pick<OpenedCandidateProps, "candidate">) {
  const file = `${model}.otdt`;
  return (
    <p class="muted">
      It may be deployed, which is a command: <code>npm run rules -- deploy {file}</code>, with <code>--out</code> or{" "}
      <code>--sandbox</code> for where to.{" "}
      <a download={file} href={`data:application/json,${encodeURIComponent(source)}`}>
        Save its file
      </a>
    </p>
  );
}
