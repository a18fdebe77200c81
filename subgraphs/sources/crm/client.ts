/**
 * How does the CRM learn of a lead?
 *
 * By a signed webhook to whichever address the operator named. There is nothing to look up before: the receiver drops
 * what it has seen, by the id, which is the same whenever the same lead is sent again, while time and signature are new.
 */
import { z } from "zod";
import { createUpstream } from "../../platform/upstream.ts";
import { isWebhookSecret, signatureOf } from "../../platform/webhook.ts";

export interface CrmOptions {
  /** Of the receiver, with its query where it has one. */
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds a call may take. Default as in `createUpstream`. */
  readonly timeoutMs?: number;
}

export interface LeadEvent {
  /** Of the effect, not of the attempt. */
  readonly id: string;
  /** `lead.routed` */
  readonly type: string;
  readonly data: object;
  /** When it happened, whenever it is sent. */
  readonly at: Date;
}

export interface Crm {
  /** Resolves once the receiver has answered 2xx; rejects with an UpstreamError. */
  send(event: LeadEvent): Promise<void>;
  close(): Promise<void>;
}

/** In a header, and joined to others by full stops. */
const ID = /^[\w:-]{1,200}$/;

/** Throws a TypeError where the secret is none. */
export function createCrm({ url, secret, now = Date.now, timeoutMs }: CrmOptions): Crm {
  if (!isWebhookSecret(secret)) throw new TypeError('secret is "whsec_" and 24 to 64 bytes in base64');
  // As it was given: to a receiver, a slash at the end may be another address.
  const { origin, pathname, searchParams } = new URL(url);
  const query = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
  const upstream = createUpstream({ name: "crm", baseUrl: origin, connections: 4, ...(timeoutMs && { timeoutMs }) });

  return {
    async send({ id, type, data, at }) {
      if (!ID.test(id)) throw new RangeError(`id is up to 200 letters, digits and _:- but got "${id}"`);
      const event = { type, timestamp: at.toISOString(), data };
      const timestamp = Math.floor(now() / 1000);
      await upstream.request({
        method: "POST",
        path: pathname,
        query,
        headers: {
          "webhook-id": id,
          "webhook-timestamp": String(timestamp),
          // The upstream sends it as the same text: what JSON makes of one object is always the same.
          "webhook-signature": signatureOf(secret, { id, timestamp, body: JSON.stringify(event) }),
        },
        json: event,
        // Receivers answer what they like.
        discardsBody: true,
        reply: z.undefined(),
      });
    },
    close: () => upstream.close(),
  };
}
