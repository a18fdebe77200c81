/** How do programs read what is known of a table? Cells are a number, or digits where a number cannot hold them. */
import type { Checks } from "../table/diagram/check.ts";
import type { Change, Difference } from "../table/diagram/diff.ts";

/** `ms` is how long it took. */
export function checksJson({ size, ...found }: Checks, ms: number): object {
  return { ...found, cells: cellsJson(size.cells), nodes: size.nodes, ms };
}

export function differenceJson({ key, equivalent, changes, outputs, cells }: Difference, ms: number): object {
  return {
    key,
    equivalent,
    changes: changes.map(changeJson),
    outputs: outputs.map((change) => Object.assign({ output: change.output }, changeJson(change))),
    cells: cellsJson(cells),
    ms,
  };
}

function changeJson({ from, to, cells, witness }: Change<unknown>): object {
  return { from, to, cells: cellsJson(cells), witness };
}

function cellsJson(cells: bigint): number | string {
  return cells <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(cells) : String(cells);
}
