/**
 * Which trace does a request belong to, by its headers?
 *
 * By W3C Trace Context: `traceparent` names a trace, a span of it, and whether it is recorded. `tracestate` is not read: it is
 * a text of whoever sent it, and nothing here needs it.
 */
export const TRACEPARENT = "traceparent";

export interface RemoteSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Of version 00, or of a later one, whose values begin with the same. */
const FORMAT = /^(?!ff)([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** undefined for what names none. */
export function readTraceparent(header: string | readonly string[] | undefined): RemoteSpan | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = FORMAT.exec(String(header)) ?? [];
  if (version === undefined || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Of a span that is recorded. */
export function writeTraceparent({ traceId, spanId }: Pick<RemoteSpan, "traceId" | "spanId">): string {
  return `00-${traceId}-${spanId}-01`;
}
