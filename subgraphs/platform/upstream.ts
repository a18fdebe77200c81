/**
 * How does this process call one upstream over HTTP?
 *
 * By a keep-alive pool with a maximum of connections, a deadline for every call, a maximum size of the body, and a schema
 * for every reply. Every failure is an `UpstreamError` that names the upstream: a caller never gets a socket error, part of
 * a body, or an unchecked reply.
 */
import { setTimeout as delay } from "node:timers/promises";
import { errors, interceptors } from "undici";
import type { Dispatcher, RetryHandler } from "undici";
import { z } from "zod";
import type { AcceptedWrites } from "./accepted-writes.ts";
import { createAccountCheck } from "./account.ts";
import type { AccountOptions } from "./account.ts";
import { BudgetError } from "./budget/budget.ts";
import type { Budget } from "./budget/budget.ts";
import { isInBackground } from "./facts/urgency.ts";
import type { UpstreamHealth } from "./health/health.ts";
import { BodyError, textOf } from "./http-body.ts";
import { comeBackAfter, describeProblems, detailOf, parseJson } from "./http-reply.ts";
import { bodyOf, queryString, secretsOf } from "./http-request.ts";
import type { Content, Query } from "./http-request.ts";
import { MAX_PATIENCE_MS, PatienceError } from "./patience.ts";
import type { Patience } from "./patience.ts";
import { createPool, failureOfConnection, proxyOf } from "./proxy.ts";
import { spanHere, spanning } from "./tracing/span.ts";
import type { Attributes, Span } from "./tracing/span.ts";
import { UpstreamError } from "./upstream-error.ts";
import { wantedHere } from "./wanted.ts";

export interface UpstreamOptions extends AccountOptions<Probe> {
  /** In logs and errors: `spotify-ads`. That of a part begins with it and a hyphen: `spotify-ads-accounts`. */
  readonly name: string;
  /** Origin and path prefix: `https://api.spotify.com/v1`. */
  readonly baseUrl: string;
  /** It is one of our own processes: no proxy is between. Default false. */
  readonly isOurs?: boolean;
  /** The maximum number of calls in flight; the others wait in the pool. Default 16. */
  readonly connections?: number;
  /** The deadline of a call with its retries, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * How often a read is retried after 429 or 503 within the deadline, after the delay of `Retry-After`. Default 2. A write is
   * not retried: its caller has to find out first whether it happened.
   */
  readonly retries?: number;
  /** The `authorization` header of a call; for an upstream with tokens, `Token.authorization`. */
  readonly authorization?: () => Promise<string>;
  /** Called after a 401 with the header that was used; the next `authorization()` should differ. */
  readonly unauthorized?: (authorization: string) => void;
  /** If its writes are evidence about our account: notes those that the upstream accepts. */
  readonly accepted?: AcceptedWrites;
  /**
   * While the upstream has asked for patience, no call is sent: a read waits if that leaves it half of its deadline, every
   * other call fails at once with a PatienceError. Shared by clients that share its limits. Default: none.
   */
  readonly patience?: Patience;
  /** Of the account, with all other processes. A call beyond it is treated like one that needs patience. Default: none. */
  readonly budget?: Budget | undefined;
  /** Told how each call ended. Default: nobody is. */
  readonly health?: UpstreamHealth | undefined;
  /** Extracts the upstream's message from the body of an error. */
  readonly explain?: (body: unknown) => string | undefined;
}

export type Probe = Pick<Call<unknown>, "method" | "path" | "query" | "json">;

