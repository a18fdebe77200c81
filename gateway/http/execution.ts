/**
 * How is a valid operation executed for a caller?
 *
 * It is admitted by its cost, run by the engine, and its subgraphs are told who asks. What GraphQL says about it is in the
 * response. A bug is logged, and the client sees "Internal error" and the request's id.
 */
import { GraphQLError, OperationTypeNode } from "graphql";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import type { Logger } from "pino";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import { spanning } from "../../subgraphs/platform/tracing/span.ts";
import type { Executor } from "../engine/engine.ts";
import type { Deferred, ExecutionResponse } from "../engine/execute.ts";
import type { CallerOperation } from "../engine/operation.ts";
import type { CallSubgraph } from "../engine/run.ts";
import type { Cost } from "../limits/cost.ts";
import type { Demand } from "../limits/demand.ts";
import { internalError } from "../limits/masking.ts";
import type { Observed } from "../telemetry/requests.ts";
import type { CallerRequest } from "../transport/calls.ts";
import { createExplaining } from "./explain.ts";
import type { Explain } from "./explain.ts";

export interface ExecutionTools {
  readonly executor: Executor;
  readonly demand: Demand;
  readonly calls: (request: CallerRequest) => CallSubgraph;
  readonly log: Logger;
}

/** A valid document, and one of its operations. */
export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The client accepts an answer in parts. */
  readonly isDeferring: boolean;
  readonly requestId: string;
  readonly caller: Caller;
  /** When it is answered at the latest, in milliseconds by `monotonic`. */
  readonly endsAt: number;
  /** Whether it is noted what it takes. Default false. */
  readonly explains?: boolean | undefined;
  /** Told what becomes of it. Default: nobody is. */
  readonly observed?: Observed | undefined;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface Executed {
  readonly response: ExecutionResponse;
  readonly deferred?: Deferred | undefined;
  /** undefined if it was not admitted. */
  readonly cost?: Cost | undefined;
  /** What it took so far; undefined where nobody asks. */
  readonly explain?: (() => Explain) | undefined;
  /** For how many seconds it is fresh; undefined if nobody may keep it. */
  readonly maxAge?: number | undefined;
  /** By a bug. */
  readonly isFault?: boolean;
}

/** Rejects with the reason of the signal. */
export type ExecuteOperation = (request: OperationRequest) => Promise<Executed>;

export function createExecuteOperation({ executor, demand, calls, log }: ExecutionTools): ExecuteOperation {
  return async (given) => {
    const { document, operation, variables, isDeferring, requestId, caller, endsAt, observed, signal } = given;
    const explaining = given.explains ? createExplaining(monotonic) : undefined;
    const name = nameOf(operation);
    const span = observed?.executes(operation, name, document);
    const readsAnew = operation.operation === OperationTypeNode.MUTATION;
    let maxAge = Infinity;
    const onMaxAge = (age = 0): void => void (maxAge = Math.min(maxAge, age));
    const { onExtensions, engine: explained } = explaining ?? {};
    const call = calls({ operationName: name, requestId, caller, readsAnew, endsAt, signal, onMaxAge, onExtensions });
    let cost: Cost | undefined;
    const admit = (admitted: CallerOperation, coerced: Readonly<Record<string, unknown>>): void => {
      cost = demand.admit(admitted, coerced);
      observed?.costs(cost);
    };
    try {
      const request = { document, operation, variables, scopes: caller.scopes };
      const { response, deferred } = await spanning(span, () =>
        executor.execute(request, { call, isDeferring, admit, explained }),
      );
      if (response.data === undefined) observed?.refused(codeOf(response.errors));
      const isPlain = !response.errors && !deferred && !readsAnew && !explaining;
      const isKept = maxAge > 0 && maxAge !== Infinity && isPlain;
      return { response, deferred, cost, explain: explaining?.report, maxAge: isKept ? maxAge : undefined };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof GraphQLError) {
        observed?.refused(codeOf([error]));
        return { response: { errors: [error] } };
      }
      const { traceId } = observed?.span ?? {};
      log.error({ err: error, requestId, traceId, caller: caller.id }, "unexpected error");
      const { message, extensions } = internalError(requestId);
      return { response: { data: null, errors: [new GraphQLError(message, { extensions })] }, isFault: true };
    }
  };
}

/** Of the first of them: the gateway's own, because nothing was executed. */
export function codeOf([error]: readonly GraphQLError[] = []): string {
  const code = error?.extensions["code"];
  return typeof code === "string" ? code : "INTERNAL_SERVER_ERROR";
}

/** Subgraphs and their logs get names of a sensible length. */
export function nameOf({ name }: OperationDefinitionNode): string | undefined {
  return name && name.value.length <= MAX_NAME ? name.value : undefined;
}

const MAX_NAME = 128;
