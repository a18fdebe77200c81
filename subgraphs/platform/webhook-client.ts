/**
 * How is an event sent to a webhook?
 *
 * Signed by Standard Webhooks. The receiver deduplicates by the id, which is the same for every retry of an event; the
 * timestamp and the signature are new each time. While the secret changes, there is a signature by each of the two. A
 * redirection is an answer like any other: only the URL that an operator gave is called. What a receiver answers is not read
 * for more than its status.
 */
import { z } from "zod";
import { createAcceptedWrites } from "./accepted-writes.ts";
import type { UpstreamHealth } from "./health/health.ts";
import { createPatience } from "./patience.ts";
import { basicOf } from "./upstream-settings.ts";
import { createUpstream } from "./upstream.ts";
import { isWebhookSecret, signatureOf } from "./webhook.ts";
import type { WebhookTarget } from "./webhook.ts";

export interface WebhookClientOptions extends WebhookTarget {
  /** Of the upstream, in errors and logs. */
  readonly name: string;
  /** Where an operator renews the secret, and the credentials in the URL. */
  readonly settings: { readonly secret: string; readonly url: string };
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** The deadline of a call in milliseconds. Default as in `createUpstream`. */
  readonly timeoutMs?: number | undefined;
  /** Told how each call ended. Default: nobody is. */
  readonly health?: UpstreamHealth | undefined;
}

export interface WebhookEvent {
  /** Of the effect, not of the attempt. */
  readonly id: string;
  /** `lead.routed` */
  readonly type: string;
  readonly data: object;
  /** When it happened; a retry does not change it. */
  readonly at: Date;
}

export interface WebhookClient {
  /** Resolves once the receiver has answered 2xx; rejects with an UpstreamError. */
  send(event: WebhookEvent): Promise<void>;
  close(): Promise<void>;
}

/** The receiver says that it is gone for good. Any other refusal may be one of a deployment. */
export const GONE = 410;
/** It is sent in a header, and signed after a full stop. */
const ID = /^[\w:-]{1,200}$/;

/** Throws a TypeError for a malformed secret. */
export function createWebhookClient(options: WebhookClientOptions): WebhookClient {
  const { name, url, secret, oldSecret, settings, now = Date.now, timeoutMs, health } = options;
  const secrets = oldSecret === undefined ? [secret] : [secret, oldSecret];
  if (!secrets.every(isWebhookSecret)) throw new TypeError('secret is "whsec_" and 24 to 64 bytes in base64');
  // Unchanged: a trailing slash may be another address.
  const { origin, pathname, searchParams } = new URL(url);
  const basic = basicOf(new URL(url));
  const query = Object.fromEntries([...searchParams.keys()].map((key) => [key, searchParams.getAll(key)]));
  const upstream = createUpstream({
    name,
    baseUrl: origin,
    connections: 4,
    patience: createPatience(),
    health,
    accepted: createAcceptedWrites(),
    // Receivers differ in how they refuse a signature. One that refuses a single event accepts the others.
    refused: (status) => (status === 403 ? { renew: [settings.secret] } : undefined),
    credentials: basic === undefined ? [settings.secret] : [settings.secret, settings.url],
    ...(basic !== undefined && { authorization: async () => basic }),
    ...(timeoutMs && { timeoutMs }),
  });

  return {
    async send({ id, type, data, at }) {
      if (!ID.test(id)) throw new RangeError(`id is up to 200 letters, digits and _:- but got "${id}"`);
      const event = { type, timestamp: at.toISOString(), data };
      const timestamp = Math.floor(now() / 1000);
      const webhook = { id, timestamp, body: JSON.stringify(event) };
      await upstream.request({
        method: "POST",
        path: pathname,
        query,
        headers: {
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          // `createUpstream` serialises the same object, so the signed text is the one that is sent.
          "webhook-signature": secrets.map((each) => signatureOf(each, webhook)).join(" "),
        },
        json: event,
        // Receivers differ in what they answer.
        discardsBody: true,
        reply: z.undefined(),
      });
    },
    close: () => upstream.close(),
  };
}
