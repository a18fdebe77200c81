/**
 * How do the sandboxes get varied data that is the same in every run?
 *
 * Each value is computed from a name: `random("campaign", 7, "tier")` is the same on every machine and in any order of
 * calls. It stays the same when another field is added.
 */
import { hash } from "node:crypto";

/** A number from 0 (included) to 1 (excluded). */
export function random(...name: readonly (string | number)[]): number {
  return numberAt(digest(name), 0);
}

/**
 * Eight such numbers from one hash, because hashing takes most of the time of a large world. Each number is identified
 * by its index: a new value takes the next unused index, or another name.
 */
export function eight(...name: readonly (string | number)[]): Eight {
  const own = digest(name);
  const at = (place: number): number => numberAt(own, place);
  return [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
}
export type Eight = readonly [number, number, number, number, number, number, number, number];

/** A whole number from `min` to `max`, both included. */
export function integer(min: number, max: number, ...name: readonly (string | number)[]): number {
  return min + Math.floor(random(...name) * (max - min + 1));
}

/** One of the items. Throws a RangeError if there are none. */
export function pick<T>(items: readonly T[], ...name: readonly (string | number)[]): T {
  const item = items[Math.floor(random(...name) * items.length)];
  if (item === undefined) throw new RangeError("pick needs at least one item");
  return item;
}

/** The items that are drawn, each with the given chance, in their order. */
export function some<T>(items: readonly T[], chance: number, ...name: readonly (string | number)[]): readonly T[] {
  return items.filter((_item, index) => random(...name, index) < chance);
}

/** A version 4 UUID. */
export function uuid(...name: readonly (string | number)[]): string {
  const own = digest(name);
  const hex = (from: number, to: number): string => {
    let text = "";
    for (let place = from; place < to; place += 1) text += HEXADECIMAL[own.charCodeAt(place)] ?? "";
    return text;
  };
  const version = HEXADECIMAL[(own.charCodeAt(6) & 0x0f) | 0x40] ?? "";
  const variant = HEXADECIMAL[(own.charCodeAt(8) & 0x3f) | 0x80] ?? "";
  return `${hex(0, 4)}-${hex(4, 6)}-${version}${hex(7, 8)}-${variant}${hex(9, 10)}-${hex(10, 16)}`;
}
const HEXADECIMAL: readonly string[] = Array.from({ length: 256 }, (_none, byte) => byte.toString(16).padStart(2, "0"));

/** A Spotify identifier: 22 characters of base 62. */
export function spotifyId(...name: readonly (string | number)[]): string {
  const own = digest(name);
  let id = "";
  for (let place = 0; place < 22; place += 1) id += BASE_62.charAt(own.charCodeAt(place) % 62);
  return id;
}
const BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The number from 0 to 1 that four bytes of a digest are. */
function numberAt(own: string, place: number): number {
  const byte = (nth: number): number => own.charCodeAt(4 * place + nth);
  return (((byte(0) * 256 + byte(1)) * 256 + byte(2)) * 256 + byte(3)) / 2 ** 32;
}

/** A character for each of its 32 bytes: a buffer takes three times as long, and making it takes most of the time. */
function digest(name: readonly (string | number)[]): string {
  return hash("sha256", JSON.stringify(name), "binary");
}
