/**
 * How is a value written so that two who have the same value write the same bytes?
 *
 * As RFC 8785, JSON Canonicalization Scheme, says: names sorted by their UTF-16 units, no blanks, numbers and texts as
 * ECMAScript writes them. A Date is the text that JSON makes of it, and what JSON has no value for is left out.
 */

/** Throws a TypeError for a value that JSON does not have as a whole. */
export function canonicalJson(value: unknown): string {
  const text = written(JSON.parse(JSON.stringify(value)));
  if (!text.isWellFormed()) throw new TypeError("a text has half of a character");
  return text;
}

/** Not by a replacer: an object gives names that look like numbers in an order of its own. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`).join(",")}}`;
}
