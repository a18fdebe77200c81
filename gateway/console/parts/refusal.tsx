/** Why was a change refused? By an error, or by the rules: then their reasons say why. */
import { Link } from "wouter-preact";
import type { DecisionPartsFragment } from "../generated/operations.ts";
import type { GraphError } from "../graph/client.ts";
import { Verdict } from "./verdict.tsx";

const WORDS: Readonly<Record<string, string>> = {
  CONFLICT: "It has changed meanwhile.",
  FORBIDDEN: "You may not do that.",
  UNREACHABLE: "It was not sent.",
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

/** What the rules said to a change that depends on them. */
export function RuledOn({
  what,
  decision,
}: {
  readonly what: string;
  readonly decision: DecisionPartsFragment | null;
}) {
  if (decision === null) return null;
  const { verdict, reasons, id } = decision;
  return (
    <div class={`notice ${verdict.toLowerCase()}`} role="status">
      <Verdict value={verdict} />
      <strong>
        {verdict === "ALLOW" ? `${what}: done.` : `${what}: the rules do not allow it, and nothing was changed.`}
      </strong>
      {verdict !== "ALLOW" && reasons.map(({ code, message }) => <span key={code}>{message}.</span>)}
      <Link href={`/decisions/${id}`}>Why</Link>
    </div>
  );
}
