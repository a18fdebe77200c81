/**
 * How does an upstream declare its environment variables?
 *
 * As fields of its account, each with its variable and a schema. Credentials are set all or none; without them the sandbox
 * replaces the upstream. Every other setting has a default.
 */
import { z } from "zod";
import { isLoopback } from "./hosts.ts";

/** One field of an account. */
export interface AccountField<Value> {
  /** `MEGAPHONE_TOKEN` */
  readonly variable: string;
  readonly schema: z.ZodType<Value, string | undefined>;
  readonly isCredential: boolean;
}

export interface UpstreamSettings<Account extends object = Readonly<Record<string, unknown>>> {
  /** In logs, errors and folders: `spotify-ads`. */
  readonly name: string;
  /** For people: `Spotify Ads (SPOTIFY_ADS_…)`. */
  readonly title: string;
  /** The default port of its sandbox. */
  readonly sandboxPort: number;
  /** Whether facts are read from it: how old they may be has variables too. */
  readonly hasFacts: boolean;
  readonly fields: { readonly [Field in keyof Account]: AccountField<Account[Field]> };
}

/** Declares an upstream's settings; the account's type follows from its fields. */
export function upstreamSettings<Account extends object>(
  settings: UpstreamSettings<Account>,
): UpstreamSettings<Account> {
  return settings;
}

/** A part of the account: set with all others, or none. */
export function credential(variable: string, schema: z.ZodType<string, string> = z.string()): AccountField<string> {
  return { variable, schema, isCredential: true };
}

/** Optional: `schema` has the default. */
export function setting<Value>(variable: string, schema: z.ZodType<Value, string | undefined>): AccountField<Value> {
  return { variable, schema, isCredential: false };
}

const anyHttpUrl = z.url({ protocol: /^https?$/ });
const has = (url: string, parts: readonly ("username" | "password" | "search" | "hash")[]): boolean =>
  URL.canParse(url) && parts.some((part) => new URL(url)[part] !== "");

/** Of an API. What would not be sent with every call is refused, and no message repeats it. */
export const httpUrl = anyHttpUrl
  .refine((url) => !has(url, ["username", "password"]), "expected no user and password in it: they would not be sent")
  .refine((url) => !has(url, ["search", "hash"]), 'expected nothing behind "?" or "#": it would not be sent');

/** Of one address. A user and a password in it are sent as HTTP Basic authentication. */
export const callUrl = anyHttpUrl.refine(isDecodable, "expected its user and password percent-encoded");

/** Encrypted, unless it is of this machine. `why` others cannot be trusted. */
export function httpsUrl(why: string): z.ZodType<string, string> {
  const isTrusted = (url: string): boolean => {
    const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: "", hostname: "" };
    return protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[(.*)\]$/, "$1")));
  };
  return z
    .string()
    .refine(isTrusted, `expected a URL that begins with https://, because ${why}`)
    .refine(
      (url) => !has(url, ["username", "password"]),
      "expected no user and password in it: they would not be sent",
    );
}

/** Whether a user and a password in it, if there are any, are percent-encoded. */
export function isDecodable(url: string): boolean {
  return !has(url, ["username", "password"]) || basicOf(new URL(url)) !== undefined;
}

/** The `authorization` header of a URL's user and password; undefined without any, or where they cannot be decoded. */
export function basicOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString("base64")}`;
  } catch {
    return undefined;
  }
}
