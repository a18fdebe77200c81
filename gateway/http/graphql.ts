/**
 * What is the HTTP response to a GraphQL request?
 *
 * A request that was executed is answered with `data`, null if nothing is left of it, and status 200. One that was not
 * executed has no `data`: status 400 for clients that accept `application/graphql-response+json`, 200 for those that want
 * `application/json`, whose clients take any other status for a failure of the network. A bug is logged, and the client
 * sees "Internal error" and the request's id.
 */
import { GraphQLError, OperationTypeNode } from "graphql";
import type { OperationDefinitionNode } from "graphql";
import type { Logger } from "pino";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { spanning, within } from "../../subgraphs/platform/tracing/span.ts";
import type { Executor } from "../engine/engine.ts";
import type { Deferred, ExecutionResponse } from "../engine/execute.ts";
import type { CallerOperation } from "../engine/operation.ts";
import type { Cost } from "../limits/cost.ts";
import type { Demand } from "../limits/demand.ts";
import type { Documents } from "../limits/documents.ts";
import { internalError } from "../limits/masking.ts";
import type { Observed } from "../telemetry/requests.ts";
import type { CallerRequest } from "../transport/calls.ts";
import type { CallSubgraph } from "../engine/run.ts";
import { createOperationReader } from "./documents.ts";
import type { ReadOutcome } from "./documents.ts";
import { RESPONSE_TYPE } from "./media-types.ts";
import type { ResponseType } from "./media-types.ts";
import type { GraphQLParameters } from "./parameters.ts";
import { RequestError } from "./request-error.ts";

export interface GraphQLRequest {
  readonly parameters: GraphQLParameters;
  readonly responseType: ResponseType;
  /** The client accepts an answer in parts. */
  readonly isDeferring: boolean;
  /** A GET must not change anything. */
  readonly isReadOnly: boolean;
  readonly requestId: string;
  readonly caller: Caller;
  /** Told what becomes of it. Default: nobody is. */
  readonly observed?: Observed | undefined;
  /** When it is answered at the latest, in milliseconds by `monotonic`. */
  readonly endsAt: number;
  /** Aborted when the client goes away, or waits no longer. */
  readonly signal: AbortSignal;
}

export interface GraphQLResponse {
  readonly status: number;
  readonly body: ExecutionResponse & { readonly extensions?: { readonly cost: Cost } };
  /** For how many seconds it is fresh; undefined if nobody may keep it. */
  readonly maxAge?: number | undefined;
  /** What follows the body. */
  readonly deferred?: Deferred | undefined;
}

export interface GraphQLHandlerOptions {
  readonly executor: Executor;
  readonly demand: Demand;
  readonly documents: Documents;
  readonly calls: (request: CallerRequest) => CallSubgraph;
  readonly log: Logger;
}

/** Throws a RequestError for what no GraphQL response answers; rejects with the reason of the signal. */
export type AnswerGraphQL = (request: GraphQLRequest) => Promise<GraphQLResponse>;

export function createAnswerGraphQL({ executor, demand, documents, calls, log }: GraphQLHandlerOptions): AnswerGraphQL {
  const readOperation = createOperationReader(executor.schema, executor);

  return (request) => within(request.observed?.span, () => answer(request));

  async function answer(request: GraphQLRequest): Promise<GraphQLResponse> {
    const { parameters, responseType, isDeferring, isReadOnly, requestId, caller, observed, endsAt, signal } = request;
    const read = await readDocument(parameters);
    if ("errors" in read) {
      observed?.refused(codeOf(read.errors));
      return respond(read, responseType);
    }
    void documents.accepted(parameters, caller.id);
    const { document, operation } = read;
    if (isReadOnly && operation.operation !== OperationTypeNode.QUERY) throw notByGet();
    const name = nameOf(operation);
    const span = observed?.executes(operation, name, document);
    const readsAnew = operation.operation === OperationTypeNode.MUTATION;
    let maxAge = Infinity;
    const onMaxAge = (age = 0): void => void (maxAge = Math.min(maxAge, age));
    const call = calls({ operationName: name, requestId, caller, readsAnew, endsAt, signal, onMaxAge });
    try {
      const asked = { document, operation, variables: parameters.variables, scopes: caller.scopes };
      let cost: Cost | undefined;
      const admit = (admitted: CallerOperation, variables: Readonly<Record<string, unknown>>): void => {
        cost = demand.admit(admitted, variables);
        observed?.costs(cost);
      };
      const { response, deferred } = await spanning(span, () => executor.execute(asked, { call, isDeferring, admit }));
      if (response.data === undefined) observed?.refused(codeOf(response.errors));
      const isKept = maxAge > 0 && maxAge !== Infinity && !response.errors && !deferred && !readsAnew;
      const body = parameters.asksCost && cost ? { ...response, extensions: { cost } } : response;
      return { ...respond(body, responseType), deferred, maxAge: isKept ? maxAge : undefined };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof GraphQLError) {
        observed?.refused(codeOf([error]));
        return respond({ errors: [error] }, responseType);
      }
      const { traceId } = observed?.span ?? {};
      log.error({ err: error, requestId, traceId, caller: caller.id }, "unexpected error");
      const { message, extensions } = internalError(requestId);
      return { status: 500, body: { data: null, errors: [new GraphQLError(message, { extensions })] } };
    }
  }

  async function readDocument(parameters: GraphQLParameters): Promise<ReadOutcome> {
    try {
      return readOperation({ query: await documents.textOf(parameters), operationName: parameters.operationName });
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  }
}

/** Of the first of them: the gateway's own, because nothing was executed. */
function codeOf([error]: readonly GraphQLError[] = []): string {
  const code = error?.extensions["code"];
  return typeof code === "string" ? code : "INTERNAL_SERVER_ERROR";
}

/** Subgraphs and their logs get names of a sensible length. */
function nameOf({ name }: OperationDefinitionNode): string | undefined {
  return name && name.value.length <= MAX_NAME ? name.value : undefined;
}

const MAX_NAME = 128;

function respond(body: GraphQLResponse["body"], responseType: ResponseType): GraphQLResponse {
  return { status: body.data === undefined && responseType === RESPONSE_TYPE ? 400 : 200, body };
}

function notByGet(): RequestError {
  return new RequestError(405, "METHOD_NOT_ALLOWED", "Cannot execute a mutation by GET: send it as POST", {
    allow: "POST",
  });
}
