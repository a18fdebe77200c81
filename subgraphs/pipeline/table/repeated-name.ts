/**
 * Does an object of a JSON text have a name twice?
 *
 * Readers differ on which of the values counts (RFC 8259, section 4), so what is read here, and approved, could be another table
 * than the one that the service reads.
 */

/** The first one that is repeated, if any. The text must be JSON. */
export function repeatedName(json: string): string | undefined {
  /** Of each object that is open, the names so far; undefined for a list. */
  const open: (Set<unknown> | undefined)[] = [];
  let isName = false;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (isName && token !== ",") {
      const name: unknown = JSON.parse(token);
      const names = open.at(-1);
      if (names?.has(name) === true) return String(name);
      names?.add(name);
    }
    isName = (token === "{" || token === ",") && open.at(-1) !== undefined;
  }
  return undefined;
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;
