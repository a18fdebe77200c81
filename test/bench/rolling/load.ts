/**
 * Requests at a fixed rate to several gateways, as a balancer in front of them sends them.
 *
 * It prefers gateways that are ready and have not said that they leave, and keeps its connections. Where a connection is refused it
 * takes another gateway; a read is also sent again where the connection broke. All else that is no answer without errors is lost.
 */
import { randomUUID } from "node:crypto";
import { Pool } from "undici";

export interface Kind {
  readonly name: string;
  readonly query: string;
  /** For a mutation: the field whose payload has the id of what was made. */
  readonly mutation?: string;
}

export interface Tally {
  sent: number;
  lost: number;
  /** Sent again, to another gateway or the same. */
  retried: number;
  /** By their reasons. */
  readonly reasons: Map<string, number>;
}

export interface Load {
  /** By name of the kind, of what was sent since the last call, once it is answered. */
  take(): Promise<Readonly<Record<string, Tally>>>;
  /** The ids of what mutations made, as they were told. */
  readonly made: ReadonlySet<string>;
  /** The slowest answer so far, in milliseconds. */
  slowestMs(): number;
  /** Resolves when all that was sent has been answered. */
  stop(): Promise<void>;
}

interface Gateway {
  readonly pool: Pool;
  isReady: boolean;
  leavesUntil: number;
}

const MAX_IN_FLIGHT = 2000;
const PROBE_MS = 250;
const LEAVING_MS = 6000;
/** Less than the five seconds after which the gateway closes an idle connection. */
const KEEP_ALIVE_MS = 4000;
const ATTEMPTS = 3;
const CASE = {
  account: "bench",
  customerValue: "LOW",
  country: "DE",
  issue: "BILLING",
  severity: "LOW",
  description: "of a bench",
};

export function startLoad(origins: readonly string[], kinds: readonly Kind[], perSecond: number): Load {
  const gateways = origins.map((origin): Gateway => ({
    pool: new Pool(origin, { connections: 128, keepAliveTimeout: KEEP_ALIVE_MS }),
    isReady: true,
    leavesUntil: 0,
  }));
  let tallies = empty();
  const made = new Set<string>();
  const inFlight = new Set<Promise<void>>();
  let [turn, due, slowest] = [0, 0, 0];
  const startedAt = performance.now();
  const sending = setInterval(() => {
    const wanted = ((performance.now() - startedAt) / 1000) * perSecond;
    for (; due < wanted; due += 1) {
      const kind = kinds[due % kinds.length];
      if (!kind) continue;
      const sent: Promise<void> = once(kind).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
    }
  }, 5);
  const probing = setInterval(() => gateways.forEach((one) => void probe(one)), PROBE_MS);

  return {
    async take() {
      const taken = tallies;
      tallies = empty();
      await Promise.all(inFlight);
      return taken;
    },
    made,
    slowestMs: () => slowest,
    async stop() {
      clearInterval(sending);
      await Promise.all(inFlight);
      clearInterval(probing);
      await Promise.all(gateways.map(({ pool }) => pool.destroy()));
    },
  };

  function empty(): Record<string, Tally> {
    return Object.fromEntries(kinds.map(({ name }) => [name, { sent: 0, lost: 0, retried: 0, reasons: new Map() }]));
  }

  async function once({ name, query, mutation }: Kind): Promise<void> {
    const tally = tallies[name];
    if (!tally) return;
    tally.sent += 1;
    const input = { ...CASE, idempotencyKey: randomUUID() };
    const body = JSON.stringify({ query, ...(mutation !== undefined && { variables: { input } }) });
    const began = performance.now();
    const reason = inFlight.size > MAX_IN_FLIGHT ? "too many in flight" : await answer(body, mutation, tally);
    slowest = Math.max(slowest, performance.now() - began);
    if (reason === undefined) return;
    tally.lost += 1;
    tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
  }

  /** Gives why it is lost, if it is. */
  async function answer(body: string, mutation: string | undefined, tally: Tally): Promise<string | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const gateway = best(attempt);
      try {
        const {
          statusCode,
          headers,
          body: read,
        } = await gateway.pool.request({
          method: "POST",
          path: "/graphql",
          headers: { "content-type": "application/json" },
          body,
        });
        if (headers["connection"] === "close") gateway.leavesUntil = performance.now() + LEAVING_MS;
        const answered = (await read.json()) as Answered;
        const [error] = answered.errors ?? [];
        if (error || statusCode !== 200) return error?.extensions?.code ?? `status ${statusCode}`;
        const id = mutation === undefined ? undefined : answered.data?.[mutation]?.supportCase?.id;
        if (id !== undefined) made.add(id);
        return undefined;
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
        if (code === "ECONNREFUSED") gateway.isReady = false;
        const canRetry = code === "ECONNREFUSED" || mutation === undefined;
        if (!canRetry || attempt >= ATTEMPTS) return code;
        tally.retried += 1;
      }
    }
  }

  /** In turn; at a further attempt another one. */
  function best(attempt: number): Gateway {
    turn += 1;
    const now = performance.now();
    const badness = (one: Gateway): number => (one.isReady ? 0 : 2) + (one.leavesUntil > now ? 1 : 0);
    const shift = (turn + attempt) % gateways.length;
    const ordered = [...gateways.slice(shift), ...gateways.slice(0, shift)];
    const [first] = ordered.toSorted((a, b) => badness(a) - badness(b));
    if (!first) throw new RangeError("there must be a gateway");
    return first;
  }

  async function probe(gateway: Gateway): Promise<void> {
    try {
      const { statusCode, body } = await gateway.pool.request({ method: "GET", path: "/ready" });
      await body.dump();
      gateway.isReady = statusCode === 200;
    } catch {
      gateway.isReady = false;
    }
  }
}

interface Answered {
  readonly data?: Readonly<
    Record<string, { readonly supportCase?: { readonly id: string } | null } | null | undefined>
  > | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}
