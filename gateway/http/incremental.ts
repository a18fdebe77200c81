/**
 * How is a response sent whose deferred fragments follow?
 *
 * In parts, in the format that the client names in `Accept`: as `multipart/mixed` by one of two drafts of the
 * specification, or as server-sent events. Each part has the fragments that are answered by then, with their own errors.
 */
import type { GraphQLError } from "graphql";
import type { Deferred, DeferredResult, ExecutionResponse } from "../engine/execute.ts";
import { preferredType } from "./media-types.ts";
import { EVENT_STREAM } from "./sse.ts";

const DEFER_2022 = "multipart/mixed;deferSpec=20220824";
const INCREMENTAL_02 = "multipart/mixed;incrementalSpec=v0.2";
const MULTIPART = "multipart/mixed";
/** The plain type first: it is for clients that name no draft. */
const OFFERS = [MULTIPART, INCREMENTAL_02, DEFER_2022, EVENT_STREAM] as const;

export type IncrementalType = (typeof OFFERS)[number];

/** undefined for a client that does not name one: `*` is not enough. */
export function incrementalType(accept: string | undefined): IncrementalType | undefined {
  const named = accept?.split(",").filter((one) => /multipart\/mixed|text\/event-stream/i.test(one)) ?? [];
  return named.length === 0 ? undefined : preferredType(named.join(","), OFFERS);
}

/** Whether a client can get the events of a subscription: one that names the type. */
export function acceptsEvents(accept: string | undefined): boolean {
  const named = accept?.split(",").filter((one) => /text\/event-stream/i.test(one)) ?? [];
  return named.length > 0 && preferredType(named.join(","), [EVENT_STREAM]) !== undefined;
}

export interface IncrementalBody {
  readonly contentType: string;
  /** In the client's format. Rejects for a fault of the gateway. */
  readonly chunks: AsyncIterable<string>;
}

export function incrementalBody(
  type: IncrementalType,
  response: ExecutionResponse,
  deferred: Deferred | undefined,
): IncrementalBody {
  const payloads = type === INCREMENTAL_02 ? payloadsById(response, deferred) : payloadsByPath(response, deferred);
  if (type === EVENT_STREAM) return { contentType: `${EVENT_STREAM}; charset=utf-8`, chunks: asEvents(payloads) };
  const [mixed, parameter] = (type === MULTIPART ? DEFER_2022 : type).split(";");
  return { contentType: `${mixed};boundary="-";${parameter}`, chunks: asMultipart(payloads) };
}

interface Payload {
  readonly hasNext: boolean;
  readonly [key: string]: unknown;
}

/** The draft of August 2022: each part names its path and label. */
async function* payloadsByPath(response: ExecutionResponse, deferred: Deferred | undefined): AsyncGenerator<Payload> {
  yield { ...response, hasNext: deferred !== undefined };
  if (!deferred) return;
  for await (const { results, hasNext } of counted(deferred)) {
    const incremental = results.map(({ part, data, errors }) => ({
      data,
      path: part.path,
      label: part.fragment.label ?? undefined,
      errors: anyOf(errors),
    }));
    yield { incremental, hasNext, extensions: hasNext ? undefined : deferred.extensions?.() };
  }
}

/** The draft of 2023: parts are announced, and named by ids. */
async function* payloadsById(response: ExecutionResponse, deferred: Deferred | undefined): AsyncGenerator<Payload> {
  if (!deferred) {
    yield { ...response, hasNext: false };
    return;
  }
  const ids = new Map(deferred.pending.map((part, index) => [part, String(index)]));
  const pending = [...ids].map(([{ path, fragment }, id]) => ({ id, path, label: fragment.label ?? undefined }));
  yield { ...response, pending, hasNext: true };
  for await (const { results, hasNext } of counted(deferred)) {
    const incremental = results.flatMap(({ part, data, errors }) =>
      data === null ? [] : [{ id: ids.get(part), data, errors: anyOf(errors) }],
    );
    const completed = results.map(({ part, data, errors }) => ({
      id: ids.get(part),
      errors: data === null ? anyOf(errors) : undefined,
    }));
    const extensions = hasNext ? undefined : deferred.extensions?.();
    yield { ...(incremental.length > 0 && { incremental }), completed, hasNext, extensions };
  }
}

async function* counted({
  pending,
  parts,
}: Deferred): AsyncGenerator<{ readonly results: readonly DeferredResult[]; readonly hasNext: boolean }> {
  let missing = pending.length;
  for await (const results of parts) {
    missing -= results.length;
    yield { results, hasNext: missing > 0 };
  }
}

/** JSON leaves out what is undefined. */
function anyOf(errors: readonly GraphQLError[]): readonly GraphQLError[] | undefined {
  return errors.length > 0 ? errors : undefined;
}

async function* asMultipart(payloads: AsyncIterable<Payload>): AsyncGenerator<string> {
  yield "\r\n---\r\n";
  for await (const payload of payloads) {
    const part = `content-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(payload)}\r\n---`;
    yield payload.hasNext ? `${part}\r\n` : `${part}--\r\n`;
  }
}

async function* asEvents(payloads: AsyncIterable<Payload>): AsyncGenerator<string> {
  for await (const payload of payloads) yield `event: next\ndata: ${JSON.stringify(payload)}\n\n`;
  yield "event: complete\ndata:\n\n";
}
