/**
 * How is a value written so that two who have the same value write the same bytes?
 *
 * As RFC 8785, JSON Canonicalization Scheme, says: names sorted by their UTF-16 units, no blanks, numbers and texts as
 * ECMAScript writes them. A Date is the text that JSON makes of it, what JSON has no value for is left out, and half of a
 * character, which the scheme refuses, is written as its escape.
 */

export function canonicalJson(value: unknown): string {
  return written(JSON.parse(JSON.stringify(value)));
}

/** Not by a replacer: an object gives names that look like numbers in an order of its own. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`).join(",")}}`;
}
