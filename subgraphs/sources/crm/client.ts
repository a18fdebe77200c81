/**
 * How is a lead sent to the CRM?
 *
 * As a webhook signed by Standard Webhooks. The receiver deduplicates by the id, which is the same for every retry of a
 * lead; the timestamp and the signature are new each time. While the secret changes, it has a signature by each of the two.
 */
import { z } from "zod";
import { createAcceptedWrites } from "../../platform/accepted-writes.ts";
import { createPatience } from "../../platform/patience.ts";
import { basicOf } from "../../platform/upstream-settings.ts";
import { createUpstream } from "../../platform/upstream.ts";
import { isWebhookSecret, signatureOf } from "../../platform/webhook.ts";
import { crmSettings } from "./settings.ts";

export interface CrmOptions {
  /** Of the receiver, with its query. A user and a password in it are sent as HTTP Basic authentication. */
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  /** The one before, until the receiver has the new one. */
  readonly oldSecret?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** The deadline of a call in milliseconds. Default as in `createUpstream`. */
  readonly timeoutMs?: number;
}

export interface LeadEvent {
  /** Of the effect, not of the attempt. */
  readonly id: string;
  /** `lead.routed` */
  readonly type: string;
  readonly data: object;
  /** When it happened; a retry does not change it. */
  readonly at: Date;
}

export interface Crm {
  /** Resolves once the receiver has answered 2xx; rejects with an UpstreamError. */
  send(event: LeadEvent): Promise<void>;
  close(): Promise<void>;
}

const SECRET = [crmSettings.fields.secret.variable];
/** It is sent in a header, and signed after a full stop. */
const ID = /^[\w:-]{1,200}$/;

/** Throws a TypeError for a malformed secret. */
export function createCrm({ url, secret, oldSecret, now = Date.now, timeoutMs }: CrmOptions): Crm {
  const secrets = oldSecret === undefined ? [secret] : [secret, oldSecret];
  if (!secrets.every(isWebhookSecret)) throw new TypeError('secret is "whsec_" and 24 to 64 bytes in base64');
  // Unchanged: a trailing slash may be another address.
  const { origin, pathname, searchParams } = new URL(url);
  const basic = basicOf(new URL(url));
  const query = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
  const upstream = createUpstream({
    name: "crm",
    baseUrl: origin,
    connections: 4,
    patience: createPatience(),
    accepted: createAcceptedWrites(),
    // Receivers differ in how they refuse a signature. One that refuses a single lead accepts the others.
    refused: (status) => (status === 403 ? { renew: SECRET } : undefined),
    credentials: basic === undefined ? SECRET : [...SECRET, crmSettings.fields.url.variable],
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
