/** Why was a change refused? By an error, or by the rules: then their reasons say why. */
import type { DecisionPartsFragment } from "../generated/operations.ts";
import type { GraphError } from "../graph/client.ts";
import { OfferedLink } from "./offered-link.tsx";
import { Reasons } from "./reasons.tsx";
import { LackingPart } from "./states.tsx";
import { Verdict } from "./verdict.tsx";
import { useMay } from "../session/caller.tsx";

const WORDS: Readonly<Record<string, string>> = {
  CONFLICT: "It has changed meanwhile.",
  FORBIDDEN: "You may not do that.",
  UNREACHABLE: "Whether it was done is not known. Sent again as it is, it is done once.",
};

export function Refusal({ errors }: { readonly errors: readonly GraphError[] }) {
  if (errors.length === 0) return null;
  return (
    <div class="notice deny" role="alert">
      {errors.map(({ code, message }) => (
        <span key={message}>
          <strong>{WORDS[code] ?? "That was not done."}</strong> {message.replace(/^Cannot \w+: /, "")}{" "}
          <code>{code}</code>
        </span>
      ))}
    </div>
  );
}

export interface Ruled {
  /** What was asked for. */
  readonly what: string;
  readonly decision: DecisionPartsFragment | null;
  /** A request is recorded whatever the rules say. Default: a change, which only ALLOW makes. */
  readonly isRequest?: boolean;
}

const OF_REQUESTS = { ALLOW: "approved", REVIEW: "somebody has to look at it", DENY: "rejected" } as const;

/** What the rules said to a change or a request that depends on them. */
export function RuledOn({ what, decision, isRequest = false }: Ruled) {
  const may = useMay("eligibility:read");
  if (!may) {
    return (
      <div class="notice review" role="status">
        <LackingPart scope="eligibility:read">{`${what}: sent. What the rules say takes`}</LackingPart>
      </div>
    );
  }
  if (decision === null) return null;
  const { verdict, reasons, id } = decision;
  return (
    <div class={`notice ${verdict.toLowerCase()}`} role="status">
      <Verdict value={verdict} />
      <strong>
        {what}:{" "}
        {isRequest
          ? OF_REQUESTS[verdict]
          : verdict === "ALLOW"
            ? "done"
            : "the rules do not allow it, and nothing was changed"}
        .
      </strong>
      {verdict !== "ALLOW" && <Reasons verdict={verdict} reasons={reasons} isInline />}
      <OfferedLink href={`/decisions/${id}`}>Why</OfferedLink>
    </div>
  );
}
