/**
 * May a list be filtered by what would be decided of each?
 *
 * For a caller who may read decisions, where no more would have to be known than is kept of the upstreams: a total is exact, so
 * each page needs all that is in the list without the filter.
 */
import { badUserInput, forbidden } from "../../schema/errors.ts";
import { satisfies } from "../../schema/scope.ts";
import type { RequiredScopes } from "../../schema/scope.ts";
import type { EligibleAmong } from "../pipeline/eligible.ts";
import type { Context } from "../platform/context.ts";

export interface Eligibility {
  readonly among: EligibleAmong;
  /** How many may be in a list before it is filtered. */
  readonly atMost: number;
}

export interface Filtered {
  /** `Query.campaigns`. */
  readonly field: string;
  readonly argument: string;
  /** The argument by which a client can ask about fewer; undefined: none. */
  readonly narrower?: string;
  /** In the list without the filter. */
  readonly count: () => Promise<number>;
}

const SCOPES: RequiredScopes = [["eligibility:read"]];

/** Rejects with FORBIDDEN, or with BAD_USER_INPUT where the list is too long. */
export async function requireFilterable(
  { caller, used }: Pick<Context, "caller" | "used">,
  { atMost }: Pick<Eligibility, "atMost">,
  { field, argument, narrower, count }: Filtered,
): Promise<void> {
  if (!satisfies(caller.scopes, SCOPES)) throw forbidden(`${field}(${argument}:)`, SCOPES);
  used.holdsMore();
  const found = await count();
  if (found <= atMost) return;
  const advice = narrower === undefined ? "" : `: give ${narrower} too`;
  throw badUserInput(`Cannot list: ${argument} is known of up to ${atMost}, and there are ${found}${advice}`, argument);
}
