/**
 * How does a subscriber get what is told, and when does that end?
 *
 * One response after the other, each made when the client has taken the one before. What waits until then is bounded: a
 * client that takes nothing for a while, or is too far behind, is told so and let go. A stream ends once, for one reason, and
 * at once: what is being read then is not waited for.
 */
import { GraphQLError } from "graphql";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import type { ExecutionResponse } from "../engine/execute.ts";

/** Why a stream ends. Those with a message are told by a last response. */
export type End = keyof typeof MESSAGES;

const MESSAGES = {
  /** The client has gone away, or wants no more. */
  left: undefined,
  /** This gateway ends: another one is there for the client. */
  leaving: undefined,
  expired: ["UNAUTHENTICATED", "Cannot go on: the credentials have expired, or were revoked"],
  slow: ["SLOW_CLIENT", "Cannot go on: events come faster than they are read; subscribe again, and read the lists"],
  /** By a fault of this gateway. */
  failed: undefined,
  missed: ["EVENTS_MISSED", "Cannot go on: events may have been missed; subscribe again, and read the lists"],
} as const satisfies Readonly<Record<string, readonly [code: string, message: string] | undefined>>;

/** Who gets the responses. */
export interface Subscriber {
  /** From where, for callers who do not say who they are. */
  readonly address: string;
  /** Who it is now; rejects with a RequestError of status 401 where it is nobody any more. */
  readonly identify: () => Promise<Caller>;
  /** Told at once, while the last response may still wait. */
  readonly onEnd?: ((end: End) => void) | undefined;
}

/** Never rejects. */
export interface LiveStream extends AsyncGenerator<ExecutionResponse, undefined> {
  /** undefined while it goes on. */
  readonly ended: End | undefined;
  end(end: End): void;
}

/** What waits for a subscriber. */
export interface Inbox<Item> {
  /** Resolves with the oldest item; undefined at the end. */
  take(): Promise<Item | undefined>;
}

export interface StreamOptions<Item> {
  readonly inbox: Inbox<Item>;
  /** What the client gets of it, one by one. Rejects for a fault of this gateway. */
  readonly read: (item: Item) => AsyncIterable<ExecutionResponse>;
  /** Told of that; gives what the client gets last. */
  readonly failed: (error: unknown) => ExecutionResponse;
  /** Called once. */
  readonly onEnd: (end: End) => void;
  /** Milliseconds in which a client takes a response. */
  readonly patienceMs?: number | undefined;
}

const PATIENCE_MS = 30_000;

export function createStream<Item>(options: StreamOptions<Item>): LiveStream {
  const { inbox, read, failed, onEnd, patienceMs = PATIENCE_MS } = options;
  let leave = (): void => {};
  let ended: End | undefined;
  const responses = tell();
  return {
    get ended() {
      return ended;
    },
    end,
    next: () => responses.next(),
    async return() {
      end("left");
      return responses.return(undefined);
    },
    async throw(error) {
      end("left");
      return responses.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined);
    },
  };

  function end(reason: End): void {
    if (ended !== undefined) return;
    ended = reason;
    leave();
    onEnd(reason);
  }

  async function* tell(): AsyncGenerator<ExecutionResponse, undefined> {
    try {
      yield* tellItems();
    } catch (error) {
      end("failed");
      yield failed(error);
    }
    const told = ended && MESSAGES[ended];
    if (told) yield { data: null, errors: [new GraphQLError(told[1], { extensions: { code: told[0] } })] };
    return undefined;
  }

  async function* tellItems(): AsyncGenerator<ExecutionResponse> {
    for (;;) {
      const item = await unlessEnded(inbox.take());
      if (item === undefined || ended !== undefined) return;
      const responses = read(item)[Symbol.asyncIterator]();
      for (;;) {
        const result = await unlessEnded(responses.next());
        if (ended !== undefined) return;
        if (result === undefined || result.done === true) break;
        // Ends when the client asks for the next one.
        const impatient = setTimeout(() => end("slow"), patienceMs).unref();
        try {
          yield result.value;
        } finally {
          clearTimeout(impatient);
        }
      }
    }
  }

  /** Not Promise.race: a promise that outlives many others would keep something of each. */
  function unlessEnded<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      leave = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }
}
