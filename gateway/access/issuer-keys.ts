/**
 * With which keys does the issuer of tokens sign?
 *
 * It publishes them, and changes them when it likes. They are read on first use and again after ten minutes, so that a key it
 * withdraws is accepted no longer; and at once for a token with a key that is not known, but not more often than every five
 * seconds, whatever tokens are sent. While the issuer cannot be reached, those read last are accepted for six hours.
 */
import { createLocalJWKSet, errors } from "jose";
import type { LocalJWKSet } from "jose";
import type { Logger } from "pino";
import { z } from "zod";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import { cannotVerify } from "./refusals.ts";

export interface IssuerKeys {
  /** The key of a token's header. Rejects with an error of jose where there is none, and with a RequestError where nobody knows. */
  keyOf(...header: Parameters<LocalJWKSet>): ReturnType<LocalJWKSet>;
  close(): Promise<void>;
}

export interface IssuerKeysOptions {
  readonly url: string;
  readonly log: Logger;
  /** Milliseconds that never decrease. */
  readonly elapsed: () => number;
  /** Milliseconds for the issuer to send its keys. Default: 5,000. */
  readonly timeoutMs?: number | undefined;
}

interface Known {
  readonly find: LocalJWKSet;
  readonly readAt: number;
}

export const FRESH_MS = 10 * 60_000;
export const USABLE_MS = 6 * 60 * 60_000;
export const COOLDOWN_MS = 5000;
const TIMEOUT_MS = 5000;
const MAX_KEYS = 100;

/** Which members a key needs depends on its kind: jose knows. */
const KeySet = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string() }))
    .min(1)
    .max(MAX_KEYS),
});

export function createIssuerKeys({ url, log, elapsed, timeoutMs = TIMEOUT_MS }: IssuerKeysOptions): IssuerKeys {
  const { origin, pathname, search } = new URL(url);
  const issuer = createUpstream({ name: "issuer", baseUrl: origin, timeoutMs, connections: 1 });
  let known: Known | undefined;
  let attempt: { readonly at: number; readonly failed: boolean } | undefined;
  let reading: Promise<void> | undefined;

  return { keyOf, close: () => issuer.close() };

  async function keyOf(...header: Parameters<LocalJWKSet>): ReturnType<LocalJWKSet> {
    if (!isYounger(FRESH_MS)) {
      const read = readAgain();
      if (!isYounger(USABLE_MS)) await read;
    }
    try {
      return await usable().find(...header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await readAgain();
      // It may be new, and the issuer does not say.
      if (attempt?.failed === true) throw cannotVerify("the issuer of tokens cannot be asked for its keys");
      return usable().find(...header);
    }
  }

  function usable(): Known {
    if (known && isYounger(USABLE_MS)) return known;
    throw cannotVerify("the issuer of tokens cannot be asked for its keys");
  }

  function isYounger(ms: number): boolean {
    return known !== undefined && elapsed() - known.readAt < ms;
  }

  /** Never rejects. All that need it wait for one read. */
  function readAgain(): Promise<void> {
    if (!reading && attempt && elapsed() - attempt.at < COOLDOWN_MS) return Promise.resolve();
    return (reading ??= read().finally(() => (reading = undefined)));
  }

  async function read(): Promise<void> {
    const at = elapsed();
    try {
      const { body } = await issuer.request({ path: `${pathname}${search}`, reply: KeySet });
      known = { find: createLocalJWKSet(body), readAt: at };
      if (attempt?.failed === true) log.info("the issuer of tokens can be asked for its keys again");
      attempt = { at: elapsed(), failed: false };
    } catch (error) {
      if (attempt?.failed !== true) log.warn({ err: error }, "the issuer of tokens cannot be asked for its keys");
      attempt = { at: elapsed(), failed: true };
    }
  }
}
