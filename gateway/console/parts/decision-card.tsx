/**
 * What was decided of a subject? The verdict with its reasons, how fresh it is, and what else the decision says; on demand what
 * would have to change, and why it is so exactly.
 */
import type { AnyVariables } from "@urql/core";
import type { ComponentChildren } from "preact";
import type { DecisionPartsFragment } from "../generated/operations.ts";
import type { GraphError } from "../graph/client.ts";
import { Explained } from "./explanation.tsx";
import type { Explains } from "./explanation.tsx";
import { OfferedLink } from "./offered-link.tsx";
import { Reasons } from "./reasons.tsx";
import { LackingPart } from "./states.tsx";
import { Time } from "./time.tsx";
import { Verdict } from "./verdict.tsx";
import { useMayAsk } from "../session/caller.tsx";

export interface DecisionCardProps<Data, Variables extends AnyVariables> {
  /** The question. */
  readonly title: string;
  /** null where it could not be made. */
  readonly decision: DecisionPartsFragment | null;
  /** Of the answer that it is in. */
  readonly errors: readonly GraphError[];
  /** Its field. */
  readonly field: string;
  readonly explains: Explains<Data, Variables>;
  readonly children?: ComponentChildren;
}

const ORIGINS = {
  SERVICE: "asked the service",
  CACHE: "from the cache",
  EQUIVALENT: "as for equivalent facts",
  STALE: "stale: the service is failing",
  LOCAL: "by the copy here",
} as const;

export function DecisionCard<Data, Variables extends AnyVariables>(props: DecisionCardProps<Data, Variables>) {
  const { title, decision, errors, field, explains, children } = props;
  const may = useMayAsk("eligibility:read");
  return (
    <section class="panel decision-card" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        {may && <Verdict value={decision?.verdict ?? null} />}
      </div>
      {decision ? (
        <Made decision={decision}>
          {children}
          <Explained {...explains} isAllowed={decision.verdict === "ALLOW"} />
        </Made>
      ) : may ? (
        <Failed errors={errors.filter(({ path }) => path.includes(field))} />
      ) : (
        <LackingPart scope="eligibility:read">What is decided takes</LackingPart>
      )}
    </section>
  );
}

interface MadeProps {
  readonly decision: DecisionPartsFragment;
  readonly children: ComponentChildren;
}

function Made({ decision: { id, model, verdict, reasons, origin, decidedAt, expiresAt }, children }: MadeProps) {
  return (
    <>
      <Reasons verdict={verdict} reasons={reasons} model={model.key} />
      {children}
      <p class="made small muted">
        <span>
          <Time value={decidedAt} />, {ORIGINS[origin]}
        </span>
        {expiresAt !== null && (
          <span>
            expires <Time value={expiresAt} />
          </span>
        )}
        <OfferedLink href={`/decisions/${id}`}>Details</OfferedLink>
        <OfferedLink href={`/models/${model.key}?from=${id}`}>Try other facts</OfferedLink>
      </p>
    </>
  );
}

function Failed({ errors }: { readonly errors: readonly GraphError[] }) {
  const [error] = errors;
  return (
    <p class="muted">
      {error ? (
        <>
          It could not be made: <code>{error.code}</code> {error.message}
        </>
      ) : (
        "It was not made: nothing is recorded."
      )}
    </p>
  );
}
