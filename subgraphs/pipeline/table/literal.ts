/**
 * How is a literal written in a cell? Numbers, booleans, dates, texts and lists, each in one way only. Anything else is
 * refused: a cell that OpenText reads in another way would be a wrong decision that nobody notices.
 *
 * OpenText pastes cells into expressions, unescaped. A text becomes `"…"`, a list of several items `'…'`, and a list of one
 * item stays as it is: unquoted, it is the name of an input. So quotes and backslashes end a text early, or change it.
 */
import { Refusal, show } from "./problem.ts";
import type { Literal, VariableType } from "./table.ts";

/** Throws a Refusal where OpenText would compute a cell, or change or lose a part of it before it is evaluated. */
export function requireUnchanged(cell: string): void {
  // Computed from facts, so equivalent facts could get different outputs.
  if (/[$#]\{/.test(cell)) throw new Refusal("a literal", `the expression ${show(cell)}`);
  const [name] = /fn_(?:date|subtractDate|addDate|now)/.exec(cell) ?? [];
  if (name !== undefined) throw new Refusal(`a text without ${name}, which becomes a function`, show(cell));
  if (UNWRITABLE.test(cell)) throw new Refusal("a text of one line without control characters or ]]>", show(cell));
}

/** Reads one value; a date becomes an instant. Blanks around a number or a boolean are ignored. Throws a Refusal. */
export function readLiteral(type: Exclude<VariableType, "collection">, text: string): Literal {
  return READ[type](text);
}

/** Reads the values of a list. Throws a Refusal. */
export function readList(type: VariableType, list: string): readonly Literal[] {
  if (trim(list).startsWith("[") && trim(list).endsWith("]")) throw new Refusal("a list without brackets", show(list));
  const items = split(list);
  const [first] = items;
  if (items.length === 1 && first !== undefined) requireAlone(type, first);
  // Also a list of one item whose text has a comma stands in single quotes.
  if (list.includes(",") && list.includes("'")) throw new Refusal("a list without single quotes", show(list));
  return items.map((item) => readItem(type, item, list));
}

/**
 * The instant (milliseconds since 1970, UTC) of `YYYY-MM-DD`, meaning midnight UTC, or of an RFC 3339 date and time,
 * truncated to milliseconds; undefined for other texts. Facts are read with it too, so it is made to be fast: reading
 * digits at fixed positions takes half the time of captures.
 */
export function readInstant(text: string): number | undefined {
  if (!DATE.test(text)) return undefined;
  const month = digits(text, 5, 7) - 1;
  // Date.UTC reads the years 0 to 99 as 1900 to 1999. The calendar repeats every 400 years, so a later cycle is used.
  const midnight = Date.UTC(digits(text, 0, 4) + 400, month, digits(text, 8, 10));
  // Date.UTC moves a day that does not exist into another month.
  if (new Date(midnight).getUTCMonth() !== month) return undefined;
  const time = text.length === DAY_LENGTH ? 0 : readTime(text);
  return time === undefined ? undefined : midnight - FOUR_CENTURIES + time;
}

/**
 * The instant of `YYYY-MM-DD` alone. To OpenText a date in a cell is midnight in the time zone it runs in, which is not
 * known, and so is a day in a fact; but a fact with a time would be before it in one zone and after it in another.
 */
export function readDay(text: string): number | undefined {
  return text.length === DAY_LENGTH ? readInstant(text) : undefined;
}

interface Item {
  readonly text: string;
  /** Whether double quotes were around it. */
  readonly quoted: boolean;
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const WHOLE = /^-?\d+$/;
const DATE = /^\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/;
const DAY_LENGTH = "YYYY-MM-DD".length;
const FOUR_CENTURIES = 146_097 * 86_400_000;
/** What XML, in which tables are deployed, cannot hold or does not keep. */
const UNWRITABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]|\]\]>/u;

/** Milliseconds since midnight UTC; the offset may make them negative or more than a day. */
function readTime(text: string): number | undefined {
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  const zone = text.length - (/[Zz]$/.test(text) ? 1 : 6);
  const [awayHours, awayMinutes] = [digits(text, zone + 1, zone + 3), digits(text, zone + 4, zone + 6)];
  if (hour > 23 || minute > 59 || second > 59 || awayHours > 23 || awayMinutes > 59) return undefined;
  const away = (text[zone] === "-" ? -1 : 1) * (awayHours * 60 + awayMinutes);
  const fraction = text.slice(20, Math.min(zone, 23)).padEnd(3, "0");
  return ((hour * 60 + minute - away) * 60 + second) * 1000 + digits(fraction, 0, 3);
}

