/**
 * Which keys do something, wherever the focus is?
 *
 * `/` goes to the search of the page, `g` and a letter to a page, `j` and `k` through the rows of a table, `?` shows them
 * all. None of them works while somebody types.
 */
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { createStore, useStore } from "./store.ts";

export interface Shortcut {
  readonly key: string;
  readonly path: string;
  readonly title: string;
}

const isHelpShown = createStore(false);
const GO_MS = 1500;

export function useKeys(shortcuts: readonly Shortcut[]): void {
  const [, navigate] = useLocation();
  const goUntil = useRef(0);
  /** Offered once it is known who the caller is. */
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isGoing = Date.now() < goUntil.current;
      goUntil.current = 0;
      const target = isGoing ? latest.current.find(({ key }) => key === event.key) : undefined;
      if (target) navigate(target.path);
      else if (event.key === "g") goUntil.current = Date.now() + GO_MS;
      else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
      else if (event.key === "j" || event.key === "k") moveBy(event.key === "j" ? 1 : -1);
      else if (event.key === "?") isHelpShown.set(true);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [navigate]);
}

/** Or a dialog is open, whatever has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && target.closest("input, select, textarea, dialog, [contenteditable]") !== null;
}

/** To the next link or the one before, of those that lead on from rows; at first to the first one that is seen. */
function moveBy(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("a.row")];
  const current = rows.findIndex((row) => row === document.activeElement);
  const next =
    current < 0 ? Math.max(0, rows.findIndex(isSeen)) : Math.min(rows.length - 1, Math.max(0, current + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}

/** Below the header of its table, which stays in sight. */
function isSeen(row: HTMLElement): boolean {
  const header = row.closest("table")?.querySelector("th");
  return row.getBoundingClientRect().top >= Math.max(0, header?.getBoundingClientRect().bottom ?? 0);
}

const KEYS = [
  ["/", "search"],
  ["j k", "next row, previous row"],
  ["Enter", "open the row"],
  ["?", "this list"],
] as const;

export function KeysHelp({ shortcuts }: { readonly shortcuts: readonly Shortcut[] }) {
  const isShown = useStore(isHelpShown);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
  }, [isShown]);
  return (
    <dialog ref={dialog} aria-label="Keys" onClose={() => isHelpShown.set(false)}>
      <h2>Keys</h2>
      <dl class="facts">
        {[...KEYS, ...shortcuts.map(({ key, title }) => [`g ${key}`, title] as const)].map(([keys, what]) => (
          <Fragment key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
