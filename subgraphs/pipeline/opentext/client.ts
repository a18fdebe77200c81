/**
 * How is OpenText Decision Service asked?
 *
 * By its runtime API, with a token that every call shares. An evaluation is one POST and is never repeated by itself,
 * save once with a fresh token after a 401. What nobody published is read tolerantly (the model list has three known
 * shapes), what a decision rests on is not: rows of an unknown shape are an UpstreamError, and no rows are no rows.
 * No error repeats an input's value: the service likes to quote them, and they may be personal data.
 */
import { z } from "zod";
import { createToken } from "../../platform/token.ts";
import type { AccessToken } from "../../platform/token.ts";
import { UpstreamError, createUpstream, segment } from "../../platform/upstream.ts";
import { BatchReply, MAX_ITEMS, asRefusal, batchRequest, readBatch } from "./batch.ts";
import { readErrorWords, valuesOf } from "./errors.ts";
import { ListReply } from "./listing.ts";
import type { OpenTextModel } from "./listing.ts";
import { EvaluationReply } from "./rows.ts";
import type { Row } from "../table/table.ts";
import type { Execution, ExecuteBatch } from "./execution.ts";

export interface OpenTextOptions {
  /** `https://{region}.api.opentext.com` */
  readonly baseUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of an endpoint for batches, below `baseUrl`; see opentext/batch.ts. Left out: there is none. */
  readonly batchPath?: string | undefined;
  /** Evaluations in flight at once. Default 16. */
  readonly connections?: number;
  /** Milliseconds a call may take. Default 10,000. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

export interface OpenText {
  /** One row a matched rule, in the table's order; none also where the evaluation failed. Rejects with an UpstreamError. */
  execute(execution: Execution): Promise<readonly Row[]>;
  /**
   * At most 100 evaluations in one call, each with its rows or an UpstreamError of its own. Rejects with an UpstreamError
   * where the call failed, a BatchRefusedError where it was refused as a whole. Undefined without a `batchPath`.
   */
  readonly executeBatch: ExecuteBatch | undefined;
  /** The models that are deployed, in all their versions. Rejects with an UpstreamError. */
  models(filter?: ModelFilter): Promise<readonly OpenTextModel[]>;
  close(): Promise<void>;
}

export interface ModelFilter {
  readonly namespace?: string;
  readonly key?: string;
}

/** A token whose life nobody states is renewed this soon. */
const ASSUMED_SECONDS = 300;
/** Far more pages than a tenant has models: past these, the paging goes in circles. */
const MAX_PAGES = 100;

const TokenReply = z.object({
  access_token: z.string().min(1),
  // Apigee writes it as a string.
  expires_in: z.coerce.number().positive().catch(ASSUMED_SECONDS),
});

export function createOpenText(options: OpenTextOptions): OpenText {
  const { baseUrl, tenantId, clientId, clientSecret, batchPath, connections = 16, timeoutMs = 10_000 } = options;
  // A name of its own, because a wrong secret is not mended where a wrong decision key is.
  const issuer = createUpstream({ name: "opentext-token", baseUrl, timeoutMs, connections: 1 });
  const token = createToken(fetchToken, options.now);
  const service = createUpstream({
    name: "opentext",
    baseUrl,
    timeoutMs,
    connections,
    explain: (said) => readErrorWords(said),
    ...token,
  });

  return { execute, executeBatch: batchPath === undefined ? undefined : batchAt(batchPath), models, close };

  async function fetchToken(): Promise<AccessToken> {
    const { body } = await issuer.request({
      method: "POST",
      path: `/tenants/${segment(tenantId)}/oauth2/token`,
      form: { client_id: clientId, client_secret: clientSecret, grant_type: "client_credentials" },
      reply: TokenReply,
      explain: (said) => readErrorWords(said, [clientSecret]),
    });
    return { accessToken: body.access_token, expiresIn: body.expires_in };
  }

  async function execute({ key, inputs, signal }: Execution): Promise<readonly Row[]> {
    const { body } = await service.request({
      method: "POST",
      path: "/decision/v1/execute",
      json: { decisionKey: key, inputVariables: inputs },
      reply: EvaluationReply,
      explain: (said) => readErrorWords(said, valuesOf(inputs)),
      signal,
    });
    return body;
  }

  function batchAt(path: string): ExecuteBatch {
    return async (executions, signal) => {
      if (executions.length > MAX_ITEMS) {
        throw new RangeError(`A call takes at most ${MAX_ITEMS} evaluations but got ${executions.length}`);
      }
      try {
        const { body } = await service.request({
          method: "POST",
          path,
          json: batchRequest(executions),
          reply: BatchReply,
          explain: (said) =>
            readErrorWords(
              said,
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

  async function models(filter: ModelFilter = {}): Promise<readonly OpenTextModel[]> {
    const found: OpenTextModel[] = [];
    let turn: Readonly<Record<string, number>> = {};
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const { body } = await service.request({
        path: "/decision/v1/runtime/decision-models",
        query: { ...filter, ...turn },
        reply: ListReply,
      });
      // A service that does not know the parameter answers the first page for ever.
      const asked = turn[body.turnedBy];
      if (asked !== undefined && asked !== body.at) {
        throw unexpected(`it answered ${body.turnedBy} ${body.at} of its models where ${asked} was asked`);
      }
      found.push(...body.models);
      if (found.length >= body.total || body.models.length === 0) return found;
      turn = { [body.turnedBy]: body.next };
    }
    throw unexpected(`it lists its models on more than ${MAX_PAGES} pages`);
  }

  async function close(): Promise<void> {
    await Promise.all([service.close(), issuer.close()]);
  }
}

function unexpected(state: string): UpstreamError {
  return new UpstreamError("opentext", "UNEXPECTED", state);
}
