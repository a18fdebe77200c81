/** What do the headers, the body and an error message of a reply mean? */
import type { z } from "zod";

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

/** `Retry-After` as milliseconds: seconds, or an HTTP date. */
export function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** An upstream's message as one short line; of an HTML page its title. */
export function detailOf(text: string | undefined): string | undefined {
  const message = text?.trimStart().startsWith("<") ? /<title[^>]*>([^<]*)/i.exec(text)?.[1] : text;
  return (
    message
      ?.replaceAll(/[\s\p{Cc}]+/gu, " ")
      .trim()
      .slice(0, MAX_DETAIL) || undefined
  );
}

/** The invalid fields and what was expected, without their values: a reply may contain personal data. */
export function describeProblems(error: z.ZodError): string {
  const named = error.issues.slice(0, 3).map((issue) => `${issue.path.join(".") || "(body)"}: ${issue.message}`);
  const more = error.issues.length - named.length;
  return more > 0 ? `${named.join("; ")} (and ${more} more)` : named.join("; ");
}
