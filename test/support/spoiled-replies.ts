/**
 * What does a client get if one field of one reply is taken away, is null, or is of another type?
 *
 * A server asks a sandbox once for each request and remembers its reply. Each origin that it gives answers like the sandbox,
 * with one change. So a change costs a request or two, and thousands of them some seconds.
 */
import fastify from "fastify";
import type { LightMyRequestResponse } from "fastify";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { spoiled } from "../../subgraphs/sandbox/spoil.ts";
import type { Spoil } from "../../subgraphs/sandbox/spoil.ts";

export interface ReplyChange extends FieldChange {
  /** Of the request whose reply is changed. */
  readonly request: string;
}

export interface FieldChange extends Spoil {
  /** Whether the field had other fields or items in it. */
  readonly isContainer: boolean;
}

export interface SpoiledReplies {
  /** Where the sandbox answers with this change, or without any. */
  origin(change?: ReplyChange): string;
  /** The requests that were answered with JSON, and what they were answered; those for tokens are left out. */
  replies(): readonly { readonly request: string; readonly body: unknown; readonly headers: readonly string[] }[];
  close(): Promise<unknown>;
}

/** Instead of a path: the header with the length of a list. */
export const TOTAL_HEADER = "x-total";

export async function spoiledReplies({ app: sandbox }: Sandbox): Promise<SpoiledReplies> {
  const app = fastify({ bodyLimit: 8 * 1024 * 1024, forceCloseConnections: true });
  const changes: (ReplyChange | undefined)[] = [];
  const answered = new Map<string, Promise<LightMyRequestResponse>>();
  const replies: { request: string; body: unknown; headers: readonly string[] }[] = [];
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.all("/*", async ({ method, url, headers, body }, reply) => {
    const [, place = "", path = ""] = /^\/(\d+)(\/.*)$/.exec(url) ?? [];
    const request = `${method} ${path} ${typeof body === "string" ? body : ""}`;
    let answer = answered.get(request);
    if (!answer) {
      const { "content-length": _length, host: _host, ...sent } = headers;
      const payload = typeof body === "string" ? { payload: body } : {};
      answer = Promise.resolve(sandbox.inject({ method: method as "GET", url: path, headers: sent, ...payload }));
      answered.set(request, answer);
      const { headers: given, json } = await answer;
      const isRecorded = !path.startsWith("/api/token") && String(given["content-type"]).startsWith("application/json");
      if (isRecorded) replies.push({ request, body: json(), headers: Object.keys(given) });
    }
    const { statusCode, headers: given, payload } = await answer;
    const change = changes[Number(place)];
    const isChanged = change?.request === request;
    for (const name of ["content-type", "x-total", "x-ratelimiting-cost", "x-ratelimiting-tokens-available"]) {
      const value = isChanged && change.path === name ? change.value : given[name];
      if (value !== undefined) void reply.header(name, value);
    }
    return reply.code(statusCode).send(isChanged ? JSON.stringify(spoiled(JSON.parse(payload), change)) : payload);
  });
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });

  return {
    origin: (change) => `${origin}/${changes.push(change) - 1}`,
    replies: () => [...replies],
    close: () => app.close(),
  };
}

/** Each field once taken away, null, and of each other type. Of a list only its first two items are changed. */
export function* changesOf(body: unknown, path: readonly string[] = []): Generator<FieldChange> {
  if (typeof body !== "object" || body === null) return;
  const isList = Array.isArray(body);
  for (const [step, inner] of Object.entries(body).slice(0, isList ? 2 : undefined)) {
    const own = [...path, step];
    const field = { path: own.join("."), isContainer: typeof inner === "object" && inner !== null };
    // A list without an item is another list.
    if (!isList) yield field;
    for (const value of othersThan(inner)) yield { ...field, value };
    yield* changesOf(inner, own);
  }
}

function othersThan(value: unknown): readonly Spoil["value"][] {
  if (value === null) return [7, {}];
  if (Array.isArray(value)) return [null, {}, "x"];
  if (typeof value === "object") return [null, [], "x"];
  return typeof value === "string" ? [null, 7, {}] : [null, "x", []];
}
