/**
 * How does an upstream declare its environment variables?
 *
 * As fields of its account, each with the variable it comes from and a check. Credentials are set all or none: without
 * them, the upstream's sandbox takes its place. Every other setting has a default.
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
  /** One word, as logs, errors and folders have it: `spotify-ads`. */
  readonly name: string;
  /** For people: `Spotify Ads (SPOTIFY_ADS_…)`. */
  readonly title: string;
  /** The port its sandbox listens on where no variable says otherwise. */
  readonly sandboxPort: number;
  readonly fields: { readonly [Field in keyof Account]: AccountField<Account[Field]> };
}

/** Declares an upstream's settings; the account's type follows from its fields. */
export function upstreamSettings<Account extends object>(
  settings: UpstreamSettings<Account>,
): UpstreamSettings<Account> {
  return settings;
}

/** Part of the account: set with all others of the upstream, or not at all. */
export function credential(variable: string, schema: z.ZodType<string, string> = z.string()): AccountField<string> {
  return { variable, schema, isCredential: true };
}

/** May be left out: `schema` has the default. */
export function setting<Value>(variable: string, schema: z.ZodType<Value, string | undefined>): AccountField<Value> {
  return { variable, schema, isCredential: false };
}

export const httpUrl = z.url({ protocol: /^https?$/ });
