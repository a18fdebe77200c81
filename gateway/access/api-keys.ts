/** Who is the caller with an API key? The key's id, with the scopes and accounts that it was issued for. */
import type { Logger } from "pino";
import { digestOf, isApiKey } from "../../subgraphs/platform/api-key.ts";
import type { ApiKey, FindApiKey } from "../../subgraphs/platform/api-key.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { cannotVerify, invalidCredential } from "./refusals.ts";

/** Rejects with a RequestError. */
export type VerifyKey = (key: string) => Promise<Caller>;

export interface KeyVerifierOptions {
  readonly findKey: FindApiKey;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createKeyVerifier({ findKey, log, now }: KeyVerifierOptions): VerifyKey {
  return async (text) => {
    if (!isApiKey(text)) throw invalidCredential("the API key is not complete, or has a typing error");
    const key = await findKey(digestOf(text)).catch((error: unknown) => {
      log.warn({ err: error }, "an API key cannot be looked up");
      throw cannotVerify("API keys cannot be looked up now");
    });
    if (key === undefined) throw invalidCredential("the API key is not known, or was revoked");
    if (key.expiresAt !== undefined && key.expiresAt <= now()) throw invalidCredential("the API key has expired");
    return callerOf(key);
  };
}

function callerOf({ id, scopes, accounts, expiresAt }: ApiKey): Caller {
  return { id: `key:${id}`, scopes: new Set(scopes), accounts: accounts && new Set(accounts), expiresAt };
}
