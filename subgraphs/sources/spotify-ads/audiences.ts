/**
 * Which audiences does the ad account have, and how does one come to be there exactly once?
 *
 * Spotify lets two audiences have one name, so whoever wants one looks for it before creating it. An idempotency key goes
 * along for the moment in between: a repeat that does not see the first yet is answered 409 instead of making a second.
 * (The header is documented for campaigns, ad sets and ads; that audiences heed it is assumed, and the look-up is what is
 * relied on.) An audience created here is a shell: its members are a customer list that is uploaded to Spotify by whoever
 * holds it and the consents in it, never by this process. All that its description requires is a type and a name.
 */
import { z } from "zod";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { retryAfter } from "../../platform/http-reply.ts";
import type { Reply } from "../../platform/upstream.ts";
import type { AdsConnection } from "./connection.ts";

export interface AdsAudience {
  readonly id: string;
  readonly name: string;
  /** `EMPTY`, `PROCESSING`, `LEARNING`, `BOOKABLE`, `LIVE`, or a word to come; archived ones are left out. */
  readonly status: string;
}

export interface AdsAudiences {
  /** By their names, and those of one name the oldest first. */
  audiences(): Promise<readonly AdsAudience[]>;
  /** The id of the audience of this name, which is created where there is none. */
  ensureAudience(name: string, idempotencyKey: string): Promise<string>;
}

interface Page {
  readonly total: number;
  readonly audiences: readonly (AdsAudience & { readonly createdAt: string })[];
}

const MOST = 50;
const CONFLICT = 409;
/** The bounds of the API, in UTF-16 code units. */
const SHORTEST = 2;
const LONGEST = 80;
const ID_AT_THE_END = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\/?$)/;

const PageReply: z.ZodType<Page> = z
  .object({
    paging: z.object({ total_results: z.int() }),
    audiences: z.array(
      z
        .object({
          id: z.string(),
          name: z.string(),
          status: z.string().default("PROCESSING"),
          created_at: z.string().default(""),
        })
        .transform(({ created_at: createdAt, ...audience }) => ({ ...audience, createdAt })),
    ),
  })
  .transform(({ paging, audiences }) => ({ total: paging.total_results, audiences }));

/** Where a conflict's code and the address stand was seen, not documented: at the top or in `error_codes`. */
const AudienceOrConflict = z
  .object({
    id: z.string().optional(),
    error_code: z.string().optional(),
    error_codes: z.array(z.object({ code: z.string() })).default([]),
    resource_uri: z.string().default(""),
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

  async function audiences(): Promise<readonly AdsAudience[]> {
    const found: Page["audiences"][number][] = [];
    for (let page: Page | undefined; page === undefined || (page.audiences.length > 0 && found.length < page.total);) {
      const query = { limit: MOST, offset: found.length, sort_field: "NAME", sort_direction: "ASC" };
      page = await get(path, query, PageReply);
      found.push(...page.audiences);
    }
    return found
      .filter(({ status }) => status !== "ARCHIVED")
      .toSorted((a, b) => compare(a.name, b.name) || compare(a.createdAt, b.createdAt) || compare(a.id, b.id))
      .map(({ createdAt: _createdAt, ...audience }) => audience);
  }

  async function ensureAudience(name: string, idempotencyKey: string): Promise<string> {
    if (name.length < SHORTEST || name.length > LONGEST || name !== name.trim()) {
      throw new RangeError(`name is ${SHORTEST} to ${LONGEST} characters without blanks around, but got "${name}"`);
    }
    const there = await idOf(name);
    if (there !== undefined) return there;
    const { status, headers, body } = await write({
      method: "POST",
      path,
      headers: { "idempotency-key": idempotencyKey },
      json: { audience_type: "CUSTOM", subtype: "CUSTOMER_LIST", name },
      answers: [CONFLICT],
      reply: AudienceOrConflict,
    });
    if (status === CONFLICT) return settled(name, body, headers);
    if (body.id !== undefined) return body.id;
    throw new UpstreamError("spotify-ads", "UNEXPECTED", "it answered unexpectedly: id: missing", { status });
  }

  async function settled(name: string, { code, resourceUri }: Answer, headers: Reply<unknown>["headers"]) {
    if (code === "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED") {
      const id = ID_AT_THE_END.exec(resourceUri)?.[0] ?? (await idOf(name));
      if (id !== undefined) return id;
    }
    // Done, but nowhere to be seen: it will be. A reused key is a mistake of ours, and an unknown outcome is for a person.
    const retryable = code === "IDEMPOTENCY_REQUEST_IN_PROGRESS" || code === "IDEMPOTENCY_REQUEST_ALREADY_COMPLETED";
    throw new UpstreamError("spotify-ads", "STATUS", `it answered ${CONFLICT}: ${code}`, {
      status: CONFLICT,
      detail: code,
      retryAfterMs: retryAfter(headers["retry-after"]),
      retryable,
    });
  }

  async function idOf(name: string): Promise<string | undefined> {
    return (await audiences()).find((audience) => audience.name === name)?.id;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
