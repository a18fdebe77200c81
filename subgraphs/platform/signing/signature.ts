/**
 * What does a gateway sign of a request to a subgraph?
 *
 * Its method and path, the digest of its body, which subgraph it is for, and its headers: the request's id, `cache-control`,
 * `traceparent`, and all that begin with `x-decibel-`. So whoever adds, changes or removes one of ours breaks the signature, also one that is
 * not invented yet. The caller, the time and the nonce are such headers.
 */
import { createHmac, createSecretKey, hash, randomUUID, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Caller } from "../caller.ts";
import { REQUEST_ID } from "../request-id.ts";
import { TRACEPARENT } from "../tracing/traceparent.ts";
import { encodeCaller } from "./caller-header.ts";

export const HEADERS = {
  caller: "x-decibel-caller",
  digest: "x-decibel-digest",
  nonce: "x-decibel-nonce",
  signature: "x-decibel-signature",
  time: "x-decibel-time",
} as const;

export interface SignedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface SentRequest extends SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly caller: Caller;
}

/** Gives the headers of a request with those that sign it. Each signature is good for one request. */
export type Sign = (request: SentRequest) => Readonly<Record<string, string>>;

export interface SignerOptions {
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const OURS = "x-decibel-";
const COVERED: ReadonlySet<string> = new Set(["cache-control", REQUEST_ID, TRACEPARENT]);
const VERSION = "decibel 1";

/** By the first of the secrets; undefined where there is none, and requests are not signed. */
export function signerBy(
  [secret]: readonly string[],
  now: SignerOptions["now"],
): ReturnType<typeof createSigner> | undefined {
  return secret === undefined ? undefined : createSigner({ secret, now });
}

/** For requests to the subgraph of this name. */
export function createSigner({ secret, now }: SignerOptions): (subgraph: string) => Sign {
  const key = signingKey(secret);
  return (subgraph) =>
    ({ method, path, headers: given, body, caller }) => {
      const headers = {
        ...given,
        [HEADERS.caller]: encodeCaller(caller),
        [HEADERS.digest]: digestOfBody(body),
        [HEADERS.nonce]: randomUUID(),
        [HEADERS.time]: String(now()),
      };
      const signature = signatureOf(key, subgraph, { method, path, headers }).toString("base64url");
      return { ...headers, [HEADERS.signature]: signature };
    };
}

export function signingKey(secret: string): KeyObject {
  return createSecretKey(secret, "utf8");
}

export function digestOfBody(body: string | Uint8Array): string {
  return hash("sha256", body, "base64url");
}

/** Whether one of the keys has signed it for this subgraph. */
export function isSignedBy(keys: readonly KeyObject[], subgraph: string, request: SignedRequest): boolean {
  const given = Buffer.from(String(request.headers[HEADERS.signature]), "base64url");
  return keys.some((key) => {
    const good = signatureOf(key, subgraph, request);
    return given.length === good.length && timingSafeEqual(given, good);
  });
}

/** No part contains a line break: HTTP allows none. */
function signatureOf(key: KeyObject, subgraph: string, { method, path, headers }: SignedRequest): Buffer {
  const covered = Object.entries(headers)
    .filter(([name]) => name !== HEADERS.signature && (name.startsWith(OURS) || COVERED.has(name)))
    .map(([name, value]) => `${name}:${String(value)}`)
    .toSorted();
  return createHmac("sha256", key)
    .update([VERSION, subgraph, method, path, ...covered].join("\n"))
    .digest();
}
