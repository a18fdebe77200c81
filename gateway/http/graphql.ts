/**
 * What is the response to a GraphQL request?
 *
 * A request that was executed is answered with `data`, null if nothing is left of it, and status 200. One that was not
 * executed has no `data`: status 400 for clients that accept `application/graphql-response+json`, 200 for those that want
 * `application/json`, whose clients take any other status for a failure of the network. A subscription is answered with a
 * stream of responses, where the client can get one.
 */
import { GraphQLError, OperationTypeNode } from "graphql";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { spanning, within } from "../../subgraphs/platform/tracing/span.ts";
import type { Deferred, ExecutionResponse } from "../engine/execute.ts";
import type { Cost } from "../limits/cost.ts";
import type { Documents } from "../limits/documents.ts";
import type { LiveStream, Subscriber } from "../live/stream.ts";
import { withoutEvents } from "../live/subscriptions.ts";
import type { Subscribe } from "../live/subscriptions.ts";
import type { Observed } from "../telemetry/requests.ts";
import { createOperationReader } from "./documents.ts";
import type { ReadOutcome } from "./documents.ts";
import { codeOf, createExecuteOperation, nameOf } from "./execution.ts";
import type { ExecutionTools } from "./execution.ts";
import { assertMayExplain } from "./explain.ts";
import type { Explain } from "./explain.ts";
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
  /** Who gets the events of a subscription; undefined where the client cannot get any. */
  readonly subscriber?: Subscriber | undefined;
}

export interface GraphQLResponse {
  readonly status: number;
  readonly body: ExecutionResponse & { readonly extensions?: Extensions };
  /** For how many seconds it is fresh; undefined if nobody may keep it. */
  readonly maxAge?: number | undefined;
  /** What follows the body. */
  readonly deferred?: Deferred | undefined;
  /** The events of a subscription, in place of the body. */
  readonly stream?: LiveStream | undefined;
}

/** What the client has asked for beside the data. */
export interface Extensions {
  readonly cost?: Cost | undefined;
  readonly explain?: Explain;
}

export interface GraphQLHandlerOptions extends ExecutionTools {
  readonly documents: Documents;
  /** Default: nobody can. */
  readonly subscribe?: Subscribe | undefined;
}

/** Throws a RequestError for what no GraphQL response answers; rejects with the reason of the signal. */
export type AnswerGraphQL = (request: GraphQLRequest) => Promise<GraphQLResponse>;

export function createAnswerGraphQL({ documents, subscribe, ...tools }: GraphQLHandlerOptions): AnswerGraphQL {
  const readOperation = createOperationReader(tools.executor.schema, tools.executor);
  const execute = createExecuteOperation(tools);

  return (request) => within(request.observed?.span, () => answer(request));

  async function answer(asked: GraphQLRequest): Promise<GraphQLResponse> {
    const { parameters, responseType, isReadOnly, subscriber, observed, ...request } = asked;
    const { asksExplain: explains } = parameters;
    if (explains) assertMayExplain(request.caller);
    const read = await readDocument(parameters);
    if ("errors" in read) return refused(asked, read);
    void documents.accepted(parameters, request.caller.id);
    const { document, operation } = read;
    const sent = { ...request, ...read, variables: parameters.variables };
    if (operation.operation === OperationTypeNode.SUBSCRIPTION && tools.executor.schema.getSubscriptionType()) {
      if (!subscriber) throw needsStream();
      if (!subscribe) return refused(asked, { errors: [withoutEvents()] });
      const span = observed?.executes(operation, nameOf(operation), document);
      const opened = await spanning(span, () => subscribe({ ...sent, subscriber }));
      return "errors" in opened ? refused(asked, opened) : { status: 200, body: {}, stream: opened };
    }
    if (isReadOnly && operation.operation === OperationTypeNode.MUTATION) throw notByGet();
    const { response, deferred, cost, explain, maxAge, isFault } = await execute({ ...sent, observed, explains });
    if (isFault) return { status: 500, body: response };
    if (!explain || response.data === undefined) {
      const body = parameters.asksCost && cost ? { ...response, extensions: { cost } } : response;
      return { ...respond(body, responseType), deferred, maxAge };
    }
    const costs = parameters.asksCost ? { cost } : undefined;
    if (!deferred) return respond({ ...response, extensions: { ...costs, explain: explain() } }, responseType);
    // All that it took is known with its last part.
    const last = (): Extensions => ({ explain: explain() });
    const first = costs ? { ...response, extensions: costs } : response;
    return { ...respond(first, responseType), deferred: { ...deferred, extensions: last } };
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

/** It was not executed. */
function refused({ observed, responseType }: GraphQLRequest, body: { readonly errors?: readonly GraphQLError[] }) {
  observed?.refused(codeOf(body.errors));
  return respond(body, responseType);
}

function respond(body: GraphQLResponse["body"], responseType: ResponseType): GraphQLResponse {
  return { status: body.data === undefined && responseType === RESPONSE_TYPE ? 400 : 200, body };
}

function notByGet(): RequestError {
  return new RequestError(405, "METHOD_NOT_ALLOWED", "Cannot execute a mutation by GET: send it as POST", {
    allow: "POST",
  });
}

function needsStream(): RequestError {
  const message = "Cannot answer: a subscription needs text/event-stream, or a WebSocket with graphql-transport-ws";
  return new RequestError(406, "NOT_ACCEPTABLE", message);
}
