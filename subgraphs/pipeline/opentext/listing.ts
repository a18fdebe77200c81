/**
 * Which models are on one page of OpenText's model list, and how is the next page requested?
 *
 * The format of the list is not documented. So the list is found by what it holds: the one list of objects with keys, at
 * the top or inside of a few objects, as in HAL, Flowable and most others. Where there are several such lists, or
 * none, the page cannot be read, and the error names the fields that were seen. What stands beside the list, such as
 * totals and links, is known by its usual names.
 *
 * One malformed model must not hide the others: it is listed with what is wrong, and whoever needs it can tell.
 */
import { z } from "zod";

export interface OpenTextModel {
  readonly key: string;
  /** undefined where it cannot be read. */
  readonly version: number | undefined;
  /** Every name and id that is stated for its namespace; none where none is stated. */
  readonly namespace: readonly string[];
  /** What of it cannot be read: fields and kinds of values, never values. */
  readonly problem?: string | undefined;
}

/** A page as it was answered. */
export interface Page {
  /** All that the list holds, including what is no model. */
  readonly entries: readonly unknown[];
  /** Of entries on all pages. */
  readonly total: number | undefined;
  /** Of pages. */
  readonly pages: number | undefined;
  /** How many entries a page holds at most. */
  readonly size: number | undefined;
  /** The reply says that there is a next page, but not where. */
  readonly isContinued: boolean;
  /** The address of the next page. */
  readonly next: string | undefined;
  /** The number of this page, from 0 or from 1. */
  readonly number: number | undefined;
  /** The index of the first entry, and the parameter for it. */
  readonly start: { readonly parameter: string; readonly index: number } | undefined;
}

/** A page of the model list, in any format. */
export const ListReply: z.ZodType<Page> = z.unknown().transform((body, context) => {
  const lists = listsIn(body, 2);
  const [entries, ...others] = listOfModels(lists, body);
  if (entries && others.length === 0) return pageOf(entries, body);
  context.addIssue({ code: "custom", path: [], message: `expected one list of models, got ${shapeOf(body)}` });
  return z.NEVER;
});

