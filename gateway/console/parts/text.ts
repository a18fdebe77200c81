/** How do people read a value of a fact, of an output, or of an enum of the graph? */

export function textOf(value: unknown): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value === "number") return value.toLocaleString("en");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Of an enum: `AD_CONTENT` as `ad content`. */
export function inSmallLetters(value: string): string {
  return value.toLowerCase().replaceAll("_", " ");
}
