/**
 * What may a caller do?
 *
 * Scopes are the words of its token or key. A field names those it needs, and is refused without them.
 */
export const SCOPES = [
  /** Entities and their facts, but nothing personal. */
  "graph:read",
  /** Decisions on entities: verdicts, reasons, and how fresh they are. */
  "eligibility:read",
  /** Listeners, and what else is personal. */
  "listeners:read",
  /** The ledger, reviews, effects and decision models. */
  "audit:read",
  /** Mutations that decide, and act on what is decided. */
  "decisions:write",
  /** Resolving reviews, and proposing and approving tables. */
  "reviews:write",
  /** Effects, and deploying tables. */
  "operations:write",
] as const;

export type Scope = (typeof SCOPES)[number];

/** Alternatives: a caller needs every scope of one of them. */
export type RequiredScopes = readonly (readonly Scope[])[];

export function satisfies(scopes: ReadonlySet<string>, required: RequiredScopes): boolean {
  return required.some((alternative) => alternative.every((scope) => scopes.has(scope)));
}