/** The number made of the digits between two positions; 0 beyond the end. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let index = from; index < Math.min(to, text.length); index++) number = 10 * number + text.charCodeAt(index) - 48;
  return number;
}

/** Splits at commas outside double quotes. */
function split(list: string): readonly Item[] {
  const items: Item[] = [];
  let pieces: string[] = [];
  let insideQuotes = false;
  for (const piece of list.split(",")) {
    pieces.push(piece);
    const quotes = piece.split('"').length - 1;
    if (quotes % 2 === 1) insideQuotes = !insideQuotes;
    if (insideQuotes) continue;
    items.push(unquote(trim(pieces.join(",")), list));
    pieces = [];
  }
  if (insideQuotes) throw new Refusal("a list with every quote closed", show(list));
  return items;
}

function unquote(item: string, list: string): Item {
  const quoted = isWrapped(item, '"');
  const text = quoted ? item.slice(1, -1) : item;
  if (text.includes('"')) throw new Refusal("a list with quotes only around whole items", show(list));
  // Facts that are an empty text are not found in a list.
  if (text === "") throw new Refusal("a list without empty items", show(list));
  return { text, quoted };
}

/** A list of one item is compared as it is: it must have the type of the facts by itself. */
function requireAlone(type: VariableType, { text, quoted }: Item): void {
  if (type === "date") throw new Refusal("== or != before a single date, or several dates", show(text));
  if (type === "number" && quoted) throw new Refusal("a single number without quotes", show(`"${text}"`));
  if (type !== "number" && !quoted) {
    throw new Refusal(`a single item in double quotes, "${text.replaceAll("'", "")}"`, show(text));
  }
}

function readItem(type: VariableType, { text, quoted }: Item, list: string): Literal {
  if (type === "number") return readWhole(text);
  if (type !== "string" && type !== "collection") return readLiteral(type, text);
  if (text.includes("\\")) throw new Refusal("a list without backslashes", show(list));
  if (!quoted && text !== text.trim()) throw new Refusal("items without blanks around them", show(text));
  if (type === "string" && text.includes(",")) throw new Refusal("items without a comma", show(text));
  // It would be a number where the first item of the fact is one, and a text elsewhere.
  if (type === "collection" && !quoted && !Number.isNaN(Number(text))) {
    throw new Refusal(`a number in double quotes, "${text}"`, show(text));
  }
  return text;
}

function readText(text: string): string {
  if (isWrapped(text, '"') || isWrapped(text, "'")) throw new Refusal("a text without quotes around it", show(text));
  if (/["\\]/.test(text)) throw new Refusal("a text without double quotes and backslashes", show(text));
  if (text !== text.trim()) throw new Refusal("a text without blanks around it", show(text));
  return text;
}

function readNumber(cell: string): number {
  const text = trim(cell);
  if (!NUMBER.test(text)) throw new Refusal("a number", show(text));
  const number = Number(text);
  // Beyond this, different numbers of a table would become equal.
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    throw new Refusal(`a number between ±${Number.MAX_SAFE_INTEGER}`, show(text));
  }
  if (number !== 0) return number;
  // With a fraction it is the floating-point -0, which no fact is equal to.
  if (text.startsWith("-") && !WHOLE.test(text)) throw new Refusal("0 without a minus", show(text));
  return 0;
}

/** In lists only whole numbers are found. */
function readWhole(text: string): number {
  const number = readNumber(text);
  if (!WHOLE.test(text)) throw new Refusal("whole numbers in a list, written with digits alone", show(text));
  return number;
}

function readBoolean(cell: string): boolean {
  const text = trim(cell);
  if (text !== "true" && text !== "false") throw new Refusal("true or false", show(text));
  return text === "true";
}

function readDate(text: string): number {
  const instant = readDay(text);
  if (instant === undefined) throw new Refusal("a date (YYYY-MM-DD)", show(text));
  return instant;
}

const READ = { string: readText, number: readNumber, boolean: readBoolean, date: readDate };

/** Other blanks than these are part of a value, to OpenText. */
function trim(text: string): string {
  return text.replace(/^ +| +$/g, "");
}

function isWrapped(text: string, quote: string): boolean {
  return text.length > 1 && text.startsWith(quote) && text.endsWith(quote);
}
