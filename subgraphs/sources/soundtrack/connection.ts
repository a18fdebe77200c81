/**
 * How are queries sent to Soundtrack, and how are its errors read?
 *
 * Soundtrack answers every failure with status 200: with `data: null` if the whole query failed, else with nulls and their
 * errors. The first is an UpstreamError here; the caller handles the others one by one.
 */
import { setTimeout as sleepFor } from "node:timers/promises";
import { z } from "zod";
import { createAcceptedWrites } from "../../platform/accepted-writes.ts";
import { monotonic } from "../../platform/clock.ts";
import type { UpstreamHealth } from "../../platform/health/health.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { UpstreamErrorDetails } from "../../platform/upstream-error.ts";
import { createPatience } from "../../platform/patience.ts";
import { createUpstream } from "../../platform/upstream.ts";
import type { Probe, Reply } from "../../platform/upstream.ts";
import { createBudget } from "./budget.ts";
import { codeOf } from "./messages.ts";
import { mayReadOwnAccount } from "./own-account.ts";
import { soundtrackSettings } from "./settings.ts";

export interface SoundtrackOptions {
  /** `https://api.soundtrackyourbrand.com/v2` */
  readonly baseUrl: string;
  /** As Soundtrack issues it, already in base64. */
  readonly token: string;
  /** The deadline of a call in milliseconds; a query waits at most half of it for tokens. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds that never decrease, for what is remembered and for the tokens. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Told how each query ended. Default: nobody is. */
  readonly health?: UpstreamHealth | undefined;
}

export interface SoundtrackConnection {
  /** Rejects with an UpstreamError. */
  readonly ask: <T>(query: SoundtrackQuery<T>) => Promise<SoundtrackAnswer<T>>;
  /** How many objects of so many documented tokens each may be asked for in one query. */
  readonly piece: (kind: string, tokensEach: number) => number;
  readonly close: () => Promise<void>;
}

export interface SoundtrackQuery<T> {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly data: z.ZodType<T>;
  /** Queries of one kind differ by the same factor from the documented cost in tokens. */
  readonly kind: string;
  readonly tokens: number;
  /** It names what we wrote ourselves a moment ago: NOT_FOUND says that it is not there yet. Default false. */
  readonly namesNew?: boolean;
}

export interface SoundtrackAnswer<T> {
  readonly data: T;
  /** Of the nulls in `data`. */
  readonly errors: readonly SoundtrackProblem[];
}
export type SoundtrackProblem = z.infer<typeof Problem>;

/** An error that cannot be read is still one: of the whole answer, if it does not say of which part. */
const Problem = z
  .object({
    message: z.string().catch(""),
    path: z.array(z.union([z.string(), z.number()])).catch([]),
    extensions: z.object({ code: z.string() }).nullable().catch(null),
  })
  .catch({ message: "", path: [], extensions: null })
  .transform(({ message, path, extensions }) => ({ message, path, code: extensions?.code ?? codeOf(message) }));
/** The HTTP status that corresponds to a code; other codes are unexpected. */
const STATUSES: Readonly<Record<string, number>> = {
  RATE_LIMITED: 429,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
};

