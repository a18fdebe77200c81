/**
 * Whose subscriptions are open, and for whom do they go on?
 *
 * A caller has a number of them at a time, in each process. One ends with the credentials of its caller: at the moment at which
 * these expire, and soon after they are revoked.
 */
import { GraphQLError } from "graphql";
import { isAnonymous } from "../../subgraphs/platform/caller.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { RequestError } from "../http/request-error.ts";
import { networkOf } from "../limits/network.ts";
import type { GatewayMetrics } from "../telemetry/metrics.ts";
import type { AdmittedRequest } from "./request.ts";
import type { End, LiveStream } from "./stream.ts";

export interface Session {
  /** As it is known now. */
  readonly caller: Caller;
  /** False, and the stream has ended, once its credentials have expired. */
  isCurrent(): boolean;
  /** To be called before anything is told. */
  of(stream: LiveStream): void;
  /** To be called when something is told. */
  told(): void;
  end(end: End): void;
}

export interface Sessions {
  readonly count: number;
  readonly isClosing: boolean;
  /** Throws a GraphQLError with code LIMIT_EXCEEDED where the caller has too many. */
  begin(request: Pick<AdmittedRequest, "caller" | "subscriber" | "event">): Session;
  /** Ends all. */
  close(): void;
}

export interface SessionOptions {
  /** How many a caller has at most. */
  readonly perCaller: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly metrics?: Pick<GatewayMetrics, "subscribed"> | undefined;
}

/** Between two looks for credentials that have expired. */
const LOOK_MS = 1000;
/** Looks after which a caller is identified anew: its key may be revoked. */
const LOOKS = 30;

interface Open extends Session {
  /** Identifies its caller anew. */
  renew(): Promise<void>;
  leave(): void;
}

export function createSessions({ perCaller, now, metrics }: SessionOptions): Sessions {
  const open = new Set<Open>();
  const counts = new Map<string, number>();
  let isClosing = false;
  let looks = 0;
  let looking: NodeJS.Timeout | undefined;

  return {
    get count() {
      return open.size;
    },
    get isClosing() {
      return isClosing;
    },
    begin({ caller: first, subscriber, event }) {
      const name = isAnonymous(first) ? `address ${networkOf(subscriber.address)}` : `caller ${first.id}`;
      const count = counts.get(name) ?? 0;
      if (count >= perCaller) throw tooMany(perCaller);
      counts.set(name, count + 1);
      const counted = metrics?.subscribed(event);
      let caller = first;
      let stream: LiveStream | undefined;
      const session: Open = {
        get caller() {
          return caller;
        },
        isCurrent() {
          if (caller.expiresAt === undefined || now() < caller.expiresAt) return true;
          stream?.end("expired");
          return false;
        },
        of: (given) => void (stream = given),
        told: () => counted?.told(),
        end(end) {
          if (!open.delete(session)) return;
          const left = (counts.get(name) ?? 1) - 1;
          if (left === 0) counts.delete(name);
          else counts.set(name, left);
          if (open.size === 0) {
            clearInterval(looking);
            looking = undefined;
          }
          counted?.ended(end);
          subscriber.onEnd?.(end);
        },
        leave: () => stream?.end("leaving"),
        async renew() {
          try {
            const renewed = await subscriber.identify();
            if (renewed.id === caller.id) caller = renewed;
            else stream?.end("expired");
          } catch (error) {
            // Where nobody knows whether they are good, they go on until they expire.
            if (error instanceof RequestError && error.status === 401) stream?.end("expired");
          }
        },
      };
      open.add(session);
      looking ??= setInterval(look, LOOK_MS).unref();
      return session;
    },
    close() {
      isClosing = true;
      // Each leaves the set.
      for (const session of open) session.leave();
    },
  };

  function look(): void {
    looks += 1;
    for (const session of open) if (session.isCurrent() && looks % LOOKS === 0) void session.renew();
  }
}

function tooMany(max: number): GraphQLError {
  return new GraphQLError(`Cannot subscribe: the caller has ${max} subscriptions, which LIMIT_SUBSCRIPTIONS allows`, {
    extensions: { code: "LIMIT_EXCEEDED" },
  });
}
