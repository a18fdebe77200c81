/**
 * What happens while somebody looks?
 *
 * A subscription for as long as the page is seen: in a tab in the background it would be kept up for nobody. When it is seen
 * again, what it shows is asked for anew; and so it is now and then where nobody may subscribe for now.
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

/** Where events may have been missed, it is listened again at once. */
const MISSED = new Set(["EVENTS_MISSED", "SLOW_CLIENT"]);
/** These do not pass by themselves. */
const FINAL = new Set(["FORBIDDEN", "UNAUTHENTICATED"]);
/** After which it is tried again, where it is refused for now. */
const AGAIN_MS = 10_000;

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
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = (): void => {
      end = listen(document, variables, ({ data, errors }) => {
        if (data) latest.current(data);
        if (data || errors.length === 0 || errors.some(({ code }) => FINAL.has(code))) return;
        end();
        timer = setTimeout(
          () => {
            refresh();
            start();
          },
          errors.some(({ code }) => MISSED.has(code)) ? 0 : AGAIN_MS,
        );
      });
    };
    start();
    return () => {
      clearTimeout(timer);
      end();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- the key is of document and variables
  }, [key, seen]);
}
