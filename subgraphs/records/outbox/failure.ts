/**
 * What does a failed attempt mean for its effect?
 *
 * `retry` costs one of its attempts. `wait` costs none: our account has to be renewed, or the upstream said when to come
 * back. `permanent` needs a person. The only place that decides this; an upstream's client says only what it was answered,
 * and a handler which refusals end its effect.
 */
import { GraphQLError } from "graphql";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { FinalError } from "./effect.ts";
import type { Handler } from "./effect.ts";

export type Failure =
  | { readonly kind: "retry" }
  | {
      readonly kind: "wait";
      readonly ms: number;
      /** The refusal of our account; undefined where the upstream asked for patience. */
      readonly account: UpstreamError | undefined;
    }
  | { readonly kind: "permanent" };

/** Between two attempts while our account is refused: soon enough after it was renewed, and no load for the upstream. */
const ACCOUNT_MS = 60_000;

/** `isFinal`: of the effect's handler. */
export function failureOf(error: unknown, isFinal: Handler<never>["isFinal"] = ({ final }) => final): Failure {
  const asked = upstreamErrorOf(error);
  if (asked?.renew !== undefined) return { kind: "wait", ms: ACCOUNT_MS, account: asked };
  if (error instanceof GraphQLError && PERMANENT_CODES.has(error.extensions["code"])) return { kind: "permanent" };
  if (error instanceof FinalError) return { kind: "permanent" };
  if (error instanceof UpstreamError && isFinal(error)) return { kind: "permanent" };
  return { kind: "retry" };
}

/** Also where a decision failed because of it. */
function upstreamErrorOf(error: unknown): UpstreamError | undefined {
  if (error instanceof UpstreamError) return error;
  return error instanceof Error && error.cause !== undefined ? upstreamErrorOf(error.cause) : undefined;
}

/** Errors in the input or of missing subjects do not go away. */
const PERMANENT_CODES: ReadonlySet<unknown> = new Set(["BAD_USER_INPUT", "NOT_FOUND"]);
