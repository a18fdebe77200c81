/** Where are traces sent, and which? */

export const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

export interface TracingSettings {
  /** Of the collector; traces are sent to `/v1/traces` below it. */
  readonly endpoint: string;
  /** Sent to the collector. They may be secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly sampler: (typeof SAMPLERS)[number];
  /** Of all traces, 0 to 1, for the samplers by ratio. */
  readonly ratio: number;
  /** Whether they contain the documents of operations, without values. */
  readonly hasDocuments: boolean;
  /** Names of upstreams that are told which trace a call belongs to. */
  readonly toldUpstreams: readonly string[];
}

/** `name=value,name=value`, percent-encoded as in W3C Baggage; undefined for anything else. */
export function readHeaders(text: string): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = {};
  for (const one of text.split(",")) {
    const [, name, encoded] =
      /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)\s*$/.exec(one) ?? [];
    if (name === undefined || encoded === undefined) return undefined;
    try {
      headers[name.toLowerCase()] = decodeURIComponent(encoded);
    } catch {
      return undefined;
    }
    // It would end the header, and begin another one.
    if (/[^\x20-\x7e]/.test(headers[name.toLowerCase()] ?? "")) return undefined;
  }
  return headers;
}
