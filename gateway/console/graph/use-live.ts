/**
 * What happens while somebody looks?
 *
 * A subscription for as long as the page is seen: in a tab in the background it would be kept up for nobody. When it is seen again, what it shows is asked for anew.
 */
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useEffect, useRef } from "preact/hooks";
import { createStore, useStore } from "../parts/store.ts";
import { listen } from "./client.ts";
import { refresh } from "./connection.ts";
import { keyOf } from "./use-query.ts";

const isSeen = createStore(!document.hidden);
document.addEventListener("visibilitychange", () => {
  isSeen.set(!document.hidden);
  if (!document.hidden) refresh();
});

/** Where events may have been missed, what is shown is asked for again. */
const MISSED = new Set(["EVENTS_MISSED", "SLOW_CLIENT"]);

export function useLive<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  heard: (data: Data) => void,
): void {
  const latest = useRef(heard);
  latest.current = heard;
  const seen = useStore(isSeen);
  const key = keyOf(document, variables);
  useEffect(() => {
    if (!seen) return undefined;
    let end = (): void => {};
    const start = (): void => {
      end = listen(document, variables, ({ data, errors }) => {
        if (data) latest.current(data);
        if (!errors.some(({ code }) => MISSED.has(code))) return;
        end();
        refresh();
        start();
      });
    };
    start();
    return () => end();
    // oxlint-disable-next-line react/exhaustive-deps -- the key is of document and variables
  }, [key, seen]);
}
