/**
 * How does one WebSocket begin to wait, and how does it end?
 *
 * Its messages are answered as they come, but no more of them are read while too many are being answered, or while the client
 * does not take what it was sent: what waits for a client is bounded. A connection that leaves answers first what it was asked.
 * Its subscriptions end without a word, because they go on where the client connects next.
 */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { ExecutionResponse } from "../engine/execute.ts";
import type { LiveStream } from "../live/stream.ts";

export interface Connection {
  /** Aborted when it is closed. */
  readonly closed: AbortSignal;
  /** Begins to answer a message, unless it leaves. `answer` never rejects. */
  receive(answer: () => Promise<void>): void;
  /** Resolves when the message is on its way: what comes next waits until then. */
  send(data: string): Promise<void>;
  /** The same stream, for which the end of the connection does not wait. */
  subscribed(stream: LiveStream): AsyncGenerator<ExecutionResponse, undefined>;
  /** Resolves when it is closed, which does not wait for who waits for that. */
  untilClosed(): Promise<void>;
  /** Answers what it was asked, then closes. */
  leave(): void;
  /** A reason has 123 bytes at most. */
  close(code: number, reason: string): void;
}

const GOING_AWAY = 1001;
const PING_MS = 12_000;
/** For the client's part of closing. */
const CLOSE_MS = 5000;
/** For the answers of a connection that leaves. */
const LEAVE_MS = 5000;
/** Messages that are answered at once, subscriptions not counted. */
const MAX_ANSWERED = 100;
/** Bytes that wait for the client. One message may be larger. */
const MAX_WAITING = 1024 * 1024;
const MAX_REASON = 120;

/** `stream`: below the socket. */
export function createConnection(socket: WebSocket, stream: Duplex): Connection {
  const closing = new AbortController();
  const closed = new Promise<void>((resolve) => closing.signal.addEventListener("abort", () => resolve()));
  /** Messages without an answer yet, and those among them that may never get one. */
  let [unanswered, endless] = [0, 0];
  let isLeaving = false;

  stream.on("drain", proceed);
  // It was answered already.
  socket.on("ping", proceed);
  const stopPinging = keepAlive(socket, isBusy);
  socket.once("close", () => {
    stopPinging();
    closing.abort(new Error("the client has gone away"));
  });

  return {
    closed: closing.signal,
    receive(answer) {
      if (isLeaving || socket.readyState !== socket.OPEN) return;
      unanswered += 1;
      proceed();
      void answer().finally(() => {
        unanswered -= 1;
        proceed();
      });
    },
    send: (data) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        // After an error it is closed.
        socket.send(data, () => {
          proceed();
          resolve();
        });
        proceed();
      }),
    subscribed: (given) => unlessLeaving(given, beginEndless()),
    async untilClosed() {
      const end = beginEndless();
      await closed;
      end();
    },
    leave() {
      if (isLeaving) return;
      isLeaving = true;
      setTimeout(() => close(GOING_AWAY, "Going away"), LEAVE_MS).unref();
      proceed();
    },
    close,
  };

  /** Gives a function that ends it. */
  function beginEndless(): () => void {
    endless += 1;
    proceed();
    let isOver = false;
    return () => {
      if (!isOver) endless -= 1;
      isOver = true;
    };
  }

  function unlessLeaving(given: LiveStream, over: () => void): AsyncGenerator<ExecutionResponse, undefined> {
    return {
      async next() {
        const result = await given.next();
        if (result.done !== true) return result;
        if (given.ended === "leaving") await closed;
        over();
        return result;
      },
      return(value) {
        over();
        return given.return(value);
      },
      throw(error) {
        over();
        return given.throw(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
      async [Symbol.asyncDispose]() {
        await this.return(undefined);
      },
    };
  }

  function isBusy(): boolean {
    return unanswered - endless >= MAX_ANSWERED;
  }

  /** After every change of what waits. */
  function proceed(): void {
    if (isLeaving && unanswered <= endless) close(GOING_AWAY, "Going away");
    if (socket.readyState !== socket.OPEN) return;
    if (isBusy() || socket.bufferedAmount > MAX_WAITING) socket.pause();
    else if (socket.isPaused) socket.resume();
  }

  function close(code: number, reason: string): void {
    if (socket.readyState !== socket.OPEN) return;
    const bytes = Buffer.from(reason).subarray(0, MAX_REASON);
    socket.close(code, bytes.toString().replace(/\uFFFD$/, ""));
    // To read the client's part of it.
    socket.resume();
    setTimeout(() => socket.terminate(), CLOSE_MS).unref();
  }
}

/** A connection without an answer to a ping is lost, unless it is not read. Gives a function that ends it. */
function keepAlive(socket: WebSocket, isBusy: () => boolean): () => void {
  let isAlive = true;
  socket.on("pong", () => void (isAlive = true));
  const pinging = setInterval(() => {
    if (!isAlive && !isBusy()) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_MS).unref();
  return () => clearInterval(pinging);
}
