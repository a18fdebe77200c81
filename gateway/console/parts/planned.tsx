/** What would a change do? The verdicts that it rests on, and who would be told, of which nothing was done. */
import type { ComponentChildren } from "preact";
import type { PlannedFragment } from "../generated/operations.ts";
import { Id } from "./id.tsx";
import { OfferedLink } from "./offered-link.tsx";
import { subjectHref } from "./subject.ts";
import { Time } from "./time.tsx";
import { Verdict } from "./verdict.tsx";

export interface PlannedProps {
  readonly planned: PlannedFragment | undefined;
  /** What would be there. */
  readonly children?: ComponentChildren;
}

export function Planned({ planned, children }: PlannedProps) {
  if (!planned) return null;
  const { decisions, effects } = planned;
  return (
    <div class="planned" role="status">
      <strong>Checked: nothing was done.</strong>
      <ul class="findings">
        {decisions.map(({ evaluationId, model, verdict }) => (
          <li key={evaluationId}>
            <Verdict value={verdict} /> {model} <OfferedLink href={`/decisions/${evaluationId}`}>Why</OfferedLink>
          </li>
        ))}
        {effects.map(({ kind, subject, at }) => (
          <li key={`${kind} ${subject} ${at ?? ""}`}>
            would tell <code>{kind}</code> <Id value={subject} href={subjectHref(subject)} />
            {at !== null && <Time value={at} />}
          </li>
        ))}
        {children}
        {effects.length === 0 && <li class="muted">Nothing would change outside of Decibel.</li>}
      </ul>
    </div>
  );
}
