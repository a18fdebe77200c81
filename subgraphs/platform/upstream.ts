/**
 * How does this process talk to one upstream over HTTP?
 *
 * Over a keep-alive pool with a bounded number of connections, a deadline for every call, a cap on what it reads,
 * and a schema for every reply. Whatever goes wrong leaves here as one `UpstreamError` that names the upstream, so
 * no caller ever sees a socket error, a half-read body or a reply of a shape nobody checked.
 */
import { Pool, errors, interceptors } from "undici";
import type { Dispatcher, RetryHandler } from "undici";
import type { z } from "zod";

export interface UpstreamOptions {
  /** One word, as logs and errors say it: `spotify-ads`. */
  readonly name: string;
  /** Origin and the path every call starts with: `https://api.spotify.com/v1`. */
  readonly baseUrl: string;
  /** Calls in flight at once; the others wait in the pool. Default 16. */
  readonly connections?: number;
  /** Milliseconds a call may take, its retries included. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * How often a 429 or 503 to a read is tried again within the deadline, as `Retry-After` says. Default 2. A write is not:
   * whether it happened is for its caller to look up first.
   */
  readonly retries?: number;
  /** The `authorization` header of a call; `Token.authorization` of an upstream that hands out tokens. */
  readonly authorization?: () => Promise<string>;
  /** Told that a call was answered 401: what it forgets, the next `authorization()` asks for anew. */
  readonly unauthorized?: (authorization: string) => void;
  /** Finds the upstream's own words in the body of an error. */
  readonly explain?: (body: unknown) => string | undefined;
}

export interface Call<T> {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `baseUrl`, percent-encoded by the caller; see `segment`. */
  readonly path: string;
  /** A list is sent as a repeated parameter; `undefined` is left out. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** What a 2xx reply must look like. */
  readonly reply: z.ZodType<T>;
  /** Statuses above 299 that are answers to this call too, for `reply` to read: a 409 that says what is there already. */
  readonly answers?: readonly number[];
  /** A 2xx is all there is to know: `reply` is given undefined, whatever the body is. */
  readonly discardsBody?: boolean;
  /** In place of the upstream's own, where an error may repeat what this call sent. */
  readonly explain?: UpstreamOptions["explain"];
  readonly signal?: AbortSignal | undefined;
}

export interface Reply<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: T;
}

export interface Upstream {
  readonly name: string;
  request<T>(call: Call<T>): Promise<Reply<T>>;
  close(): Promise<void>;
}

export type UpstreamFailure = "STATUS" | "TIMEOUT" | "UNREACHABLE" | "UNEXPECTED" | "ABORTED";

export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly upstream: string;
  readonly failure: UpstreamFailure;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** Milliseconds after which the upstream wants to be asked again, where it says so. */
  readonly retryAfterMs: number | undefined;
  /** The upstream's own words, where it has any. They end the message too, which is for logs: clients get neither. */
  readonly detail: string | undefined;
  readonly #retryable: boolean | undefined;

  constructor(upstream: string, failure: UpstreamFailure, state: string, more: UpstreamErrorDetails = {}) {
    super(`Cannot ask ${upstream}: ${state}`, more.cause === undefined ? {} : { cause: more.cause });
    this.upstream = upstream;
    this.failure = failure;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.detail = more.detail;
    this.#retryable = more.retryable;
  }

  /** True where the same call may well succeed later: the upstream is away, slow, overloaded or asks for patience. */
  get retryable(): boolean {
    if (this.#retryable !== undefined) return this.#retryable;
    if (this.failure === "STATUS") return this.status === 429 || (this.status !== undefined && this.status >= 500);
    return this.failure === "TIMEOUT" || this.failure === "UNREACHABLE";
  }

  /**
   * True where the upstream understood and said no: only a person can help. What is safe to repeat is to be repeated after
   * any other failure, also where `retryable` promises nothing: an answer nobody understands may have been cut off.
   */
  get final(): boolean {
    // Another token may be taken, and another moment be in time.
    if (this.status === 401 || this.status === 408) return false;
    return this.failure === "STATUS" && !this.retryable;
  }
}

type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;
interface UpstreamErrorDetails {
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  readonly detail?: string | undefined;
  readonly cause?: unknown;
  /** Where the upstream has said more than its status does. */
  readonly retryable?: boolean;
}

/** The largest body that is read, in bytes: far above any page of any upstream, far below what hurts. */
const MAX_REPLY_BYTES = 32 * 1024 * 1024;
/** Of an upstream's own words. */
const MAX_WORDS = 200;
const RETRIED_STATUSES = new Set([429, 503]);
/** The connection broke: a kept-alive one may have been closed just as it was taken. */
const RETRIED_CODES = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
const FIRST_WAIT_MS = 50;

