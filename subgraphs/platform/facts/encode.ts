/**
 * How does a fact become text, and the same fact again?
 *
 * As JSON in which a date says that it is one. What cannot be read is no fact.
 */

const DATE = "$date";

export function encodeValue(value: unknown): string {
  return JSON.stringify(tagged(value));
}

/** undefined for what is no encoded value. */
export function decodeValue(text: string): { readonly decoded: unknown } | undefined {
  try {
    return { decoded: JSON.parse(text, revived) };
  } catch {
    return undefined;
  }
}

/** `JSON.stringify` would call a date's own `toJSON` before it asks anybody. */
function tagged(value: unknown): unknown {
  if (value instanceof Date) return { [DATE]: value.getTime() };
  if (Array.isArray(value)) return value.map(tagged);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, tagged(one)]));
}

function revived(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !(DATE in value)) return value;
  return new Date(Number(value[DATE]));
}