export function connectSoundtrack(options: SoundtrackOptions): SoundtrackConnection {
  const { baseUrl, token, timeoutMs = 10_000, now = monotonic, sleep = sleepFor, health } = options;
  const upstream = createUpstream({
    name: "soundtrack",
    baseUrl,
    timeoutMs,
    connections: 4,
    authorization: async () => `Basic ${token}`,
    patience: createPatience({ now: options.now }),
    credentials: VARIABLES,
    address: [soundtrackSettings.fields.baseUrl.variable],
    probe: PROBE,
    explain: (body) => {
      const [first] = z.object({ errors: z.array(Problem) }).safeParse(body).data?.errors ?? [];
      return first && sentence(first);
    },
  });
  /** Not those of `upstream`: it answers a refusal with 200. */
  const accepted = createAcceptedWrites();
  let looking: Promise<boolean> | undefined;
  const budget = createBudget({ maxWaitMs: timeoutMs / 2, now, sleep });
  health?.limitedBy(() => budget.known());

  return { ask, piece: (kind, tokensEach) => budget.piece(kind, tokensEach), close: () => upstream.close() };

  /** Where another process has spent its tokens, a read waits for them by what the answer says is left. */
  async function ask<T>(query: SoundtrackQuery<T>): Promise<SoundtrackAnswer<T>> {
    try {
      return await told(query);
    } catch (error) {
      const isSpent = budget.leftMs(query.kind, query.tokens) > 0;
      if (!isSpent || isWrite(query) || !isOfLimit(error) || error.retryAfterMs !== undefined) throw error;
      return told(query);
    }
  }

  /** Not by `upstream`, which takes a refusal for an answer. */
  async function told<T>(query: SoundtrackQuery<T>): Promise<SoundtrackAnswer<T>> {
    try {
      const answer = await askOnce(query);
      health?.answered();
      return answer;
    } catch (error) {
      if (error instanceof UpstreamError) health?.failed(error);
      throw error;
    }
  }

  async function askOnce<T>(query: SoundtrackQuery<T>): Promise<SoundtrackAnswer<T>> {
    const { text, variables, data, kind, tokens, namesNew } = query;
    const release = await budget.spend(kind, tokens);
    const Answer = z.object({
      data: data.nullish(),
      errors: z
        .array(Problem)
        .nullish()
        .transform((errors) => errors ?? []),
    });
    let headers: Reply<unknown>["headers"] | undefined;
    const json = { query: text, variables };
    const response = upstream.request({
      method: "POST",
      path: "",
      json,
      reply: Answer,
      answered: (given) => void (headers = given),
    });
    const { body } = await response.catch((error: unknown) => {
      release({ headers, isRefused: isOfLimit(error) });
      throw error;
    });
    const hasNothing = body.data === undefined || body.data === null;
    release({ headers, isRefused: hasNothing && body.errors.some(({ code }) => STATUSES[code] === 429) });
    const isRefused = hasNothing || isWrite(query);
    const refusal = isRefused ? body.errors.find(({ code }) => STATUSES[code] === 403) : undefined;
    if (refusal) throw await forbidden(refusal);
    if (isWrite(query) && body.errors.length === 0) accepted.note();
    if (body.data === undefined || body.data === null) throw failureOf(body.errors[0], namesNew);
    const problem = isWrite(query) ? undefined : forbiddenAtAll(body.data, body.errors);
    if (problem && !(await (looking ??= mayReadOwnAccount(upstream).finally(() => (looking = undefined))))) {
      throw refusalOf(problem, { renew: VARIABLES });
    }
    return { data: body.data, errors: body.errors };
  }

  /** Whether it is about our account is found out as in `createUpstream`: our account may always read itself. */
  async function forbidden(problem: SoundtrackProblem): Promise<UpstreamError> {
    const reply = z.object({ data: z.object({ me: z.unknown() }).nullish() });
    const { body } = await upstream.request({ ...PROBE, reply });
    const about = (body.data?.me ?? null) === null ? { renew: VARIABLES } : { doubted: VARIABLES };
    return refusalOf(problem, about);
  }

  function refusalOf(problem: SoundtrackProblem, about: UpstreamErrorDetails): UpstreamError {
    return new UpstreamError("soundtrack", "STATUS", `it answered ${sentence(problem)}`, {
      status: 403,
      detail: problem.message,
      acceptedAgoMs: accepted.agoMs(),
      ...about,
    });
  }
}

function isOfLimit(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.status === 429;
}

function isWrite({ text }: Pick<SoundtrackQuery<unknown>, "text">): boolean {
  return text.startsWith("mutation");
}

const VARIABLES = [soundtrackSettings.fields.token.variable];
const PROBE: Probe = { method: "POST", path: "", json: { query: "{ me { __typename } }" } };

/** Why nothing that was asked for is there, if all of it is forbidden: one object may be, and all of them may be our account. */
function forbiddenAtAll(data: unknown, errors: readonly SoundtrackProblem[]): SoundtrackProblem | undefined {
  const problems = Object.entries(Object(data)).map(([alias, value]) =>
    value === null ? errors.find(({ path, code }) => path[0] === alias && STATUSES[code] === 403) : undefined,
  );
  return problems.every((problem) => problem !== undefined) ? problems[0] : undefined;
}

/**
 * The error that makes the result of an alias unusable. An object that does not exist is no error, nor is a failed part that
 * it can be without (`others` besides zones and account), which is null. One that is not accessible has status 403: whether
 * that is about the object, or about our account, shows by others (see `isForbidden`).
 */
export function problemOf(
  alias: string,
  errors: readonly SoundtrackProblem[],
  others: readonly string[] = [],
): SoundtrackProblem | undefined {
  const isPart = (field: string | number): boolean =>
    OPTIONAL_PARTS.has(String(field)) || others.includes(String(field));
  return errors.find(({ path, code }) => path[0] === alias && code !== ABSENT && !path.some(isPart));
}
const ABSENT = "NOT_FOUND";
const OPTIONAL_PARTS = new Set(["soundZones", "account"]);

/** Why there is null at a path; null for an object that does not exist. */
export function problemWithin(
  path: readonly (string | number)[],
  errors: readonly SoundtrackProblem[],
): UpstreamError | null {
  const problem = errors.find((error) => path.every((step, index) => error.path[index] === step));
  return problem?.code === ABSENT ? null : failureOf(problem);
}

/** With the HTTP status of the code, because callers handle statuses. */
export function failureOf(problem: SoundtrackProblem | undefined, namesNew = false): UpstreamError {
  if (!problem) return new UpstreamError("soundtrack", "UNEXPECTED", "it answered neither data nor errors");
  const status = STATUSES[problem.code];
  const state = `it answered ${sentence(problem)}`;
  return status === undefined
    ? new UpstreamError("soundtrack", "UNEXPECTED", state, { detail: problem.message })
    : new UpstreamError("soundtrack", "STATUS", state, {
        status,
        detail: problem.message,
        isAwaited: namesNew && status === 404,
        ...(status === 403 && { doubted: VARIABLES }),
        ...(status === 401 && { renew: VARIABLES }),
      });
}

/** An object that is not ours is as if it did not exist; but if nothing is accessible, our account has lost its rights. */
export function isForbidden(result: unknown): result is UpstreamError {
  return result instanceof UpstreamError && result.status === 403;
}

function sentence({ code, message }: SoundtrackProblem): string {
  return `${code}: ${message.slice(0, 300)}`;
}
