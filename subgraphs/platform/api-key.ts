/**
 * What is an API key?
 *
 * `dbk_`, 256 random bits, and a checksum. The prefix is what scanners for leaked secrets look for; the checksum tells a key
 * with a typing error, or the end of it cut off, from one that is not known, without asking anybody.
 *
 * Only its SHA-256 is kept. A slow hash makes guessing passwords dear; 256 random bits cannot be guessed at any price, so it
 * would only make each request dear.
 */
import { hash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

/** What is known of a key, without the key. Plain data: it is sent between processes. */
export interface ApiKey {
  readonly id: string;
  readonly scopes: readonly string[];
  /** undefined for all. */
  readonly accounts?: readonly string[] | undefined;
  /** Milliseconds since the epoch; undefined for no end. */
  readonly expiresAt?: number | undefined;
}

/** undefined for a key that was never issued, or was revoked. Rejects where nobody knows. */
export type FindApiKey = (digest: string) => Promise<ApiKey | undefined>;

const PREFIX = "dbk_";
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62 ^ 43 is above 2 ^ 256. */
const SECRET_LENGTH = 43;
/** 62 ^ 6 is above 2 ^ 32. */
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^${PREFIX}[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

/** `draw` gives a whole number below its argument. */
export function createApiKey(draw: (below: number) => number = randomInt): string {
  const secret = Array.from({ length: SECRET_LENGTH }, () => LETTERS.charAt(draw(LETTERS.length))).join("");
  return `${PREFIX}${secret}${checksumOf(secret)}`;
}

export function looksLikeApiKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** Whether nothing of it is missing or mistyped. */
export function isApiKey(text: string): boolean {
  if (!FORM.test(text)) return false;
  const secret = text.slice(PREFIX.length, -CHECKSUM_LENGTH);
  return checksumOf(secret) === text.slice(-CHECKSUM_LENGTH);
}

/** By which it is found. */
export function digestOf(key: string): string {
  return hash("sha256", key, "base64url");
}

function checksumOf(secret: string): string {
  let rest = crc32(`${PREFIX}${secret}`);
  let text = "";
  while (text.length < CHECKSUM_LENGTH) {
    text = `${LETTERS.charAt(rest % LETTERS.length)}${text}`;
    rest = Math.floor(rest / LETTERS.length);
  }
  return text;
}
