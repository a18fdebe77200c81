/**
 * How is OpenText Decision Service called?
 *
 * By its runtime API, with one token for all calls. An evaluation is one POST, repeated only after a 401, once, with a
 * fresh token. The model list, which is not documented, is read in several formats; rows are read in one format only, and
 * anything else is an UpstreamError. No error contains the value of an input, which may be personal data: the service
 * quotes values in its own errors.
 */
import { TokenReply, createToken } from "../../platform/token.ts";
import type { AccessToken } from "../../platform/token.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { segment } from "../../platform/http-request.ts";
import type { UpstreamHealth } from "../../platform/health/health.ts";
import { createPatience } from "../../platform/patience.ts";
import type { Patience } from "../../platform/patience.ts";
import { refusalOfToken } from "../../platform/oauth.ts";
import { spanHere } from "../../platform/tracing/span.ts";
import { createUpstream } from "../../platform/upstream.ts";
import { BatchReply, MAX_ITEMS, asRefusal, batchRequest, readBatch } from "./batch.ts";
import { readErrorMessage, valuesOf } from "./errors.ts";
import { ListReply, modelsOf } from "./listing.ts";
import type { OpenTextModel } from "./listing.ts";
import { readPages } from "./paging.ts";
import { EvaluationReply, surplusOf } from "./rows.ts";
import type { Row } from "../table/table.ts";
import type { Execution, ExecuteBatch } from "./execution.ts";

export interface OpenTextOptions {
  /** `https://{region}.api.opentext.com` */
  readonly baseUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The endpoint for batches, below `baseUrl`; see batch.ts. Left out: there is none. */
  readonly batchPath?: string | undefined;
  /** Evaluations in flight at once. Default 16. */
  readonly connections?: number;
  /** Milliseconds a call may take. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds that never decrease, for the renewal of tokens. */
  readonly now?: () => number;
  /** Shared with what schedules the calls. Default: its own. */
  readonly patience?: Patience;
  /** Told how each call ended. Default: nobody is. */
  readonly health?: UpstreamHealth | undefined;
}

export interface OpenText {
  /**
   * One row for each matched rule, in the table's order; no rows also where the evaluation failed. Rejects with an
   * UpstreamError.
   */
  execute(execution: Execution): Promise<readonly Row[]>;
  /**
   * At most 100 evaluations in one call: each gets its rows or an UpstreamError. Rejects with an UpstreamError where the
   * call failed, with a BatchRefusedError where it was refused as a whole. Undefined without a `batchPath`.
   */
  readonly executeBatch: ExecuteBatch | undefined;
  /** All deployed models, in all their versions; also those that cannot be read. Rejects with an UpstreamError. */
  models(): Promise<readonly OpenTextModel[]>;
  close(): Promise<void>;
}

/** What an operator renews where OpenText refuses our account. */
const CREDENTIALS = ["OPENTEXT_CLIENT_ID", "OPENTEXT_CLIENT_SECRET"];
const VARIABLES = { client: CREDENTIALS, grant: CREDENTIALS, address: ["OPENTEXT_BASE_URL", "OPENTEXT_TENANT_ID"] };
/** Lists all models. Our account may always read it: a 403 to one evaluation alone is about its model. */
const MODELS = "/decision/v1/runtime/decision-models";

/** Of the span of a batch. */
const CALLS = "decibel.decision.calls";

export function createOpenText(options: OpenTextOptions): OpenText {
  const { baseUrl, tenantId, clientId, clientSecret, batchPath, connections = 16, timeoutMs = 10_000 } = options;
  const { patience = createPatience({ now: options.now }) } = options;
  // Another name than `opentext`: an operator fixes a wrong secret elsewhere than a wrong decision key.
  const issuer = createUpstream({
    name: "opentext-token",
    baseUrl,
    timeoutMs,
    connections: 1,
    patience: createPatience({ now: options.now }),
    health: options.health,
    refused: (status, detail) => refusalOfToken(status, detail, VARIABLES),
  });
  const token = createToken(fetchToken, options.now);
  const service = createUpstream({
    name: "opentext",
    baseUrl,
    timeoutMs,
    connections,
    patience,
    health: options.health,
    credentials: CREDENTIALS,
    probe: { path: MODELS },
    explain: (body) => readErrorMessage(body),
    ...token,
  });

  return { execute, executeBatch: batchPath === undefined ? undefined : batchAt(batchPath), models, close };

  async function fetchToken(): Promise<AccessToken> {
    const { body } = await issuer.request({
      method: "POST",
      path: `/tenants/${segment(tenantId)}/oauth2/token`,
      form: { client_id: clientId, client_secret: clientSecret, grant_type: "client_credentials" },
      reply: TokenReply,
      explain: (body) => readErrorMessage(body, [clientSecret]),
    });
    return { accessToken: body.access_token, expiresIn: body.expires_in };
  }

  async function execute({ key, inputs, maxRows, signal }: Execution): Promise<readonly Row[]> {
    spanHere()?.count(CALLS);
    const { body } = await service.request({
      method: "POST",
      path: "/decision/v1/execute",
      attributes: { "decibel.decision": key },
      json: { decisionKey: key, inputVariables: inputs },
      reply: EvaluationReply,
      explain: (body) => readErrorMessage(body, valuesOf(inputs)),
      signal,
    });
    const surplus = surplusOf(body, maxRows);
    if (surplus !== undefined) throw unexpected(`it answered unexpectedly: resultVariables: ${surplus}`);
    return body;
  }

  function batchAt(path: string): ExecuteBatch {
    return async (executions, signal) => {
      if (executions.length > MAX_ITEMS) {
        throw new RangeError(`A call takes at most ${MAX_ITEMS} evaluations but got ${executions.length}`);
      }
      try {
        spanHere()?.count(CALLS);
        const { body } = await service.request({
          method: "POST",
          path,
          attributes: { "decibel.decision.classes": executions.length },
          json: batchRequest(executions),
          reply: BatchReply,
          explain: (body) =>
            readErrorMessage(
              body,
              executions.flatMap(({ inputs }) => valuesOf(inputs)),
            ),
          signal,
        });
        return readBatch(body, executions);
      } catch (error) {
        throw asRefusal(error);
      }
    };
  }

  async function models(): Promise<readonly OpenTextModel[]> {
    const entries = await readPages(baseUrl, MODELS, async (page) => {
      const { body } = await service.request({ ...page, reply: ListReply });
      return body;
    });
    return modelsOf(entries);
  }

  async function close(): Promise<void> {
    await Promise.all([service.close(), issuer.close()]);
  }
}

function unexpected(state: string): UpstreamError {
  return new UpstreamError("opentext", "UNEXPECTED", state);
}
