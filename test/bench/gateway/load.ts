/** How many requests a second does a server answer, how fast, and are the answers right? */
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

export async function load({ url, connections, durationMs, request, isRight }: LoadOptions): Promise<Load> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections });
  const times: number[] = [];
  let [sent, wrong] = [0, 0];
  const startedAt = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - startedAt < durationMs) {
      sent += 1;
      const number = sent;
      const at = performance.now();
      const { statusCode, body } = await pool.request({
        method: "POST",
        path,
        headers: { ...HEADERS, authorization: `Bearer caller-${number}` },
        body: JSON.stringify(request(number)),
      });
      const text = await body.text();
      times.push(performance.now() - at);
      if (statusCode !== 200 || !isRight(text, number)) wrong += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { requests: sent, wrong, perSecond: sent / seconds, p50: at(0.5), p99: at(0.99) };
}

const HEADERS = { "content-type": "application/json", accept: "application/json" };

/** One request; gives the text of the answer. */
export async function send(url: string, body: GraphQLBody): Promise<string> {
  const answer = await ask(url, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });
  return answer.body.text();
}
