/**
 * What does the graph answer to what a part of the page asks?
 *
 * The last answer to the same question is shown at once, also on the way back to a page, while it is asked again. An answer
 * that comes after the question has changed is not shown.
 */
import type { AnyVariables, TypedDocumentNode } from "@urql/core";
import { useCallback, useLayoutEffect, useState } from "preact/hooks";
import { useStore } from "../parts/store.ts";
import { session } from "../session/session.ts";
import { ask } from "./client.ts";
import type { Answer, GraphError } from "./client.ts";
import { epoch } from "./connection.ts";
import { useEvery } from "./use-every.ts";

export interface Asked<Data> {
  /** undefined until there is some. */
  readonly data: Data | undefined;
  readonly errors: readonly GraphError[];
  readonly isLoading: boolean;
  readonly again: () => void;
}

export interface AskOptions {
  /** Milliseconds after which it is asked again, while the page is seen. Default: never. */
  readonly everyMs?: number;
  /** Default: at once. */
  readonly isAsked?: boolean;
}

const KEPT = 100;
const kept = new Map<string, Answer<unknown>>();
session.listen(() => kept.clear());

export function useQuery<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { everyMs, isAsked = true }: AskOptions = {},
): Asked<Data> {
  const { turn } = useStore(session);
  const key = `${turn} ${keyOf(document, variables)}`;
  const [shown, show] = useState<{ readonly key: string; readonly answer: Answer<Data> }>();
  const [count, setCount] = useState(0);
  const since = useStore(epoch);
  const again = useCallback(() => setCount((before) => before + 1), []);
  // Before it is painted: the answer is on its way meanwhile.
  useLayoutEffect(() => {
    if (!isAsked) return undefined;
    let isCurrent = true;
    const read = async (): Promise<void> => {
      const answer = await ask(document, variables);
      if (!isCurrent) return;
      const previous = kept.get(key);
      // A gateway that does not answer takes nothing away.
      const best =
        answer.data === undefined && previous?.data !== undefined ? { ...previous, errors: answer.errors } : answer;
      keep(key, best);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key names the document
      show({ key, answer: best as Answer<Data> });
    };
    void read();
    return () => {
      isCurrent = false;
    };
    // oxlint-disable-next-line react/exhaustive-deps -- the key is of document and variables
  }, [key, isAsked, count, since]);
  useEvery(everyMs, again);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the key names the document
  const answer = shown?.key === key ? shown.answer : (kept.get(key) as Answer<Data> | undefined);
  return { data: answer?.data, errors: answer?.errors ?? [], isLoading: answer === undefined, again };
}

function keep(key: string, answer: Answer<unknown>): void {
  kept.delete(key);
  kept.set(key, answer);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}

export function keyOf<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): string {
  return `${"documentId" in document ? String(document.documentId) : ""} ${JSON.stringify(variables)}`;
}
