/**
 * How are many rows shown?
 *
 * As a table that keeps its header in sight. Only the rows that can be seen are drawn, whatever their number: the others are
 * two rows as high as they would be. A few more are drawn around them once the first are there to be read. When the end comes
 * into sight, more is asked for; where that fails, it is said there. Who leaves it by a row comes back to where it was.
 */
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { More } from "../graph/use-pages.ts";
import { keepPlace, keptPlace } from "./place.ts";

export interface Column<Row> {
  readonly name: string;
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly isNumber?: boolean;
  readonly isWide?: boolean;
  /** Of buttons: always in sight. */
  readonly isAction?: boolean;
}

export interface DataTableProps<Row> {
  /** What it is a table of. */
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly isFresh?: (row: Row) => boolean;
  /** Of all there are. Default: those given. */
  readonly total?: number;
  /** undefined where there is none. */
  readonly more?: More | undefined;
}

const ROW_PX = 38;
/** Drawn above and below what is seen. */
const SPARE = 12;
/** Fewer rows are all drawn. */
const WINDOWED = 40;

export function DataTable<Row>({ title, columns, rows, keyOf, isFresh, total, more }: DataTableProps<Row>) {
  const scroll = useRef<HTMLDivElement>(null);
  const [kept] = useState(keptPlace);
  const place = kept?.title === title ? kept : undefined;
  const [top, setTop] = useState(place?.top ?? 0);
  useLayoutEffect(() => {
    if (place && scroll.current) scroll.current.scrollTop = place.top;
    // oxlint-disable-next-line react/exhaustive-deps -- only when it is opened
  }, []);
  const [isBegun, begin] = useState(false);
  // In an effect: after it was painted.
  useEffect(() => begin(true), []);
  const height = scroll.current?.clientHeight ?? innerHeight;
  const isWindowed = !isBegun || rows.length > WINDOWED;
  const spare = isBegun ? SPARE : 0;
  const first = isWindowed ? Math.max(0, Math.floor(top / ROW_PX) - spare) : 0;
  const last = isWindowed ? Math.min(rows.length, Math.ceil((top + height) / ROW_PX) + spare) : rows.length;
  const isNearEnd = (rows.length - 5) * ROW_PX < top + height;
  useEffect(() => {
    if (isNearEnd && more?.state === "ready") more.ask();
  }, [isNearEnd, more]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <div
      class={`scroll${rows.length <= 12 ? " short" : ""}`}
      ref={scroll}
      role="region"
      aria-label={title}
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      onClickCapture={({ currentTarget }) => keepPlace({ title, rows: rows.length, top: currentTarget.scrollTop })}
    >
      <table aria-rowcount={(total ?? rows.length) + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(({ name, title: heading, isNumber, isAction }) => (
              <th key={name} scope="col" class={classOf({ isNumber, isAction })}>
                {isAction ? <span class="unseen">{heading}</span> : heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer rows={first} columns={columns.length} />
          {rows.slice(first, last).map((row, index) => (
            <tr
              key={keyOf(row)}
              aria-rowindex={first + index + 2}
              class={isFresh?.(row) === true ? "fresh" : ""}
              onClick={openRow}
            >
              {columns.map(({ name, cell, isNumber, isWide, isAction }) => (
                <td key={name} class={classOf({ isNumber, isWide, isAction })}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
          <Spacer rows={rows.length - last} columns={columns.length} />
        </tbody>
      </table>
      <NotReadOn more={more} />
    </div>
  );
}

/** Where the list ends, because the next page has failed. */
export function NotReadOn({ more }: Pick<DataTableProps<never>, "more">) {
  if (more?.state !== "failed") return null;
  return (
    <p class="notice review" role="alert">
      <strong>The rest could not be read.</strong>
      <button type="button" onClick={more.ask}>
        Try again
      </button>
    </p>
  );
}

/** Wherever somebody clicks in it, unless on something else to click, or to mark a text. */
function openRow({ target, currentTarget, detail }: TargetedMouseEvent<HTMLTableRowElement>): void {
  const isOther = target instanceof Element && target.closest("a, button") !== null;
  // The second click of a double click may be on a list that the first one has led to.
  if (isOther || detail > 1 || String(getSelection()) !== "") return;
  currentTarget.querySelector<HTMLElement>("a.row")?.click();
}

function classOf({
  isNumber = false,
  isWide = false,
  isAction = false,
}: {
  readonly isNumber?: boolean | undefined;
  readonly isWide?: boolean | undefined;
  readonly isAction?: boolean | undefined;
}): string {
  return [isNumber && "number", isWide && "wide", isAction && "act"].filter((name) => name !== false).join(" ");
}

function Spacer({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr class="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${rows * ROW_PX}px` }} />
    </tr>
  );
}
