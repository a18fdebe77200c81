/**
 * Which pages of the model list are read?
 *
 * All of them, as each says how to go on: by a link to the next one, by the number of a page, or by the index of its first
 * model. Whether pages count from 0 or from 1 shows by itself: the first page comes again, once. A service that ignores
 * what is requested answers its first page for ever; a list that ends before its total is not complete. Both are errors:
 * a model that is silently left out would be taken for one that is not deployed.
 */
import type { Query } from "../../platform/http-request.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { Page } from "./listing.ts";

export interface PageRequest {
  /** Below the base URL. */
  readonly path: string;
  readonly query?: Query;
}

/** All entries, those of each page in their order. Throws an UpstreamError where some are missing. */
export async function readPages(
  baseUrl: string,
  path: string,
  read: (request: PageRequest) => Promise<Page>,
): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  const seen = new Set<string>();
  let request: PageRequest = { path };
  let number: number | undefined;
  let isShifted = false;
  for (let pagesRead = 1; pagesRead <= MAX_PAGES; pagesRead += 1) {
    const page = await read(request);
    const added = page.entries.filter((entry) => !seen.has(JSON.stringify(entry)));
    for (const entry of added) seen.add(JSON.stringify(entry));
    entries.push(...added);
    const isMissing = page.total !== undefined && entries.length < page.total;
    const linked = linkedBy(page, baseUrl, path);

    if (added.length > 0) {
      if (!isMissing && !continues(page, pagesRead)) return entries;
      if (number !== undefined && page.number !== undefined && page.number > number + 1) {
        throw unexpected(`it answered page ${page.number} of its models where page ${number + 1} follows`);
      }
      number = page.number ?? number;
      request = linked ?? countedBy(page, request, path);
    } else if (page.entries.length === 0) {
      if (!isMissing && !linked) return entries;
      if (!linked) throw unexpected(incomplete(page, entries.length));
      request = linked;
    } else {
      if (!isMissing && page.total !== undefined) return entries;
      const following = isShifted ? undefined : afterPage(request);
      if (!following) throw unexpected(incomplete(page, entries.length));
      isShifted = true;
      request = following;
    }
  }
  throw unexpected(`it lists its models on more than ${MAX_PAGES} pages`);
}

/** Far more than any tenant has. */
const MAX_PAGES = 100;
const PAGE = "page";

/** Whether a reply says that more follow, apart from its total. */
function continues({ entries, total, pages, size, isContinued, next }: Page, pagesRead: number): boolean {
  if (isContinued || next !== undefined) return true;
  if (pages !== undefined) return pagesRead < pages;
  // Without a total, only a page that is not full is known to be the last one.
  return total === undefined && size !== undefined && size > 0 && entries.length >= size;
}

/** Undefined without a link, and for one to another origin: the token is not sent there. */
function linkedBy({ next }: Page, baseUrl: string, path: string): PageRequest | undefined {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/$/, "");
  const here = `${base.origin}${prefix}${path}`;
  if (next === undefined || !URL.canParse(next, here)) return undefined;
  const url = new URL(next, here);
  if (url.origin !== base.origin) return undefined;
  // A proxy may have added the prefix: the service behind it does not know it.
  const isBelow = url.pathname.startsWith(`${prefix}/`);
  return {
    path: isBelow ? url.pathname.slice(prefix.length) : url.pathname,
    query: queryOf(url.searchParams),
  };
}

function countedBy({ number, start, entries }: Page, request: PageRequest, path: string): PageRequest {
  const requested = afterPage(request);
  if (requested) return requested;
  if (number === undefined && start) {
    return { path, query: { [start.parameter]: start.index + entries.length } };
  }
  return { path, query: { [PAGE]: (number ?? 0) + 1 } };
}

/** Where a page was requested by its number, the next one. */
function afterPage({ path, query }: PageRequest): PageRequest | undefined {
  const requested = query?.[PAGE];
  return typeof requested === "number" ? { path, query: { ...query, [PAGE]: requested + 1 } } : undefined;
}

function queryOf(parameters: URLSearchParams): Query {
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name)]));
}

function incomplete({ entries, total }: Page, listed: number): string {
  if (total !== undefined) return `it listed ${listed} of its ${total} models`;
  return `it answered the same ${entries.length} models again where the next page was requested`;
}

function unexpected(state: string): UpstreamError {
  return new UpstreamError("opentext", "UNEXPECTED", state);
}
