/**
 * How do the sandboxes get varied data that is the same in every run?
 *
 * Each value is computed from a name: `random("campaign", 7, "tier")` is the same on every machine and in any order of
 * calls. It stays the same when another field is added.
 */
import { createHash } from "node:crypto";

/** A number from 0 (included) to 1 (excluded). */
export function random(...name: readonly (string | number)[]): number {
  return digest(name).readUInt32BE(0) / 2 ** 32;
}

/**
 * Eight such numbers from one hash, because hashing takes most of the time of a large world. Each number is identified
 * by its index: a new value takes the next unused index, or another name.
 */
export function eight(...name: readonly (string | number)[]): Eight {
  const bytes = digest(name);
  const at = (place: number): number => bytes.readUInt32BE(4 * place) / 2 ** 32;
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
  const bytes = digest(name);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A Spotify identifier: 22 characters of base 62. */
export function spotifyId(...name: readonly (string | number)[]): string {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return Array.from(digest(name).subarray(0, 22), (byte) => alphabet.charAt(byte % 62)).join("");
}

function digest(name: readonly (string | number)[]): Buffer {
  return createHash("sha256").update(JSON.stringify(name)).digest();
}
