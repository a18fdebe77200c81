/**
 * How is a webhook signed, and how is a signature verified?
 *
 * By Standard Webhooks (https://www.standardwebhooks.com): `v1,` and the HMAC-SHA256 in base64 of id, timestamp and body, joined
 * by full stops. The secret is `whsec_` and 24 to 64 bytes in base64. It is too small for a dependency; the tests have the
 * specification's example.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Where webhooks are sent, and what signs them. */
export interface WebhookTarget {
  /** Of the receiver, with its query. A user and a password in it are sent as HTTP Basic authentication. */
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  /** The one before, until the receiver has the new one. */
  readonly oldSecret?: string | undefined;
}

export interface SignedWebhook {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  /** The raw body. */
  readonly body: string;
}

const PREFIX = "whsec_";
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export function isWebhookSecret(secret: string): boolean {
  if (!secret.startsWith(PREFIX) || !BASE64.test(secret.slice(PREFIX.length))) return false;
  const { length } = keyOf(secret);
  return length >= 24 && length <= 64;
}

export function signatureOf(secret: string, { id, timestamp, body }: SignedWebhook): string {
  const digest = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64");
  return `v1,${digest}`;
}

/** Whether one of the signatures is valid: during a change of the secret a sender sends several. */
export function isSigned(secret: string, webhook: SignedWebhook, signatures: string): boolean {
  const good = Buffer.from(signatureOf(secret, webhook));
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === good.length && timingSafeEqual(given, good);
  });
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), "base64");
}
