/**
 * Who may subscribe to what, and for how long?
 *
 * A subscription is admitted as a query is: by the scopes of its field, its variables and what an event can cost. A caller has
 * so many at a time. It lasts until its client leaves, its credentials end, or this gateway does.
 */
import { GraphQLError, getArgumentValues, getVariableValues } from "graphql";
import { badUserInput, forbidden } from "../../schema/errors.ts";
import { satisfies } from "../../schema/scope.ts";
import type { Clock } from "../../subgraphs/platform/clock.ts";
import type { Events } from "../../subgraphs/platform/events.ts";
import type { RequestLimits } from "../../subgraphs/platform/request-limits.ts";
import { asBadUserInput } from "../engine/execute.ts";
import type { ExecutionResponse } from "../engine/execute.ts";
import { fragmentsIn, rootTypeOf } from "../engine/operation.ts";
import { LACKING_NOTHING } from "../engine/scopes.ts";
import { createExecuteOperation } from "../http/execution.ts";
import type { ExecutionTools } from "../http/execution.ts";
import { RequestError } from "../http/request-error.ts";
import { internalError } from "../limits/masking.ts";
import type { GatewayMetrics } from "../telemetry/metrics.ts";
import { createEventQueries, rootFieldNodes } from "./event-query.ts";
import { createTellEligibility } from "./eligibility.ts";
import { createInbox } from "./inbox.ts";
import type { AdmittedRequest, SubscriptionRequest } from "./request.ts";
import { createSessions } from "./sessions.ts";
import { createStream } from "./stream.ts";
import type { LiveStream } from "./stream.ts";
import { createReadEvent } from "./told.ts";
import { TOPICS } from "./topics.ts";
import type { ToldEvent, Topic } from "./topics.ts";
import { createReadVerdicts } from "./verdicts.ts";
import { createWatches } from "./watches.ts";

/** Errors where it is not admitted. Rejects with a RequestError where this gateway ends. */
export type Subscribe = (
  request: SubscriptionRequest,
) => Promise<LiveStream | { readonly errors: readonly GraphQLError[] }>;

export interface Subscriptions {
  readonly subscribe: Subscribe;
  /** How many there are. */
  readonly count: number;
  /** Ends all of them, and takes no more. */
  close(): void;
}

export interface SubscriptionOptions extends ExecutionTools, Clock {
  readonly events: Events;
  readonly limits: Pick<RequestLimits, "subscriptions" | "timeoutMs">;
  readonly metrics?: Pick<GatewayMetrics, "subscribed"> | undefined;
}

export function withoutEvents(): GraphQLError {
  return new GraphQLError("Cannot subscribe: this gateway hears of no events", {
    extensions: { code: "SUBSCRIPTIONS_UNAVAILABLE" },
  });
}

/** Events that wait for a client: as many as one operation may make at once. A client that reads is never told that it is slow. */
const MAX_WAITING = 10_000;

export function createSubscriptions(options: SubscriptionOptions): Subscriptions {
  const { events, executor, demand, limits, log, now, elapsed, metrics } = options;
  const { schema, scopes } = executor;
  const execute = createExecuteOperation(options);
  const readEvent = createReadEvent(execute, limits.timeoutMs);
  const queryOf = createEventQueries();
  const sessions = createSessions({ perCaller: limits.subscriptions, now, metrics });
  const read = createReadVerdicts(execute, limits.timeoutMs);
  const watches = createWatches({ events, read, log, now, elapsed });
  const tellEligibility = createTellEligibility({ schema, demand, sessions, watches, read, failed });

  return {
    get count() {
      return sessions.count;
    },
    async subscribe(request) {
      if (sessions.isClosing) throw leaving();
      try {
        return await admit(request);
      } catch (error) {
        if (error instanceof GraphQLError) return { errors: [error] };
        throw error;
      }
    },
    close() {
      sessions.close();
      watches.close();
    },
  };

  async function admit(request: SubscriptionRequest): ReturnType<Subscribe> {
    const { document, operation, caller } = request;
    if (!events.hears()) throw withoutEvents();
    const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables, {
      maxErrors: MAX_ERRORS,
      hideSuggestions: executor.hideSuggestions,
    });
    if (errors) return { errors: errors.map(asBadUserInput) };
    const nodes = rootFieldNodes(document, operation, coerced);
    const [first] = nodes;
    const root = rootTypeOf({ schema, operation });
    const field = first && root.getFields()[first.name.value];
    if (!first || !field) throw badUserInput("Cannot subscribe: the operation selects no event", "query");
    const required = scopes.get(root.name)?.get(field.name);
    if (required && !satisfies(caller.scopes, required)) throw forbidden(`${root.name}.${field.name}`, required);
    const args = getArgumentValues(field, first, coerced);
    const admitted = { ...request, event: field.name, nodes, args, coerced };
    const topic = TOPICS.get(field.name);
    return topic ? tell(topic, admitted) : tellEligibility(admitted);
  }

  function failed(error: unknown, { requestId, caller }: SubscriptionRequest): ExecutionResponse {
    log.error({ err: error, requestId, caller: caller.id }, "unexpected error in a subscription");
    const { message, extensions } = internalError(requestId);
    return { data: null, errors: [new GraphQLError(message, { extensions })] };
  }

  /** The events of a topic, each read by its query. */
  function tell(topic: Topic, request: AdmittedRequest): LiveStream {
    const { document, operation, nodes, args, coerced, variables, requestId } = request;
    const query = queryOf(document, operation, nodes, topic.query);
    const fragments = fragmentsIn(query.document);
    const event = { schema, operation: query.operation, fragments, variables: coerced, lacking: LACKING_NOTHING };
    demand.admit(event, coerced);
    const session = sessions.begin(request);
    const inbox = createInbox<ToldEvent>(MAX_WAITING);
    const stopListening = events.listen((event) => {
      if (event.kind === "missed") stream.end("missed");
      else if (topic.wants(event, args) && !inbox.put(event)) stream.end("slow");
    });
    const stream = createStream({
      inbox,
      async *read(event: ToldEvent) {
        const response = await readEvent(event, { query, variables, requestId }, session.caller);
        if (!response || !session.isCurrent()) return;
        session.told();
        yield response;
      },
      failed: (error) => failed(error, request),
      onEnd(end) {
        stopListening();
        session.end(end);
      },
    });
    session.of(stream);
    return stream;
  }
}

/** In one response: a client repairs its variables with the first few. */
const MAX_ERRORS = 5;
const RETRY_SECONDS = 1;

/** The code where this gateway ends, or has another supergraph. */
export const LEAVING = "LEAVING";

function leaving(): RequestError {
  return new RequestError(503, LEAVING, "Cannot subscribe: this gateway ends, and another one is there", {
    "retry-after": String(RETRY_SECONDS),
  });
}
