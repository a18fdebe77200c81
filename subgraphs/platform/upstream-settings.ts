/**
 * How does an upstream declare its environment variables?
 *
 * As fields of its account, each with its variable and a schema. Credentials are set all or none; without them the sandbox
 * replaces the upstream. Every other setting has a default.
 */
import { z } from "zod";

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

export const httpUrl = z.url({ protocol: /^https?$/ });
