/**
 * Does this request come from a gateway, and who is its caller?
 *
 * Only a gateway has the secret. A request that is not signed, was signed for another subgraph or at another time, was changed
 * on its way, or was here before, is refused, whatever it asks for.
 */
import type { Caller } from "../caller.ts";
import { decodeCaller } from "./caller-header.ts";
import { WINDOW_MS } from "./nonces.ts";
import type { Nonces } from "./nonces.ts";
import { HEADERS, digestOfBody, isSignedBy, signingKey } from "./signature.ts";
import type { SignedRequest } from "./signature.ts";

export interface SignatureOptions {
  /** Any of them may have signed. */
  readonly secrets: readonly string[];
  readonly nonces: Nonces;
}

export interface SignatureGuard {
  /** By its headers, before the body is read. */
  check(request: SignedRequest): Promise<Checked>;
  /** Whether it is the body that the headers are signed for. */
  hasSigned(headers: SignedRequest["headers"], body: Uint8Array): boolean;
}

export type Checked = { readonly caller: Caller } | { readonly problem: string };

export interface SignatureGuardOptions extends SignatureOptions {
  /** Its name in rover.yaml. */
  readonly subgraph: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createSignatureGuard({ secrets, nonces, subgraph, now }: SignatureGuardOptions): SignatureGuard {
  const keys = secrets.map(signingKey);
  return {
    async check(request) {
      const { headers } = request;
      if (headers[HEADERS.signature] === undefined) return { problem: "it is not signed by a gateway" };
      if (!isSignedBy(keys, subgraph, request)) return { problem: "its signature is wrong" };
      const [time, nonce] = [Number(headers[HEADERS.time]), headers[HEADERS.nonce]];
      const caller = decodeCaller(headers[HEADERS.caller]);
      if (!caller || typeof nonce !== "string") return { problem: "its signature is of something else" };
      if (!(Math.abs(now() - time) <= WINDOW_MS)) {
        return { problem: `it was signed at another time; clocks may differ by ${WINDOW_MS / 1000} seconds` };
      }
      if (!(await nonces.add(nonce, time))) return { problem: "it was here before" };
      return { caller };
    },
    hasSigned: (headers, body) => headers[HEADERS.digest] === digestOfBody(body),
  };
}
