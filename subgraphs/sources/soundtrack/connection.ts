/**
 * How is Soundtrack asked a query, and what is made of its answer?
 *
 * It answers 200 whatever goes wrong: with `data: null` where nothing could be answered, and with nulls and errors beside
 * them where some of it could. The first is an UpstreamError here, the second is for the caller to read, error by error.
 */
import { setTimeout as sleepFor } from "node:timers/promises";
import { z } from "zod";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { createUpstream } from "../../platform/upstream.ts";
import { createBudget } from "./budget.ts";

export interface SoundtrackOptions {
  /** `https://api.soundtrackyourbrand.com/v2` */
  readonly baseUrl: string;
  /** As Soundtrack hands it out: it is in base64 already. */
  readonly token: string;
  /** Milliseconds a call may take; a query waits at most half of that for its tokens. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds what was read is kept. Default 60,000. The list of accounts is kept for five minutes. All locations
   * together must not cost more tokens than there are or come in that time, or they are never there at once.
   */
  readonly ttlMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export interface SoundtrackConnection {
  /** Rejects with an UpstreamError. */
  readonly ask: <T>(query: SoundtrackQuery<T>) => Promise<SoundtrackAnswer<T>>;
  readonly close: () => Promise<void>;
}

export interface SoundtrackQuery<T> {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly data: z.ZodType<T>;
  /** What sort of query it is, and about how many things: what it may cost is learnt by that. */
  readonly kind: string;
  readonly things: number;
}

export interface SoundtrackAnswer<T> {
  readonly data: T;
  /** Why something is null. */
  readonly errors: readonly SoundtrackProblem[];
}
export type SoundtrackProblem = z.infer<typeof Problem>;

const Problem = z
  .object({
    message: z.string(),
    path: z.array(z.union([z.string(), z.number()])).nullish(),
    extensions: z.object({ code: z.string().nullish() }).nullish(),
  })
  .transform(({ message, path, extensions }) => ({ message, path: path ?? [], code: extensions?.code ?? "UNKNOWN" }));
/** What codes mean in HTTP's words; those not listed are nobody's idea of an answer. */
const STATUSES: Readonly<Record<string, number>> = {
  RATE_LIMITED: 429,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
};

export function connectSoundtrack(options: SoundtrackOptions): SoundtrackConnection {
  const { baseUrl, token, timeoutMs = 10_000, now = Date.now, sleep = sleepFor } = options;
  const upstream = createUpstream({
    name: "soundtrack",
    baseUrl,
    timeoutMs,
    connections: 4,
    authorization: async () => `Basic ${token}`,
    explain: (body) => {
      const [first] = z.object({ errors: z.array(Problem) }).safeParse(body).data?.errors ?? [];
      return first && sentence(first);
    },
  });
  const budget = createBudget({ patienceMs: timeoutMs / 2, now, sleep });

  return {
    async ask<T>({ text, variables, data, kind, things }: SoundtrackQuery<T>) {
      const release = await budget.spend(kind, things);
      const json = { query: text, variables };
      const Answer = z.object({
        data: data.nullish(),
        errors: z
          .array(Problem)
          .nullish()
          .transform((errors) => errors ?? []),
      });
      const asked = upstream.request({ method: "POST", path: "", json, reply: Answer });
      const { headers, body } = await asked.catch((error: unknown) => {
        release(undefined);
        throw error;
      });
      release(headers);
      if (body.data === undefined || body.data === null) throw failureOf(body.errors[0]);
      return { data: body.data, errors: body.errors };
    },
    close: () => upstream.close(),
  };
}

/**
 * What failed for good below an alias of the query: nothing where the thing is not there or not ours to see, and nothing
 * where only a part failed that a location can do without, and that is null then.
 */
export function problemBelow(alias: string, errors: readonly SoundtrackProblem[]): SoundtrackProblem | undefined {
  return errors.find(
    ({ path, code }) => path[0] === alias && !NOT_OURS.has(code) && !path.some((field) => SPARED.has(String(field))),
  );
}
const NOT_OURS = new Set(["NOT_FOUND", "FORBIDDEN"]);
const SPARED = new Set(["soundZones", "account"]);

/** As if the code were an HTTP status, which is what callers know how to take. */
export function failureOf(problem: SoundtrackProblem | undefined): UpstreamError {
  if (!problem) return new UpstreamError("soundtrack", "UNEXPECTED", "it answered neither data nor errors");
  const status = STATUSES[problem.code];
  const state = `it answered ${sentence(problem)}`;
  return status === undefined
    ? new UpstreamError("soundtrack", "UNEXPECTED", state, { detail: problem.message })
    : new UpstreamError("soundtrack", "STATUS", state, { status, detail: problem.message });
}

function sentence({ code, message }: SoundtrackProblem): string {
  return `${code}: ${message.slice(0, 300)}`;
}
