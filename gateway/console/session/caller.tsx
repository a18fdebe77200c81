/** Who is the caller, and what may they do? Known to all parts of the page, which offer nothing else. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { SCOPES } from "../../../schema/scope.ts";
import type { Scope } from "../../../schema/scope.ts";
import type { CallerQuery } from "../generated/operations.ts";

export type Caller = CallerQuery["caller"];

/** Until it is known. */
export const NOBODY: Caller = { id: "", scopes: [], accounts: null };
export const CallerContext = createContext<Caller>(NOBODY);

/** The id of all, where callers are not known. */
export const ANONYMOUS = "anonymous";

/** Whether the caller has all of these scopes. */
export function useMay(...scopes: readonly Scope[]): boolean {
  const caller = useContext(CallerContext);
  return scopes.every((scope) => caller.scopes.includes(scope));
}

/** For what is only asked for: also until the caller is known, so that nothing is asked twice and replaced under the focus. */
export function useMayAsk(scope: Scope): boolean {
  const { id, scopes } = useContext(CallerContext);
  return id === "" || scopes.includes(scope);
}

const ALLOWS: Readonly<Record<Scope, string>> = {
  "graph:read": "read entities",
  "eligibility:read": "read decisions",
  "listeners:read": "read personal data",
  "audit:read": "read the ledger",
  "decisions:write": "decide and act",
  "reviews:write": "resolve reviews",
  "operations:write": "retry and drop effects",
};

/** Who did it, as the ledger names them. */
export function Person({ id }: { readonly id: string | null }) {
  const caller = useContext(CallerContext);
  if (id === null) return <>nobody</>;
  return <span title={id}>{id === caller.id && id !== ANONYMOUS ? "you" : id.replace(/^token:/, "")}</span>;
}

/** In the navigation: who you are, and on demand what you may do. */
export function Who({ onSignOut }: { readonly onSignOut: (() => void) | undefined }) {
  const { id, scopes, accounts } = useContext(CallerContext);
  if (id === "") return <span class="who" aria-busy="true" />;
  return (
    <details class="who">
      <summary>{id === ANONYMOUS ? "Not signed in: not needed here" : id.replace(/^token:/, "")}</summary>
      <ul>
        {SCOPES.map((scope) => (
          <li key={scope} class={scopes.includes(scope) ? "" : "lacks"} title={scope}>
            {ALLOWS[scope]}
          </li>
        ))}
      </ul>
      <p class="muted">{accounts === null ? "All accounts." : `Accounts: ${accounts.join(", ")}.`}</p>
      {onSignOut && (
        <button type="button" class="plain" onClick={onSignOut}>
          Sign out
        </button>
      )}
    </details>
  );
}