export function createUpstream(options: UpstreamOptions): Upstream {
  const { name, connections = 16, timeoutMs = 10_000, retries = 2 } = options;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/$/, "");
  const pool = new Pool(base.origin, {
    connections,
    maxResponseSize: MAX_REPLY_BYTES,
    connect: { timeout: timeoutMs },
  });
  const dispatcher = pool.compose(
    interceptors.retry({
      maxRetries: retries,
      methods: ["GET"],
      throwOnError: false,
      retry: patience(retries, timeoutMs),
    }),
  );

  let closing: Promise<void> | undefined;
  return { name, request, close: () => (closing ??= pool.close()) };

  async function request<T>(call: Call<T>): Promise<Reply<T>> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = call.signal ? AbortSignal.any([deadline, call.signal]) : deadline;
    try {
      return await authorized(call, signal);
    } catch (error) {
      throw asUpstreamError(error, deadline, call.signal);
    }
  }

  /** A token can die between two calls: 401 is answered once with a fresh one. */
  async function authorized<T>(call: Call<T>, signal: AbortSignal): Promise<Reply<T>> {
    const authorization = await currentAuthorization(signal);
    const answer = await send(call, signal, authorization);
    if (answer.statusCode !== 401 || authorization === undefined || !options.unauthorized) return read(call, answer);
    await answer.body.dump();
    options.unauthorized(authorization);
    return read(call, await send(call, signal, await currentAuthorization(signal)));
  }

  async function currentAuthorization(signal: AbortSignal): Promise<string | undefined> {
    return options.authorization && unlessAborted(options.authorization(), signal);
  }

  function send(
    call: Call<unknown>,
    signal: AbortSignal,
    authorization: string | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const { content, body } = bodyOf(call);
    return dispatcher.request({
      origin: base.origin,
      method: call.method ?? "GET",
      path: `${prefix}${call.path}${queryString(call.query)}`,
      headers: {
        accept: "application/json",
        ...(content === undefined ? {} : { "content-type": content }),
        ...(authorization === undefined ? {} : { authorization }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body }),
      signal,
    });
  }

  async function read<T>(call: Call<T>, answer: Dispatcher.ResponseData): Promise<Reply<T>> {
    const status = answer.statusCode;
    const isGood = status >= 200 && status <= 299;
    if (isGood && call.discardsBody) {
      await answer.body.dump();
      return { status, headers: answer.headers, body: call.reply.parse(undefined) };
    }
    const text = await answer.body.text();
    if (!isGood && !call.answers?.includes(status)) {
      const detail = wordsOf((call.explain ?? options.explain)?.(parseJson(text) ?? text));
      const said = detail === undefined ? "" : `: ${detail}`;
      throw new UpstreamError(name, "STATUS", `it answered ${status}${said}`, {
        status,
        detail,
        retryAfterMs: retryAfter(answer.headers["retry-after"]),
      });
    }
    const body = parseJson(text);
    if (body === undefined && text !== "") {
      throw new UpstreamError(name, "UNEXPECTED", `it answered ${status} with a body that is not JSON`, { status });
    }
    const parsed = call.reply.safeParse(body);
    if (!parsed.success) {
      throw new UpstreamError(name, "UNEXPECTED", `it answered unexpectedly: ${fieldsOf(parsed.error)}`, { status });
    }
    return { status, headers: answer.headers, body: parsed.data };
  }

  function asUpstreamError(error: unknown, deadline: AbortSignal, caller: AbortSignal | undefined): UpstreamError {
    if (error instanceof UpstreamError) return error;
    if (caller?.aborted) return new UpstreamError(name, "ABORTED", "the caller gave up", { cause: error });
    if (deadline.aborted || error instanceof errors.ConnectTimeoutError) {
      return new UpstreamError(name, "TIMEOUT", `no answer within ${timeoutMs} ms`, {
        cause: error,
      });
    }
    if (error instanceof errors.ResponseExceededMaxSizeError) {
      return new UpstreamError(name, "UNEXPECTED", `its answer is larger than ${MAX_REPLY_BYTES} bytes`, {
        cause: error,
      });
    }
    return new UpstreamError(name, "UNREACHABLE", `the connection failed (${codeOf(error)})`, {
      cause: error,
    });
  }
}

/**
 * Whether a read is tried again, and after how long. A wait that would use up the deadline is not begun: the answer
 * says more than a timeout, above all when to come back.
 */
function patience(retries: number, timeoutMs: number): RetryHandler.RetryCallback {
  return (error, { state, opts }, decide) => {
    const answered = error instanceof errors.RequestRetryError ? error : undefined;
    const retried = answered ? RETRIED_STATUSES.has(answered.statusCode) : RETRIED_CODES.has(codeOf(error));
    const waitMs = retryAfter(answered?.headers["retry-after"]) ?? FIRST_WAIT_MS * 2 ** (state.counter - 1);
    if (!retried || opts.method !== "GET" || state.counter > retries || waitMs > timeoutMs / 2) return decide(error);
    return setTimeout(() => decide(null), waitMs);
  };
}

/** A token is fetched for all who wait for it, on its own deadline; whoever waits still keeps to theirs. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** One percent-encoded path segment: an id from outside never becomes a path of its own. */
export function segment(id: string): string {
  // "." and ".." survive encodeURIComponent and would climb.
  return /^\.+$/.test(id) ? id.replaceAll(".", "%2E") : encodeURIComponent(id);
}

function bodyOf(call: Call<unknown>): { content?: string; body?: string } {
  if (call.form)
    return {
      content: "application/x-www-form-urlencoded",
      body: new URLSearchParams(call.form).toString(),
    };
  if (call.json !== undefined) return { content: "application/json", body: JSON.stringify(call.json) };
  return {};
}

function queryString(query: Call<unknown>["query"] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === "object" ? value : [value]) parameters.append(name, String(one));
  }
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `Retry-After` as milliseconds: seconds, or an HTTP date. */
export function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** As one line that is no longer than explains something: of a page only its title. */
function wordsOf(said: string | undefined): string | undefined {
  const words = said?.trimStart().startsWith("<") ? /<title[^>]*>([^<]*)/i.exec(said)?.[1] : said;
  return (
    words
      ?.replaceAll(/[\s\p{Cc}]+/gu, " ")
      .trim()
      .slice(0, MAX_WORDS) || undefined
  );
}

/** Names the fields and what was expected of them, never their values: a reply may hold personal data. */
function fieldsOf(error: z.ZodError): string {
  const named = error.issues.slice(0, 3).map((issue) => `${issue.path.join(".") || "(body)"}: ${issue.message}`);
  const more = error.issues.length - named.length;
  return more > 0 ? `${named.join("; ")} (and ${more} more)` : named.join("; ");
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
