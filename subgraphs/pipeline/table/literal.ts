/**
 * How is a literal written in a cell? Numbers, booleans, dates, texts and lists, each in one way only. Anything else is
 * refused: a cell that OpenText reads in another way would be a wrong decision that nobody notices.
 */
import { Refusal, show } from "./problem.ts";
import type { Literal, VariableType } from "./table.ts";

/** Reads one value; a date becomes its instant. Blanks around a value are ignored, but around a text they are refused. */
export function readLiteral(type: Exclude<VariableType, "collection">, text: string): Literal {
  return READ[type](type === "string" ? text : text.trim());
}

/** One value of a list, without the quotes that were around it. */
export interface Item {
  readonly text: string;
  readonly quoted: boolean;
}

/** Splits at commas outside quotes. */
export function readList(text: string): readonly Item[] {
  const items: Item[] = [];
  let pieces: string[] = [];
  let insideQuotes = false;
  for (const piece of text.split(",")) {
    pieces.push(piece);
    const quotes = piece.split('"').length - 1;
    if (quotes % 2 === 1) insideQuotes = !insideQuotes;
    if (insideQuotes) continue;
    items.push(readItem(pieces.join(",").trim(), text));
    pieces = [];
  }
  if (insideQuotes) throw new Refusal("a list with every quote closed", show(text));
  return items;
}

/** Collections hold texts and numbers: quotes tell the text "1" from the number 1. */
export function textOrNumber({ text, quoted }: Item): Literal {
  return !quoted && NUMBER.test(text) ? readNumber(text) : text;
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
  const time = text.length === 10 ? 0 : readTime(text);
  return time === undefined ? undefined : midnight - FOUR_CENTURIES + time;
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const DATE = /^\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/;
const FOUR_CENTURIES = 146_097 * 86_400_000;

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

function readText(text: string): string {
  if (isWrapped(text, '"') || isWrapped(text, "'")) throw new Refusal("a text without quotes around it", show(text));
  if (text !== text.trim()) throw new Refusal("a text without blanks around it", show(text));
  return text;
}

function readNumber(text: string): number {
  if (!NUMBER.test(text)) throw new Refusal("a number", show(text));
  const number = Number(text);
  // Beyond this, different numbers of a table would become equal.
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    throw new Refusal(`a number between ±${Number.MAX_SAFE_INTEGER}`, show(text));
  }
  return number;
}

function readBoolean(text: string): boolean {
  if (text !== "true" && text !== "false") throw new Refusal("true or false", show(text));
  return text === "true";
}

function readDate(text: string): number {
  const instant = readInstant(text);
  if (instant === undefined) throw new Refusal("a date (YYYY-MM-DD or RFC 3339)", show(text));
  return instant;
}

function readItem(item: string, list: string): Item {
  if (item === "") throw new Refusal("a list without empty items", show(list));
  const quoted = isWrapped(item, '"');
  const text = quoted ? item.slice(1, -1) : item;
  if (text.includes('"')) throw new Refusal("a list with quotes only around whole items", show(list));
  if (isWrapped(item, "'")) throw new Refusal("a list with double quotes", show(list));
  return { text, quoted };
}

const READ = { string: readText, number: readNumber, boolean: readBoolean, date: readDate };

function isWrapped(text: string, quote: string): boolean {
  return text.length > 1 && text.startsWith(quote) && text.endsWith(quote);
}
