/**
 * Can a page of another site have sent this request without being allowed to?
 *
 * A browser sends "simple" requests to any site, cookies included, and asks first (a preflight) for all others. A POST is
 * never simple here: its body must be `application/json`. A GET is only executed if a browser says that no other site sent
 * it, or if it has a header that makes browsers ask first: a browser that says nothing may send it for any page.
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
  // A browser that sends no origin may still say where the page comes from.
  const origin =
    headers.origin ?? (referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined);
  const site = headers["sec-fetch-site"];
  const isOfPage =
    origin !== undefined
      ? isAllowedOrigin(origin) || (host !== undefined && hostOf(origin) === host && !isForeign(site))
      : // Of another site's page, a browser's script sends the origin in this mode.
        isOwn(site) || (site === undefined && headers["sec-fetch-mode"] === "cors");
  if (isOfPage) return;
  throw new RequestError(
    403,
    "CSRF_REFUSED",
    `Cannot execute: a page of another site may have sent this request; send it as POST with application/json, or with the header ${PREFLIGHTED[1]}`,
  );
}

/**
 * Whether a page of another site opens a WebSocket, which browsers ask nobody for. They always say where it comes from: who
 * says nothing is no browser.
 */
export function isForeignPage(
  { origin, host }: IncomingHttpHeaders,
  isAllowedOrigin: (origin: string) => boolean,
): boolean {
  return origin !== undefined && !isAllowedOrigin(origin) && (host === undefined || hostOf(origin) !== host);
}

/** What browsers say of their own pages, and of what a person has typed in. */
function isOwn(site: unknown): boolean {
  return site === "same-origin" || site === "none";
}

function isForeign(site: unknown): boolean {
  return hasText(site) && !isOwn(site);
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