export interface Call<T> extends Content {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Relative to `baseUrl`, percent-encoded by the caller; see `segment`. */
  readonly path: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives the headers of what is sent, with those that sign it. */
  readonly sign?: ((sent: Sent) => Readonly<Record<string, string>>) | undefined;
  /** The schema of a 2xx reply. */
  readonly reply: z.ZodType<T>;
  /** Statuses above 299 that are no failure and are parsed by `reply` too: a 409 that names what exists. */
  readonly answers?: readonly number[];
  /** Statuses that say that what we wrote ourselves is not there yet: 404 on a playlist just made. */
  readonly awaited?: readonly number[];
  /** Ignores the body of a 2xx: `reply` gets undefined. */
  readonly discardsBody?: boolean;
  /** Replaces the upstream's own, if an error may repeat what this call sent. */
  readonly explain?: UpstreamOptions["explain"];
  /** Told of the headers of each response, also of a failure. */
  readonly answered?: (headers: Reply<unknown>["headers"]) => void;
  readonly signal?: AbortSignal | undefined;
  /** Of its span: names of ours and counts. */
  readonly attributes?: Attributes;
}

export interface Sent {
  readonly method: string;
  /** With the prefix of the base URL and the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
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

/** Bytes: far above any page of any upstream. */
const MAX_REPLY_BYTES = 32 * 1024 * 1024;
const RETRIED_STATUSES = new Set([429, 503]);
/** A broken connection: the upstream may close a kept-alive one just as it is used. */
const RETRIED_CODES = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
const FIRST_DELAY_MS = 50;

export function createUpstream(options: UpstreamOptions): Upstream {
  const { name, isOurs = false, connections = 16, timeoutMs = 10_000, retries = 2, health, budget } = options;
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/$/, "");
  const proxy = isOurs ? undefined : proxyOf(base.origin);
  const pool = createPool(base.origin, proxy, { connections, maxResponseSize: MAX_REPLY_BYTES, timeoutMs });
  const dispatcher = pool.compose(
    interceptors.retry({
      maxRetries: retries,
      methods: ["GET"],
      throwOnError: false,
      retry: retryPolicy(retries, timeoutMs, { noted, leftMs }),
    }),
  );

  if (budget) health?.limitedBy(() => budget.known());
  const aboutAccount = createAccountCheck(options, ask);
  let closing: Promise<void> | undefined;
  return { name, request, close: () => (closing ??= pool.close()) };

  function request<T>(call: Call<T>): Promise<Reply<T>> {
    const { method = "GET", attributes } = call;
    const span = spanHere()?.begin(
      `${method} ${name}`,
      { ...attributes, "http.request.method": method, "server.address": base.hostname, "peer.service": name },
      "client",
    );
    return spanning(span, () => inTime(call, span));
  }

