/**
 * Which audiences does the ad account have, and how is one created exactly once?
 *
 * Spotify allows two audiences with one name, so an audience is looked up before it is created. An idempotency key covers
 * the time in between: a concurrent repeat gets 409 instead of creating a second one. (The header is documented for
 * campaigns, ad sets and ads, and assumed for audiences; the lookup and `once` do not depend on it.) A created audience is empty: the
 * owner of the customer list uploads its members to Spotify, never this process.
 */
import { z } from "zod";
import { itemsOf, orNull } from "../../platform/items.ts";
import type { Results } from "../../platform/results.ts";
import { withoutRepeats } from "../../platform/once.ts";
import type { Once } from "../../platform/once.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { retryAfter } from "../../platform/http-reply.ts";
import type { Reply } from "../../platform/upstream.ts";
import type { AdsConnection } from "./connection.ts";

export interface AdsAudience {
  readonly id: string;
  readonly name: string;
  /** `EMPTY`, `PROCESSING`, `LEARNING`, `BOOKABLE`, `LIVE`, or a future value; archived ones are omitted. */
  readonly status: string;
}

export interface AdsAudiences {
  /** By name; audiences with the same name oldest first. Those that cannot be read come last. */
  audiences(): Promise<Results<AdsAudience>>;
  /** The id of the audience with this name; creates it if there is none. */
  ensureAudience(name: string, idempotencyKey: string, once?: Once): Promise<string>;
}

interface Page {
  /** null if it cannot be read. */
  readonly total: number | null;
  readonly audiences: Results<AdsAudience & { readonly createdAt: string }>;
}

const PAGE_SIZE = 50;
const CONFLICT = 409;
/** Lengths of names that the API accepts, in UTF-16 code units. */
const MIN_LENGTH = 2;
const MAX_LENGTH = 80;
const ID_AT_THE_END = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\/?$)/;

const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? "");
const AudienceReply = z
  .object({
    id: z.string(),
    name: Text,
    status: z
      .string()
      .nullish()
      .transform((status) => status ?? "PROCESSING"),
    created_at: Text,
  })
  .transform(({ created_at: createdAt, ...audience }) => ({ ...audience, createdAt }));
const PageReply: z.ZodType<Page> = z
  .object({
    paging: orNull(z.object({ total_results: z.int() }).transform((paging) => paging.total_results)),
    audiences: itemsOf("spotify-ads").list("audience", AudienceReply),
  })
  .transform(({ paging: total, audiences }) => ({ total, audiences }));

/** The places of a conflict's code and URI were observed, not documented. */
const AudienceOrConflict = z
  .object({
    id: z.string().optional(),
    error_code: z.string().optional().catch(undefined),
    error_codes: z.array(z.object({ code: z.string() })).catch([]),
    resource_uri: z.string().catch(""),
  })
  .transform(({ id, error_code, error_codes, resource_uri: resourceUri }) => ({
    id,
    code: error_code ?? error_codes[0]?.code ?? "CONFLICT",
    resourceUri,
  }));
type Answer = z.infer<typeof AudienceOrConflict>;

export function createAdsAudiences({ account, get, write }: AdsConnection): AdsAudiences {
  const path = `${account}/audiences`;
  return { audiences, ensureAudience };

  async function audiences(): Promise<Results<AdsAudience>> {
    const found: Page["audiences"][number][] = [];
    let total: number | null = null;
    for (let page: Page | undefined; page === undefined || isMore(page, found.length);) {
      const query = { limit: PAGE_SIZE, offset: found.length, sort_field: "NAME", sort_direction: "ASC" };
      page = await get(path, query, PageReply);
      ({ total } = page);
      found.push(...page.audiences);
    }
    // One that is left out would be made a second time.
    if (total !== null && found.length < total) {
      throw new UpstreamError("spotify-ads", "UNEXPECTED", `it listed ${found.length} of ${total} audiences`);
    }
    const known = found
      .flatMap((audience) => (audience instanceof Error ? [] : [audience]))
      .filter(({ status }) => status !== "ARCHIVED")
      .toSorted((a, b) => compare(a.name, b.name) || compare(a.createdAt, b.createdAt) || compare(a.id, b.id))
      .map(({ createdAt: _createdAt, ...audience }) => audience);
    return [...known, ...found.filter((audience) => audience instanceof Error)];
  }

  async function ensureAudience(name: string, idempotencyKey: string, once = withoutRepeats): Promise<string> {
    if (name.length < MIN_LENGTH || name.length > MAX_LENGTH || name !== name.trim()) {
      throw new RangeError(
        `name is ${MIN_LENGTH} to ${MAX_LENGTH} characters without blanks around, but got "${name}"`,
      );
    }
    const existing = await idOf(name);
    if (existing !== undefined) return existing;
    const create = {
      method: "POST",
      path,
      headers: { "idempotency-key": idempotencyKey },
      json: { audience_type: "CUSTOM", subtype: "CUSTOMER_LIST", name },
      answers: [CONFLICT],
      reply: AudienceOrConflict,
    } as const;
    const { status, headers, body } = await once(idempotencyKey, () => write(create));
    if (status === CONFLICT) return idAfterConflict(name, body, headers);
    if (body.id !== undefined) return body.id;
    throw new UpstreamError("spotify-ads", "UNEXPECTED", "it answered unexpectedly: id: missing", { status });
  }

  async function idAfterConflict(name: string, { code, resourceUri }: Answer, headers: Reply<unknown>["headers"]) {
    if (code === "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED") {
      const id = ID_AT_THE_END.exec(resourceUri)?.[0] ?? (await idOf(name));
      if (id !== undefined) return id;
    }
    // A completed request whose audience is not visible yet is retryable. A reused key or an unknown code is not.
    const retryable = code === "IDEMPOTENCY_REQUEST_IN_PROGRESS" || code === "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED";
    throw new UpstreamError("spotify-ads", "STATUS", `it answered ${CONFLICT}: ${code}`, {
      status: CONFLICT,
      detail: code,
      retryAfterMs: retryAfter(headers["retry-after"], headers["date"]),
      retryable,
    });
  }

  async function idOf(name: string): Promise<string | undefined> {
    const found = (await audiences()).find((audience) => !(audience instanceof Error) && audience.name === name);
    return found instanceof Error ? undefined : found?.id;
  }
}

function isMore({ total, audiences }: Page, read: number): boolean {
  return total === null ? audiences.length === PAGE_SIZE : audiences.length > 0 && read < total;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
