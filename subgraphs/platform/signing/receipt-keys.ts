/**
 * By which key does the ledger sign?
 *
 * A private key of Ed25519 as a JSON Web Key (RFC 8037), or a JSON Web Key Set: the first signs, and the others are still
 * published, for what they have signed. Of those the public part is enough: a private key that signs no more is best
 * destroyed. A key is named by its thumbprint (RFC 7638).
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { z } from "zod";

/** Of Ed25519. */
export interface PublicKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: "EdDSA";
}

export interface ReceiptKeys {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** A JSON Web Key Set of all of them, without what is private. */
  readonly published: { readonly keys: readonly PublicKey[] };
}

const Key = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string(), d: z.string().optional() });
const Keys = z.union([z.object({ keys: z.array(Key).min(1) }), Key.transform((key) => ({ keys: [key] }))]);

/** Throws an Error, which repeats nothing of the text. */
export function readReceiptKeys(text: string): ReceiptKeys {
  const all = readAll(text);
  const keys = all.map(publishedOf);
  const [[first], [published]] = [all, keys];
  if (!first || !published) throw new Error("there must be a key");
  const { d } = first;
  if (d === undefined) throw new Error("the first key signs, and must be a private one");
  return { kid: published.kid, privateKey: privateKeyOf({ ...first, d }), published: { keys } };
}

/** As text that can be read again. */
export function newReceiptKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return JSON.stringify(privateKey.export({ format: "jwk" }));
}

function readAll(text: string): readonly z.infer<typeof Key>[] {
  try {
    return Keys.parse(JSON.parse(text)).keys;
  } catch {
    throw new Error(
      "expected a private Ed25519 key as a JSON Web Key, or a set of them, as npm run ledger -- key prints",
    );
  }
}

function publishedOf(key: z.infer<typeof Key>): PublicKey {
  const { kty, crv, d, x } = key;
  let signing: string | undefined;
  try {
    const pair = d === undefined ? { key: { kty, crv, x }, format: "jwk" as const } : privateKeyOf({ kty, crv, x, d });
    const publicKey = createPublicKey(pair);
    signing = publicKey.export({ format: "jwk" }).x;
  } catch {
    throw new Error(`its ${d === undefined ? "public" : "private"} key cannot be read`);
  }
  // Node takes any `x` beside a private key: what is published must be of the key that signs.
  if (signing !== x) throw new Error("its public key is not that of its private key");
  const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
  return { kty, crv, x, kid, use: "sig", alg: "EdDSA" };
}

function privateKeyOf(key: z.infer<typeof Key> & { readonly d: string }): KeyObject {
  return createPrivateKey({ key, format: "jwk" });
}
