/** What do the headers, the body and an error message of a reply mean? */
import type { z } from "zod";

type Header = string | string[] | undefined;

/** Characters of an upstream's message. */
const MAX_DETAIL = 200;

/** undefined for a text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * `Retry-After` as milliseconds: whole seconds, or an HTTP date to come. Undefined for anything else, such as two headers
 * joined by a comma, which `Date.parse` would read as a date. A date counts from the `Date` of the same reply, because the
 * clock here may be wrong.
 */
export function retryAfter(header: Header, date?: Header): number | undefined {
  const text = textOf(header);
  if (/^(?:\d{1,13}|[1-9]\d{0,9}\.\d{1,9})$/.test(text)) return Number(text) * 1000;
  const ms = (httpDate(text) ?? Number.NaN) - (httpDate(date) ?? Date.now());
  return ms > 0 ? ms : undefined;
}

/** When to come back after a failed call, in milliseconds: `Retry-After`, or of a 429 `X-RateLimit-Reset`. */
export function comeBackAfter(status: number, headers: Headers): number | undefined {
  const ms = retryAfter(headers["retry-after"], headers["date"]);
  if (ms !== undefined || status !== 429) return ms;
  const reset = retryAfter(headers["x-ratelimit-reset"]);
  // Seconds from now, or seconds or milliseconds since the epoch: it is not documented which.
  if (reset === undefined || reset < EPOCH_MS) return reset;
  const at = reset < EPOCH_MS * 1000 ? reset : reset / 1000;
  return Math.max(0, at - (httpDate(headers["date"]) ?? Date.now()));
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;
const EPOCH_MS = 1_000_000_000_000;

/** Of a header that was sent several times, the one value that all have. */
function textOf(header: Header): string {
  const [text = "", ...others] = new Set([header ?? ""].flat().map((value) => value.trim()));
  return others.length === 0 ? text : "";
}

/** Milliseconds since the epoch. */
function httpDate(header: Header): number | undefined {
  const text = textOf(header);
  const [, day, clock = ""] = DATES.map((form) => form.exec(text)).find((match) => match !== null) ?? [];
  return day === undefined ? undefined : Date.parse(`${day.replaceAll("-", " ")} ${clock} GMT`);
}

/** The forms of an HTTP date (RFC 9110, 5.6.7); only the first is still written. Each has the day and the time of day. */
const DATES = [
  /^[A-Z][a-z]{2}, (\d\d [A-Z][a-z]{2} \d{4}) (\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (\d\d-[A-Z][a-z]{2}-\d\d) (\d\d:\d\d:\d\d) GMT$/,
];

/** An upstream's message as one short line; of an HTML page its title. One that repeats a secret is left out as a whole. */
export function detailOf(text: string | undefined, secrets: readonly string[] = []): string | undefined {
  const message = text?.trimStart().startsWith("<") ? /<title[^>]*>([^<]*)/i.exec(text)?.[1] : text;
  if (message !== undefined && secrets.some((secret) => repeats(message, secret))) return REPEATS;
  return (
    message
      ?.replaceAll(/[\s\p{Cc}]+/gu, " ")
      .trim()
      .slice(0, MAX_DETAIL) || undefined
  );
}

const REPEATS = "its message repeats what was sent";
/** A secret is recognised by so many of its characters: the message may have cut it. */
const RECOGNISED = 8;

function repeats(message: string, secret: string): boolean {
  return secret.length >= RECOGNISED && message.includes(secret.slice(0, RECOGNISED));
}

/** The invalid fields and what was expected, without their values: a reply may contain personal data. */
export function describeProblems(error: z.ZodError): string {
  const named = error.issues.slice(0, 3).map((issue) => `${issue.path.join(".") || "(body)"}: ${issue.message}`);
  const more = error.issues.length - named.length;
  return more > 0 ? `${named.join("; ")} (and ${more} more)` : named.join("; ");
}
