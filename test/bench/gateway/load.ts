/**
 * How many requests a second does a server answer, how fast, and are the answers right?
 *
 * Users who wait for an answer before they ask again find out how much it can do; requests at a fixed rate, how long
 * they wait when it has less to do than that. A request that fails counts as a wrong answer.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Pool, request as ask } from "undici";

export interface GraphQLBody {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: object;
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly durationMs: number;
  /** Of the number of a request; no two are the same. */
  readonly request: (number: number) => GraphQLBody;
  readonly isRight: (text: string, number: number) => boolean;
}

export interface Load {
  readonly requests: number;
  readonly wrong: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** As many users as connections; stops after `total` requests, if there are that many in the time. */
export async function load(options: LoadOptions, total = Infinity): Promise<Load> {
  const client = createClient(options);
  const isOver = (): boolean => client.elapsed() >= options.durationMs || client.sent() >= total;
  const user = async (): Promise<void> => {
    while (!isOver()) await client.ask(performance.now());
  };
  await Promise.all(Array.from({ length: options.connections }, user));
  return client.end();
}

/** A request counts from when it was due, whether or not a connection was free then. */
export async function loadAtRate(options: LoadOptions, perSecond: number): Promise<Load> {
  const client = createClient(options);
  const asked: Promise<void>[] = [];
  for (let due = 0; due < options.durationMs; due += 1000 / perSecond) {
    const early = due - client.elapsed();
    if (early > 0) await sleep(early);
    asked.push(client.ask(client.startedAt + Math.min(client.elapsed(), due + TIMER_MS)));
  }
  await Promise.all(asked);
  return client.end();
}

/** How late a timer of this process is by itself: that is no time of the server. */
const TIMER_MS = 1;

interface Client {
  readonly startedAt: number;
  elapsed(): number;
  sent(): number;
  /** Never rejects. */
  ask(from: number): Promise<void>;
  end(): Promise<Load>;
}

function createClient({ url, connections, request, isRight }: LoadOptions): Client {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections });
  const times: number[] = [];
  let [sent, wrong] = [0, 0];
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  return {
    startedAt,
    elapsed,
    sent: () => sent,
    async ask(from) {
      sent += 1;
      const number = sent;
      try {
        const { statusCode, body } = await pool.request({
          method: "POST",
          path,
          headers: { ...HEADERS, authorization: `Bearer caller-${number}` },
          body: JSON.stringify(request(number)),
        });
        const text = await body.text();
        times.push(performance.now() - from);
        if (statusCode !== 200 || !isRight(text, number)) wrong += 1;
      } catch {
        wrong += 1;
      }
    },
    async end() {
      const seconds = elapsed() / 1000;
      await pool.close();
      const sorted = times.toSorted((left, right) => left - right);
      const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
      return { requests: sent, wrong, perSecond: sent / seconds, p50: at(0.5), p99: at(0.99) };
    },
  };
}

const HEADERS = { "content-type": "application/json", accept: "application/json" };

/** One request; gives the text of the answer. */
export async function send(url: string, body: GraphQLBody): Promise<string> {
  const answer = await ask(url, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });
  return answer.body.text();
}
