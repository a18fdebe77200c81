/**
 * How is OpenText Decision Service asked?
 *
 * By its runtime API, with a token that every call shares. An evaluation is one POST and is never repeated by itself,
 * save once with a fresh token after a 401. What nobody published is read tolerantly (the model list has three known
 * shapes), what a decision rests on is not: rows of an unknown shape are an UpstreamError, and no rows are no rows.
 * No error repeats an input's value: the service likes to quote them, and they may be personal data.
 */
import { z } from "zod";
import { createToken } from "../token.ts";
import type { AccessToken } from "../token.ts";
import { UpstreamError, createUpstream, segment } from "../upstream.ts";
import { readErrorWords } from "./opentext/errors.ts";
import { ListReply } from "./opentext/listing.ts";
import type { OpenTextModel } from "./opentext/listing.ts";
import type { Row } from "./table/table.ts";

export interface OpenTextOptions {
  /** `https://{region}.api.opentext.com` */
  readonly baseUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Evaluations in flight at once. Default 16. */
  readonly connections?: number;
  /** Milliseconds a call may take. Default 10,000. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

export interface OpenText {
  /** One row a matched rule, in the table's order; none also where the evaluation failed. Rejects with an UpstreamError. */
  execute(execution: Execution): Promise<readonly Row[]>;
  /** The models that are deployed, in all their versions. Rejects with an UpstreamError. */
  models(filter?: ModelFilter): Promise<readonly OpenTextModel[]>;
  close(): Promise<void>;
}

export interface Execution {
  readonly key: string;
  readonly inputs: readonly TypedInput[];
  readonly signal?: AbortSignal | undefined;
}
export interface TypedInput {
  readonly name: string;
  readonly type: InputType;
  readonly value: string | number | boolean | readonly (string | number)[];
}
/** The service's own types; a model's `number` and `date` are none of them. */
export type InputType =
  | "string"
  | "integer"
  | "long"
  | "short"
  | "double"
  | "boolean"
  | "date"
  | "instant"
  | "localDate"
  | "localDateTime"
  | "json";

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
const Output = z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean()]).nullish() });
const ExecuteReply = z.object({ resultVariables: z.array(z.array(Output)) });

export function createOpenText(options: OpenTextOptions): OpenText {
  const { baseUrl, tenantId, clientId, clientSecret, connections = 16, timeoutMs = 10_000 } = options;
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

  return { execute, models, close };

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
    const sent = inputs.flatMap(({ value }) => value);
    const { body } = await service.request({
      method: "POST",
      path: "/decision/v1/execute",
      json: { decisionKey: key, inputVariables: inputs },
      reply: ExecuteReply,
      explain: (said) => readErrorWords(said, sent),
      signal,
    });
    return body.resultVariables.map(asRow);
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

/** An output that is null is an empty cell, which has no entry in a row. */
function asRow(outputs: readonly z.infer<typeof Output>[]): Row {
  return Object.fromEntries(
    outputs.flatMap(({ name, value }) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}
