/**
 * Which replica of a subgraph is asked, and what if it cannot be reached?
 *
 * They are asked in turn, but all calls of one operation ask the same: what it reads for one of them, others join or find in its
 * memory. One that says it is leaving, or that keeps failing, only where there is no other. After a failure of
 * the connection another one is asked, or the same again: once, and only if that cannot do anything twice. A replica that keeps
 * failing is not asked for a while, so that its clients get the error at once. An operation that it takes too long for while
 * it answers others is no failure of it.
 */
import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from "cockatiel";
import type { CircuitBreakerPolicy } from "cockatiel";
import type { Logger } from "pino";
import { monotonic } from "../../subgraphs/platform/clock.ts";
import { recoveryAfter } from "../../subgraphs/platform/recovery.ts";
import type { SubgraphResponse } from "../engine/run.ts";
import { TransportError } from "./transport.ts";
import type { SubgraphRequest, Transport } from "./transport.ts";

/** A transport to one replica. */
export interface ReplicaTransport extends Transport {
  /** Until when, in milliseconds by `elapsed`, it has said that it leaves. */
  readonly leavesUntil: () => number;
}

export interface ReplicasOptions {
  readonly subgraph: string;
  readonly log: Pick<Logger, "warn" | "info">;
  /** Milliseconds that never decrease. */
  readonly elapsed?: () => number;
}

interface Replica {
  readonly transport: ReplicaTransport;
  readonly circuit: CircuitBreakerPolicy;
  /** How often it has answered. */
  answers: number;
}

const MAX_FAILURES = 5;
/** Milliseconds before a circuit that is open lets a request through. */
const RECOVERY_MS = 1000;
/** Of connections that were never made: the subgraph got nothing. */
const NOT_SENT: ReadonlySet<string | undefined> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const CIRCUIT_OPEN = "CIRCUIT_OPEN";

export function createReplicas(
  transports: readonly ReplicaTransport[],
  { subgraph, log, elapsed = monotonic }: ReplicasOptions,
): Transport {
  const replicas = transports.map((transport, index): Replica => {
    const circuit = circuitBreaker(handleWhen(isFailureOfReplica), {
      halfOpenAfter: recoveryAfter(RECOVERY_MS, elapsed),
      breaker: new ConsecutiveBreaker(MAX_FAILURES),
    });
    const which = transports.length > 1 ? { subgraph, replica: index + 1 } : { subgraph };
    circuit.onBreak(() => log.warn({ ...which, recoveryMs: RECOVERY_MS }, "a subgraph keeps failing: circuit opened"));
    circuit.onReset(() => log.info(which, "a subgraph answers again: circuit closed"));
    return { transport, circuit, answers: 0 };
  });
  let turn = 0;

  return {
    async send(request) {
      const [first, second] = inOrder(request.turn);
      if (!first) throw new TransportError("UNREACHABLE", { code: "NO_ROUTE" });
      try {
        return await ask(first, request);
      } catch (error) {
        if (!(error instanceof TransportError) || !canRetry(error, request)) throw error;
        request.signal?.throwIfAborted();
        return ask(second ?? first, request);
      }
    },
    close: async () => void (await Promise.all(replicas.map(({ transport }) => transport.close()))),
  };

  /** The best first; those that are as good in turn. */
  function inOrder(given: number = (turn += 1)): readonly Replica[] {
    if (replicas.length === 1) return replicas;
    const at = given % replicas.length;
    const now = elapsed();
    const badness = ({ transport, circuit }: Replica): number =>
      (circuit.state === CircuitState.Open ? 2 : 0) + (transport.leavesUntil() > now ? 1 : 0);
    return [...replicas.slice(at), ...replicas.slice(0, at)].toSorted((a, b) => badness(a) - badness(b));
  }
}

async function ask(replica: Replica, request: SubgraphRequest): Promise<SubgraphResponse> {
  const before = replica.answers;
  try {
    const outcome = await replica.circuit.execute(async () => {
      try {
        const response = await replica.transport.send(request);
        replica.answers += 1;
        return { response };
      } catch (error) {
        const isSlow = error instanceof TransportError && error.failure === "TIMEOUT";
        if (isSlow && replica.answers > before) return { tooSlow: error };
        throw error;
      }
    });
    if (outcome.response) return outcome.response;
    throw outcome.tooSlow;
  } catch (error) {
    if (error instanceof BrokenCircuitError) throw new TransportError("UNREACHABLE", { code: CIRCUIT_OPEN });
    throw error;
  }
}

function isFailureOfReplica(error: unknown): boolean {
  return error instanceof TransportError && (error.failure === "UNREACHABLE" || error.failure === "TIMEOUT");
}

/** Not after a timeout: that may be of the operation. */
function canRetry({ failure, code }: TransportError, { query }: SubgraphRequest): boolean {
  if (failure !== "UNREACHABLE") return false;
  return code === CIRCUIT_OPEN || NOT_SENT.has(code) || !/^\s*mutation\b/.test(query);
}
