/**
 * What does a receiver of webhooks look like to a test?
 *
 * A real HTTP server that verifies signatures by itself, as the specification says, and not by the code that made them. It
 * answers as the test says, and keeps what it was sent, also what it refused.
 */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export interface Delivery {
  readonly id: string;
  /** Of the attempt, in seconds since the epoch. */
  readonly sentAt: number;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** What it was answered. */
  readonly status: number;
  readonly url: string;
}

export interface Behaviour {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds before it answers. */
  readonly latencyMs?: number;
}

export interface Receiver {
  readonly url: string;
  /** All that came with a valid signature, oldest first. */
  readonly deliveries: readonly Delivery[];
  /** Those that it answered with 2xx. */
  accepted(type?: string): readonly Delivery[];
  /** How many came without a valid signature; they are answered with 401. */
  refused(): number;
  /** Replaces what was said before. */
  behave(behaviour: Behaviour | ((delivery: Omit<Delivery, "status">) => Behaviour)): void;
  close(): Promise<void>;
}

/** A secret that no other test has. */
export function secretOf(seed: number): string {
  return `whsec_${Buffer.alloc(32, seed).toString("base64")}`;
}

/** `port` 0 is any. */
export async function startReceiver(secret: string, port = 0): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  let refused = 0;
  let behaviour: Parameters<Receiver["behave"]>[0] = {};
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      if (!isGenuine(secret, request, body)) {
        refused += 1;
        return response.writeHead(401).end();
      }
      const event = { ...deliveryOf(request), ...(JSON.parse(body) as Pick<Delivery, "type" | "timestamp" | "data">) };
      const told = typeof behaviour === "function" ? behaviour(event) : behaviour;
      const { status = 204, headers = {}, latencyMs = 0 } = told;
      deliveries.push({ ...event, status });
      if (latencyMs > 0) await sleep(latencyMs, undefined, { ref: false });
      return response.writeHead(status, headers).end(told.body);
    })();
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?team=7`,
    deliveries,
    accepted: (type) =>
      deliveries.filter((one) => one.status >= 200 && one.status <= 299 && (type === undefined || one.type === type)),
    refused: () => refused,
    behave: (next) => void (behaviour = next),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function deliveryOf({ headers, url = "" }: IncomingMessage): Pick<Delivery, "id" | "sentAt" | "url"> {
  return { id: String(headers["webhook-id"]), sentAt: Number(headers["webhook-timestamp"]), url };
}

function isGenuine(secret: string, { headers }: IncomingMessage, body: string): boolean {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  const expected = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  return String(headers["webhook-signature"]).split(" ").includes(expected);
}