  async function inTime<T>(call: Call<T>, span: Span | undefined): Promise<Reply<T>> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = call.signal ? AbortSignal.any([deadline, call.signal]) : deadline;
    try {
      await patient(call, signal);
      const reply = await authorized(call, signal, span);
      span?.set({ "http.response.status_code": reply.status });
      health?.answered();
      return reply;
    } catch (error) {
      const failure = asUpstreamError(error, deadline, call.signal);
      span?.set({ "http.response.status_code": failure.status });
      // Where it got no token, the client of that one has told it.
      if (failure.upstream === name) health?.failed(failure);
      throw failure;
    }
  }

  /** Resolves once the upstream may be asked. */
  async function patient({ method = "GET", path }: Pick<Call<unknown>, "method" | "path">, signal: AbortSignal) {
    let waitedMs = 0;
    for (let waitMs = leftMs(path); waitMs > 0; waitMs = leftMs(path)) {
      waitedMs += waitMs;
      if (method !== "GET" || waitedMs > timeoutMs / 2) throw new PatienceError(name, waitMs);
      await delay(waitMs, undefined, { signal });
    }
  }

  function leftMs(path: string): number {
    return Math.ceil(options.patience?.leftMs(path) ?? 0);
  }

  /** The milliseconds until the upstream may be asked again, if it says so; nobody asks it before. */
  function noted(path: string, status: number, headers: Reply<unknown>["headers"]): number | undefined {
    const asked = comeBackAfter(status, headers);
    const ms = asked === undefined ? undefined : Math.min(asked, MAX_PATIENCE_MS);
    if (ms !== undefined && RETRIED_STATUSES.has(status)) options.patience?.asked(path, ms);
    return ms;
  }

  /** A token may be revoked at any time: after a 401 the call is repeated once with a new one. */
  async function authorized<T>(call: Call<T>, signal: AbortSignal, span: Span | undefined): Promise<Reply<T>> {
    const authorization = await currentAuthorization(signal);
    const answer = await send(call, signal, authorization, span);
    if (answer.statusCode !== 401 || authorization === undefined || !options.unauthorized)
      return read(call, answer, authorization);
    await answer.body.dump();
    options.unauthorized(authorization);
    const renewed = await currentAuthorization(signal);
    return read(call, await send(call, signal, renewed, span), renewed);
  }

  async function currentAuthorization(signal: AbortSignal): Promise<string | undefined> {
    return options.authorization && unlessAborted(options.authorization(), signal);
  }

  async function send(
    call: Call<unknown>,
    signal: AbortSignal,
    authorization: string | undefined,
    span?: Span,
  ): Promise<Dispatcher.ResponseData> {
    // While it waited for a token, another call may have been answered that it came too early.
    await patient(call, signal);
    if (!wantedHere()()) throw new UpstreamError(name, "ABORTED", "nobody waits for it any more");
    await affordable(call, signal);
    const { content, body } = bodyOf(call);
    const { method = "GET" } = call;
    const path = `${prefix}${call.path}${queryString(call.query)}`;
    const headers = {
      accept: "application/json",
      "accept-encoding": "identity",
      ...(content === undefined ? {} : { "content-type": content }),
      ...(authorization === undefined ? {} : { authorization }),
      ...span?.headersFor(name),
      ...call.headers,
    };
    const response = await dispatcher.request({
      origin: base.origin,
      method,
      path,
      headers: call.sign?.({ method, path, headers, body: body ?? "" }) ?? headers,
      ...(body === undefined ? {} : { body }),
      signal,
    });
    budget?.answered(call.path, response.headers);
    call.answered?.(response.headers);
    return response;
  }

  /** Resolves once the call is counted against the limit. Nobody waits for what is read in the background. */
  async function affordable({ method = "GET", path }: Call<unknown>, signal: AbortSignal): Promise<void> {
    if (!budget) return;
    let waitedMs = 0;
    for (let waitMs = await budget.take(path); waitMs > 0; waitMs = await budget.take(path)) {
      waitedMs += waitMs;
      if (method !== "GET" || isInBackground() || waitedMs > timeoutMs / 2) throw new BudgetError(name, waitMs);
      await delay(waitMs, undefined, { signal });
    }
  }

  async function read<T>(
    call: Call<T>,
    response: Dispatcher.ResponseData,
    authorization: string | undefined,
  ): Promise<Reply<T>> {
    const { statusCode: status, headers, body } = response;
    const isSuccess = status >= 200 && status <= 299;
    if (isSuccess && (call.method ?? "GET") !== "GET") options.accepted?.note();
    if (isSuccess && call.discardsBody) {
      await body.dump();
      return { status, headers, body: call.reply.parse(undefined) };
    }
    const bytes = await body.bytes();
    const isAnswer = isSuccess || call.answers?.includes(status) === true;
    const text = await textOf(bytes, headers["content-encoding"], MAX_REPLY_BYTES).catch((error: unknown) => {
      // The status of a failure says more than its unreadable body.
      if (!isAnswer) return "";
      if (!(error instanceof BodyError)) throw error;
      throw new UpstreamError(name, "UNEXPECTED", `it answered ${status} with ${error.message}`, {
        status,
        cause: error,
      });
    });
    if (!isAnswer) throw await failureOf(call, response, text, authorization);
    return { status, headers, body: parse(call, status, text) };
  }

  async function failureOf(
    call: Call<unknown>,
    response: Dispatcher.ResponseData,
    text: string,
    authorization: string | undefined,
  ): Promise<UpstreamError> {
    const { statusCode: status, headers } = response;
    const said = (call.explain ?? options.explain)?.(parseJson(text) ?? text);
    const detail = detailOf(said, secretsOf(call, authorization));
    const state = `it answered ${status}${detail === undefined ? "" : `: ${detail}`}`;
    const about = await aboutAccount(status, detail);
    return new UpstreamError(name, "STATUS", state, {
      status,
      detail,
      isAwaited: call.awaited?.includes(status),
      retryAfterMs: noted(call.path, status, headers),
      acceptedAgoMs: about.renew || about.doubted ? options.accepted?.agoMs() : undefined,
      ...about,
    });
  }

  /** The status; undefined where there is no answer. */
  async function ask(probe: Probe): Promise<number | undefined> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const call = { ...probe, reply: z.unknown() };
      await patient(call, signal);
      const { statusCode, headers, body } = await send(call, signal, await currentAuthorization(signal));
      noted(call.path, statusCode, headers);
      await body.dump();
      return statusCode;
    } catch {
      return undefined;
    }
  }

  function parse<T>({ reply }: Call<T>, status: number, text: string): T {
    const body = parseJson(text);
    if (body === undefined && text !== "") {
      throw new UpstreamError(name, "UNEXPECTED", `it answered ${status} with a body that is not JSON`, { status });
    }
    const parsed = reply.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new UpstreamError(name, "UNEXPECTED", `it answered unexpectedly: ${describeProblems(parsed.error)}`, {
      status,
    });
  }

  function asUpstreamError(error: unknown, deadline: AbortSignal, caller: AbortSignal | undefined): UpstreamError {
    if (error instanceof UpstreamError) return error;
    if (caller?.aborted) return new UpstreamError(name, "ABORTED", "the caller aborted it", { cause: error });
    if (deadline.aborted || error instanceof errors.ConnectTimeoutError) {
      const through = proxy === undefined ? "" : ` through the proxy of ${proxy.variable}`;
      return new UpstreamError(name, "TIMEOUT", `no answer within ${timeoutMs} ms${through}`, { cause: error });
    }
    if (error instanceof errors.ResponseExceededMaxSizeError) {
      return new UpstreamError(name, "UNEXPECTED", `its response is larger than ${MAX_REPLY_BYTES} bytes`, {
        cause: error,
      });
    }
    const state = failureOfConnection(error, codeOf(error), proxy);
    return new UpstreamError(name, "UNREACHABLE", state, { cause: error });
  }
}

