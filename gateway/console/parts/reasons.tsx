/**
 * Which rules say so? Every rule that matched is a reason: those with the verdict of the decision come first, the milder ones, which
 * decided nothing, last. The shape before each is read as the word of its verdict.
 */
import { SEVEREST_FIRST } from "../../../schema/verdict.ts";
import type { Verdict } from "../generated/operations.ts";
import { OfferedLink } from "./offered-link.tsx";
import { VerdictShape } from "./verdict.tsx";

export interface Reason {
  readonly code: string;
  readonly message: string;
  /** Of the rule alone; null for one of a table that says no verdict. */
  readonly verdict: Verdict | null;
  readonly rule?: number | null;
}

export interface ReasonsProps {
  /** Of the decision. */
  readonly verdict: Verdict | null;
  readonly reasons: readonly Reason[];
  /** The key of the model that leads to the rules. Default: they are not shown. */
  readonly model?: string;
  /** One beside the other. */
  readonly isInline?: boolean;
}

export function Reasons({ verdict, reasons, model, isInline = false }: ReasonsProps) {
  return (
    <ul class={isInline ? "reasons" : "reason-list"}>
      {severestFirst(reasons).map(({ code, message, rule = null, ...own }) => (
        <li key={code} class={own.verdict === verdict ? "" : "muted"}>
          <VerdictShape value={own.verdict} /> <code>{code}</code> {message}{" "}
          {model !== undefined && rule !== null && (
            <OfferedLink href={`/models/${model}?rule=${rule}`}>rule {rule}</OfferedLink>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Otherwise in the order of the rules. The severest give the verdict. */
export function severestFirst<One extends Pick<Reason, "verdict">>(reasons: readonly One[]): readonly One[] {
  return [...SEVEREST_FIRST, null].flatMap((verdict) => reasons.filter((reason) => reason.verdict === verdict));
}
