/** What is known of an operation that this gateway has made itself, and that takes too long? An error like any other. */
import { GraphQLError } from "graphql";
import type { ExecutionResponse } from "../engine/execute.ts";
import type { Executed } from "../http/execution.ts";
import { timedOut } from "../http/timed-out.ts";

/** Rejects with the reason of `wanted`, where nobody wants it any more. */
export async function within(
  timeoutMs: number,
  execute: (signal: AbortSignal) => Promise<Executed>,
  wanted?: AbortSignal,
): Promise<ExecutionResponse> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return (await execute(wanted ? AbortSignal.any([wanted, late]) : late)).response;
  } catch (error) {
    wanted?.throwIfAborted();
    if (!late.aborted) throw error;
    const { message, code } = timedOut(timeoutMs);
    return { data: null, errors: [new GraphQLError(message, { extensions: { code } })] };
  }
}
