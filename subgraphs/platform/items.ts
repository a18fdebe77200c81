/**
 * How does one bad item of an upstream's list cost only that item?
 *
 * Each item is parsed by itself. One that does not fit its schema is an ItemError in its place, which names the upstream,
 * the item and the field. Whoever needs the item gets that error; a list that can be shown without it is shown, and the
 * error is logged. A schema requires only what is used. The price: an item that nobody can use does not fail a call, so
 * callers handle two kinds of items.
 */
import type { Logger } from "pino";
import { z } from "zod";
import { describeProblems } from "./http-reply.ts";
import { withoutErrors } from "./results.ts";
import type { Results } from "./results.ts";
import { UpstreamError } from "./upstream-error.ts";

/** Nothing of the item but its id is in it: an item may be personal data. */
export class ItemError extends UpstreamError {
  /** `campaign 8f0c…`, or `campaign #3` by its place in the list if its id cannot be read. */
  readonly item: string;
  /** The path of the first field that does not fit; empty if it is the whole item. */
  readonly field: string;
  /** undefined if it cannot be read. */
  readonly id: string | undefined;
  /** The id of what the item belongs to, where its list has several owners; undefined if it cannot be read. */
  readonly ownerId: string | undefined;

  constructor(upstream: string, { item, field, problem, id, ownerId }: BadItem) {
    super(upstream, "UNEXPECTED", `it answered unexpectedly: ${item}: ${problem}`);
    this.item = item;
    this.field = field;
    this.id = id;
    this.ownerId = ownerId;
  }
}

export interface BadItem {
  readonly item: string;
  readonly field: string;
  readonly problem: string;
  readonly id?: string | undefined;
  readonly ownerId?: string | undefined;
}

export interface ItemOptions {
  /** The field with the item's id. Default `id`. */
  readonly id?: string;
  /** The field with the id of what it belongs to. */
  readonly owner?: string;
}

/** How the items of one upstream are parsed. */
export interface ItemParser {
  /** One item; `place` is its index in the list, or the id it was asked for by. */
  item<T>(
    kind: string,
    schema: z.ZodType<T>,
    raw: unknown,
    place: number | string,
    options?: ItemOptions,
  ): T | ItemError;
  /** Each item by itself. */
  list<T>(kind: string, schema: z.ZodType<T>, options?: ItemOptions): z.ZodType<Results<T>>;
}

export function itemsOf(upstream: string): ItemParser {
  return { item, list };

  function item<T>(
    kind: string,
    schema: z.ZodType<T>,
    raw: unknown,
    place: number | string,
    { id: idField = "id", owner }: ItemOptions = {},
  ): T | ItemError {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    const id = typeof place === "string" ? place : idIn(raw, idField);
    return new ItemError(upstream, {
      item: `${kind} ${id ?? `#${place}`}`,
      field: parsed.error.issues[0]?.path.join(".") ?? "",
      problem: describeProblems(parsed.error),
      id,
      ownerId: owner === undefined ? undefined : idIn(raw, owner),
    });
  }

  function list<T>(kind: string, schema: z.ZodType<T>, options?: ItemOptions): z.ZodType<Results<T>> {
    return z.array(z.unknown()).transform((all) => all.map((raw, index) => item(kind, schema, raw, index, options)));
  }
}

/** null for what is missing or cannot be read and the caller can do without, such as a total. */
export function orNull<T>(schema: z.ZodType<T>): z.ZodType<T | null> {
  return z
    .unknown()
    .optional()
    .transform((raw) => schema.safeParse(raw).data ?? null);
}

export interface ById<T> {
  /** An item whose id cannot be read may be any of those that are not found: it is the error of all of them. */
  get(id: string): T | Error | undefined;
}

export function byId<T>(items: Results<T>, idOf: (item: T) => string): ById<T> {
  const found = new Map<string, T | Error>();
  let nameless: Error | undefined;
  for (const item of items) {
    if (!(item instanceof Error)) found.set(idOf(item), item);
    else if (item instanceof ItemError && item.id !== undefined) found.set(item.id, item);
    else nameless ??= item;
  }
  return { get: (id) => found.get(id) ?? nameless };
}

/** At most this many are named in one line of the log. */
const MAX_NAMED = 10;
const reported = new WeakSet<Error>();

/** The items that could be read, for a list that is shown without the others. Each of those is logged once. */
export function readable<T>(log: Pick<Logger, "warn">, items: Results<T>): readonly T[] {
  const errors = items.filter((item) => item instanceof Error);
  reportUnreadable(log, errors);
  return withoutErrors(items);
}

/** Logs the errors that were not logged yet, in one line. */
export function reportUnreadable(log: Pick<Logger, "warn">, errors: readonly Error[]): void {
  const fresh = errors.filter((error) => !reported.has(error));
  const [first] = fresh;
  if (!first) return;
  for (const error of fresh) reported.add(error);
  log.warn(
    {
      ...(first instanceof UpstreamError && { upstream: first.upstream }),
      items: fresh.slice(0, MAX_NAMED).map((error) => (error instanceof ItemError ? nameOf(error) : error.message)),
      leftOut: fresh.length,
    },
    `shown without what cannot be read: ${first.message}`,
  );
}

function nameOf({ item, field }: ItemError): string {
  return field === "" ? item : `${item}: ${field}`;
}

/** An id is shown if it looks like one: nothing else of an item is in messages. */
function idIn(raw: unknown, field: string): string | undefined {
  const value =
    typeof raw === "object" && raw !== null ? Object.entries(raw).find(([name]) => name === field)?.[1] : null;
  return typeof value === "string" && ID.test(value) ? value : undefined;
}
const ID = /^[\w:+/-]{1,256}={0,2}$/;
