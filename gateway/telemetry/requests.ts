/**
 * What do operators learn of a request?
 *
 * A span, metrics, and a line in the log if they want one. Whoever answers it only notes what there is to tell; that is told
 * when the answer was sent, or nobody is left to read it. Nothing of the request is in it but the name of its operation.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import type { Logger } from "pino";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import { NO_TRACING } from "../../subgraphs/platform/tracing/tracing.ts";
import type { Tracing } from "../../subgraphs/platform/tracing/tracing.ts";
import type { Span } from "../../subgraphs/platform/tracing/span.ts";
import type { Cost } from "../limits/cost.ts";
import { documentWithoutValues } from "./document.ts";
import type { GatewayMetrics, OperationKind } from "./metrics.ts";

export interface Observed {
  /** undefined where it is not traced. */
  readonly span: Span | undefined;
  /** By whom it was sent. */
  calledBy(caller: string): void;
  /** It is not executed. */
  refused(code: string): void;
  /** What is executed; gives the span of that. `name`: undefined where it has none, or one that is too long. */
  executes(operation: OperationDefinitionNode, name: string | undefined, document: DocumentNode): Span | undefined;
  costs(cost: Cost): void;
}

export interface Requests {
  /** A request to an endpoint. */
  begin(request: FastifyRequest, reply: FastifyReply): Observed;
  of(request: FastifyRequest): Observed | undefined;
  /** For lines of the log. */
  readonly namesOf: (request: FastifyRequest) => RequestNames;
}

export interface RequestNames {
  readonly requestId: string;
  /** Where it is traced. */
  readonly traceId?: string;
  /** Once it is known. */
  readonly caller?: string;
}

export interface RequestsOptions {
  readonly log: Logger;
  /** Default: none. */
  readonly tracing?: Tracing | undefined;
  /** Default: nothing is counted. */
  readonly metrics?: GatewayMetrics | undefined;
  /** Whether each request is a line in the log, at level `info`. Default false. */
  readonly logsAccess?: boolean | undefined;
}

/** What is told in the end. */
interface Notes {
  caller?: string;
  code?: string;
  kind: OperationKind;
  name?: string;
  cost?: Cost;
}

export function createRequests(options: RequestsOptions): Requests {
  const { log, tracing = NO_TRACING, metrics, logsAccess = false } = options;
  const all = new WeakMap<FastifyRequest, Observed & { readonly notes: Notes }>();
  return {
    begin(request, { raw }) {
      const { method, headers, routeOptions } = request;
      const startedAt = monotonic();
      const notes: Notes = { kind: "none" };
      const span = tracing.begin(`${method} ${routeOptions.url}`, headers);
      span?.set({ "http.request.method": method, "http.route": routeOptions.url });
      const answered = metrics?.began();
      const observed = { ...observing(notes, span), notes };
      all.set(request, observed);
      raw.once("close", () => {
        const ms = monotonic() - startedAt;
        const status = raw.headersSent ? raw.statusCode : GONE;
        answered?.(notes.kind, status, ms);
        span?.set({ "http.response.status_code": status });
        span?.end(notes.code ?? (status >= 500 ? String(status) : undefined));
        if (!logsAccess || !log.isLevelEnabled("info")) return;
        const { kind: type, name: operation, code, cost } = notes;
        log.info(
          { ...namesOf(request), type, operation, status, code, ms: Math.round(ms), cost: cost?.fieldCost },
          "request answered",
        );
      });
      return observed;
    },
    of: (request) => all.get(request),
    namesOf,
  };

  function observing(notes: Notes, span: Span | undefined): Observed {
    return {
      span,
      calledBy: (caller) => void (notes.caller = caller),
      refused(code) {
        notes.code = code;
        metrics?.refused(code);
      },
      executes(operation, name, document) {
        notes.kind = operation.operation;
        if (name !== undefined) notes.name = name;
        return span?.begin(notes.kind, {
          "graphql.operation.type": notes.kind,
          "graphql.operation.name": name,
          "graphql.document": tracing.hasDocuments ? documentWithoutValues(document) : undefined,
        });
      },
      costs(cost) {
        notes.cost = cost;
        span?.set({ "decibel.cost": cost.fieldCost });
      },
    };
  }

  function namesOf(request: FastifyRequest): RequestNames {
    const { span, notes } = all.get(request) ?? {};
    return {
      requestId: request.id,
      ...(span && { traceId: span.traceId }),
      ...(notes?.caller !== undefined && { caller: notes.caller }),
    };
  }
}

/** Where the client has gone away before it was answered; no response has it. */
const GONE = 499;