/** The models among the entries of a page. An entry without a key is none. */
export function modelsOf(entries: readonly unknown[]): readonly OpenTextModel[] {
  return entries.flatMap((entry) => {
    const { key, version, ...stated } = isObject(entry) ? entry : {};
    if (typeof key !== "string" || key === "") return [];
    const number = wholeNumber(version);
    const problem = number === undefined ? `version: expected a whole number, got ${kindOf(version)}` : undefined;
    return [{ key, version: number, namespace: namespaceOf(stated), ...(problem !== undefined && { problem }) }];
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** Entries and characters of a message. */
const MAX_SHOWN = 12;
const MAX_SHAPE = 300;
/** Normalised: without case, signs and a prefix such as `@odata.`. */
const TOTALS = ["total", "totalelements", "totalcount", "totalitems", "totalresults", "totalrecords", "totalsize"];
const PAGES = ["totalpages", "pagecount", "pages"];
const SIZES = ["size", "pagesize", "perpage", "limit"];
const NUMBERS = ["number", "page", "pagenumber", "currentpage", "pageindex"];
const STARTS = ["start", "offset", "startindex", "skip"];
const NEXT = ["next", "nextlink", "nextpage", "nexturl"];
/** Signs of a next page that are no address. */
const CONTINUED = [
  "hasmore",
  "hasnext",
  "hasnextpage",
  "nextcursor",
  "nextpagetoken",
  "continuationtoken",
  "nextpage",
  "next",
];
/** Objects in which all this stands. */
const SURROUNDINGS = new Set([
  "page",
  "paging",
  "pagination",
  "pageable",
  "meta",
  "metadata",
  "links",
  "result",
  "data",
]);

/** The lists in a body, not those in its models. */
function listsIn(body: unknown, depth: number): readonly (readonly unknown[])[] {
  if (Array.isArray(body)) return [body];
  if (!isObject(body) || depth < 0) return [];
  return Object.values(body).flatMap((value) => listsIn(value, depth - 1));
}

/** More than one where it is not clear which one is meant. */
function listOfModels(lists: readonly (readonly unknown[])[], body: unknown): readonly (readonly unknown[])[] {
  const withKeys = lists.filter((list) => list.some((entry) => isObject(entry) && typeof entry["key"] === "string"));
  if (withKeys.length > 0) return withKeys;
  const isEmpty = lists.some((list) => list.length === 0) || (isObject(body) && pageOf([], body).total === 0);
  // HAL leaves out what is empty.
  return isEmpty ? [[]] : [];
}

function pageOf(entries: readonly unknown[], body: unknown): Page {
  const fields = surroundingsOf(body);
  const find = (names: readonly string[]): unknown => names.map((name) => fields.get(name)?.value).find(isStated);
  const count = (names: readonly string[]): number | undefined =>
    names.map((name) => wholeNumber(fields.get(name)?.value)).find(isStated);
  const counted = count(["count"]);
  const start = STARTS.map((name) => fields.get(name)).find((field) => wholeNumber(field?.value) !== undefined);
  return {
    entries,
    // A `count` may be that of the page: then it is no larger.
    total: count(TOTALS) ?? (counted !== undefined && counted > entries.length ? counted : undefined),
    pages: count(PAGES),
    size: count(SIZES),
    isContinued: CONTINUED.some((name) => isSign(fields.get(name)?.value)) || fields.get("last")?.value === false,
    next: linkOf(find(NEXT)) ?? relatedLink(body),
    number: count(NUMBERS),
    start: start && { parameter: start.name, index: wholeNumber(start.value) ?? 0 },
  };
}

/** By normalised name; what stands further out counts first. */
function surroundingsOf(body: unknown): ReadonlyMap<string, { readonly name: string; readonly value: unknown }> {
  const fields = new Map<string, { readonly name: string; readonly value: unknown }>();
  const add = (object: unknown): void => {
    if (!isObject(object)) return;
    for (const [name, value] of Object.entries(object)) {
      const normalised = normalise(name);
      const isNew = !isStated(fields.get(normalised)?.value) || isObject(fields.get(normalised)?.value);
      if (isNew) fields.set(normalised, { name, value });
    }
  };
  add(body);
  const inner = isObject(body) ? Object.entries(body).filter(([name]) => SURROUNDINGS.has(normalise(name))) : [];
  for (const [, object] of inner) add(object);
  return fields;
}

/** True, a page, a token or an address. */
function isSign(value: unknown): boolean {
  return value === true || (typeof value === "string" && value !== "") || (typeof value === "number" && value > 0);
}

/** `"…"` or `{href: "…"}`. */
function linkOf(link: unknown): string | undefined {
  const text = isObject(link) ? (link["href"] ?? link["url"]) : link;
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** `links: [{rel: "next", href: "…"}]` */
function relatedLink(body: unknown): string | undefined {
  const links = isObject(body) ? [body["links"], body["_links"]].flat() : [];
  return linkOf(links.find((link) => isObject(link) && link["rel"] === "next"));
}

/** A namespace may be a text, a number, or an object with id and name; or its parts stand beside it. */
function namespaceOf(model: Fields): readonly string[] {
  const { namespace, namespaceId, namespaceName } = model;
  const parts = isObject(namespace) ? [namespace["id"], namespace["name"], namespace["key"]] : [namespace];
  const stated = [...parts, namespaceId, namespaceName].filter(isStated).map((part) =>
    // Of an unknown kind, but still another namespace than one that differs.
    typeof part === "string" ? part.trim() : JSON.stringify(part),
  );
  return [...new Set(stated)].filter((part) => part !== "");
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function normalise(name: string): string {
  return name
    .replace(/^.*[.:]/, "")
    .replaceAll(/[^A-Za-z]/g, "")
    .toLowerCase();
}

/** What was seen: kinds and names of fields, never contents. */
function shapeOf(body: unknown): string {
  if (Array.isArray(body)) return `a list of ${body.length}, of which none has a key`;
  if (!isObject(body)) return kindOf(body);
  const fields = Object.entries(body).flatMap(([name, value]) =>
    isObject(value) ? [`${name}: {${Object.entries(value).map(describe).join(", ")}}`] : [describe([name, value])],
  );
  const shown = fields.slice(0, MAX_SHOWN).join(", ");
  return fields.length === 0 ? "an object without fields" : shown.slice(0, MAX_SHAPE);
}

function describe([name, value]: readonly [string, unknown]): string {
  return Array.isArray(value) ? `${name}: a list of ${value.length}` : name;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

function isStated<T>(value: T): value is NonNullable<T> {
  return value !== null && value !== undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