/**
 * Whether a read is retried, and after which delay. It does not wait for more than half the deadline: the response tells the
 * caller more than a timeout does. Meanwhile another call may have been answered that it came too early.
 */
function retryPolicy(retries: number, timeoutMs: number, { noted, leftMs }: PatienceNotes): RetryHandler.RetryCallback {
  return (error, { state, opts }, decide) => {
    const responded = error instanceof errors.RequestRetryError ? error : undefined;
    const isRetried = responded ? RETRIED_STATUSES.has(responded.statusCode) : RETRIED_CODES.has(codeOf(error));
    const asked = responded && noted(opts.path, responded.statusCode, responded.headers);
    const delayMs = asked ?? FIRST_DELAY_MS * 2 ** (state.counter - 1);
    if (!isRetried || opts.method !== "GET" || state.counter > retries) return decide(error);
    return retryAfter(delayMs, 0);

    // The timer is for undici, which ends it where the caller aborts.
    function retryAfter(ms: number, waitedMs: number): NodeJS.Timeout | void {
      if (waitedMs + ms > timeoutMs / 2) return decide(error);
      return setTimeout(() => {
        const left = leftMs(opts.path);
        if (left === 0) decide(null);
        else retryAfter(left, waitedMs + ms);
      }, ms);
    }
  };
}

interface PatienceNotes {
  /** Milliseconds until the upstream may be asked again, if its answer says so. */
  readonly noted: (path: string, status: number, headers: Reply<unknown>["headers"]) => number | undefined;
  /** Milliseconds until a path may be asked. */
  readonly leftMs: (path: string) => number;
}

/** One fetch of a token serves all calls and has its own deadline; each call still keeps its own. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
