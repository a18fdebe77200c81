/**
 * Can a page of another site have sent this request without being allowed to?
 *
 * A browser sends "simple" requests to any site, cookies included, and asks first (a preflight) for all others. A POST is
 * never simple here: its body must be `application/json`. A GET is refused if a browser says that another site sent it,
 * unless it has a header that makes browsers ask first. Programs that are not browsers send none of these headers.
 */
import type { IncomingHttpHeaders } from "node:http";
import { RequestError } from "./request-error.ts";

/** Their presence makes a request one that browsers ask for first. */
const PREFLIGHTED = ["x-apollo-operation-name", "apollo-require-preflight", "graphql-require-preflight"];
const SIMPLE_TYPES: ReadonlySet<string> = new Set([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
]);

/** Throws a RequestError for a GET that a page of another site may have sent. */
export function assertNotForged(headers: IncomingHttpHeaders, isAllowedOrigin: (origin: string) => boolean): void {
  if (PREFLIGHTED.some((name) => hasText(headers[name])) || isPreflightedType(headers["content-type"])) return;
  const { host, referer } = headers;
  // A browser that sends no origin may still say where it comes from.
  const origin =
    headers.origin ?? (referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined);
  const isForeignOrigin = origin !== undefined && !isAllowedOrigin(origin) && hostOf(origin) !== host;
  const site = headers["sec-fetch-site"];
  const isForeignSite = hasText(site) && site !== "same-origin" && site !== "none" && !isAllowed(origin);
  if (!isForeignOrigin && !isForeignSite) return;
  throw new RequestError(
    403,
    "CSRF_REFUSED",
    `Cannot execute: a page of another site may have sent this request; send it as POST with application/json, or with the header ${PREFLIGHTED[1]}`,
  );

  function isAllowed(from: string | undefined): boolean {
    return from !== undefined && isAllowedOrigin(from);
  }
}

function isPreflightedType(type: string | undefined): boolean {
  const essence = type?.split(";")[0]?.trim().toLowerCase();
  return hasText(essence) && !SIMPLE_TYPES.has(essence);
}

function hasText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
