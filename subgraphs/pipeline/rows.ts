/**
 * In which order are the rows that the service answered, and are they those of the table here?
 *
 * The service hands rows over in the order of a hash table, so their order says nothing. Two answers are equal if they have
 * the same rows, each as often. Rows that the table here gives too are put back in its order; other rows are sorted by their
 * `reason_code`, which is an order that no reply can change, but not one to decide by.
 */
import type { Row } from "./table/table.ts";

/** Equal for rows with the same outputs, in whatever order. */
export function rowKey(row: Row): string {
  return JSON.stringify(Object.entries(row).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** Whatever their order. */
export function areSameRows(left: readonly Row[], right: readonly Row[]): boolean {
  if (left.length !== right.length) return false;
  // The rows of one table are the same objects.
  if (left.every((row, index) => row === right[index])) return true;
  const [keys, others] = [left, right].map((rows) => rows.map(rowKey).toSorted());
  return keys?.every((key, index) => key === others?.[index]) ?? false;
}

export function sortedRows(rows: readonly Row[]): readonly Row[] {
  const keyed = rows.map((row) => ({ row, key: `${String(row["reason_code"])} ${rowKey(row)}` }));
  return keyed.toSorted((left, right) => (left.key < right.key ? -1 : 1)).map(({ row }) => row);
}
