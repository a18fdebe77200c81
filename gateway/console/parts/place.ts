/**
 * Where in a list was somebody who left it by one of its rows? It is kept with the entry of the browser's history, so that the
 * way back leads there, and every other way to the list leads to its begin.
 */
export interface Place {
  /** Of the table. */
  readonly title: string;
  /** How many were read. */
  readonly rows: number;
  /** Pixels above what was seen. */
  readonly top: number;
}

export function keepPlace(place: Place): void {
  history.replaceState(place, "");
}

/** undefined where nobody has left it. */
export function keptPlace(): Place | undefined {
  const state: unknown = history.state;
  if (typeof state !== "object" || state === null || !("title" in state && "rows" in state && "top" in state))
    return undefined;
  const { title, rows, top } = state;
  const isPlace = typeof title === "string" && typeof rows === "number" && typeof top === "number";
  return isPlace ? { title, rows, top } : undefined;
}
