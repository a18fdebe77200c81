/**
 * Who sends a request?
 *
 * Whoever its token or its key says, and nobody else: a request without either is refused. Where callers are not known at
 * all, anybody is anybody: see start rules in platform/environment.ts.
 */
import type { FindApiKey } from "../../subgraphs/platform/api-key.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { ANYBODY } from "../../subgraphs/platform/caller.ts";
import { createKeyVerifier } from "./api-keys.ts";
import type { KeyVerifierOptions } from "./api-keys.ts";
import { credentialOf } from "./credentials.ts";
import { withoutCredential } from "./refusals.ts";
import { createTokenVerifier } from "./tokens.ts";
import type { TokenVerifierOptions } from "./tokens.ts";

export interface Access {
  /** Rejects with a RequestError. `rawHeaders`: names and values in turn. */
  readonly identify: (rawHeaders: readonly string[]) => Promise<Caller>;
  close(): Promise<void>;
}

/** Where none were issued. */
export const noKeys: FindApiKey = async () => undefined;

/** Where nobody is asked. */
export const OPEN: Access = { identify: async () => ANYBODY, close: async () => {} };

export function createAccess(options: TokenVerifierOptions & KeyVerifierOptions): Access {
  const tokens = createTokenVerifier(options);
  const verifyKey = createKeyVerifier(options);
  return {
    async identify(rawHeaders) {
      const credential = credentialOf(rawHeaders);
      if (!credential) throw withoutCredential();
      return credential.kind === "key" ? verifyKey(credential.text) : tokens.verify(credential.text);
    },
    close: () => tokens.close(),
  };
}
