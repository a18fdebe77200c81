/**
 * How is a list read that is longer than a page?
 *
 * Page after page, as far as somebody looks. All that were read stay, also where the next one fails, which can be tried again.
 * A list that is asked for anew is read as far as it was, and then replaced at once; so is one that somebody comes back to. A
 * page of the list of before that comes after is not shown.
 */
import type { TypedDocumentNode } from "@urql/core";
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { keptPlace } from "../parts/place.ts";
import { useStore } from "../parts/store.ts";
import { ask } from "./client.ts";
import type { GraphError } from "./client.ts";
import { epoch } from "./connection.ts";
import { nextInOrder } from "./order.ts";
import { keyOf } from "./use-query.ts";

export interface ListPage<Row> {
  readonly totalCount?: number;
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface Pages<Row> {
  readonly rows: readonly Row[];
  readonly total: number | undefined;
  readonly errors: readonly GraphError[];
  /** Nothing was read yet. */
  readonly isLoading: boolean;
  /** When the list was asked for, in order: what was told before is in it. */
  readonly askedAt: number;
  readonly again: () => void;
  /** What comes after the rows; undefined where nothing does. */
  readonly more: More | undefined;
}

export interface More {
  /** Of the next page. One that has failed is asked for again by who looks, not by itself. */
  readonly state: "ready" | "reading" | "failed";
  readonly ask: () => void;
}

interface Read<Row> {
  /** Of what it is the list. */
  readonly key: string;
  readonly rows: readonly Row[];
  readonly total: number | undefined;
  readonly errors: readonly GraphError[];
  readonly next: string | undefined;
  readonly state: More["state"];
  readonly isLoading: boolean;
  readonly askedAt: number;
}

const NOTHING: Read<never> = {
  key: "",
  rows: [],
  total: undefined,
  errors: [],
  next: undefined,
  state: "ready",
  isLoading: true,
  askedAt: 0,
};

/** Rows that are read anew; beyond them, the list is read on as somebody looks. */
const MOST_ANEW = 5000;
/** Of a list in the graph, rows at once. */
const LARGEST_PAGE = 200;

interface PagedVariables {
  readonly first: number;
  readonly after?: string | null | undefined;
}

export function usePages<Row, Data, Variables extends PagedVariables & Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  listOf: (data: Data) => ListPage<Row> | null,
): Pages<Row> {
  const [last, setRead] = useState<Read<Row>>(NOTHING);
  const [count, setCount] = useState(0);
  const since = useStore(epoch);
  const key = keyOf(document, variables);
  /** Of the list that is read: a page of another one is not shown. */
  const turn = useRef({});
  const again = useCallback(() => setCount((before) => before + 1), []);

  /** How far which list was read. */
  const asFarAs = useRef({ key: "", rows: 0 });
  if (last.key === key) asFarAs.current = { key, rows: last.rows.length };
  else if (asFarAs.current.key !== key) asFarAs.current = { key, rows: keptPlace()?.rows ?? 0 };

  const readFrom = useCallback(
    async (after: string | undefined): Promise<void> => {
      const isFirst = after === undefined;
      if (isFirst) turn.current = {};
      const mine = turn.current;
      const sentAt = nextInOrder();
      const wanted = isFirst ? Math.min(asFarAs.current.rows, MOST_ANEW) : 0;
      const first = wanted > variables.first ? LARGEST_PAGE : variables.first;
      const pages: ListPage<Row>[] = [];
      let [next, errors, isFailed] = [after, NOTHING.errors, false];
      do {
        // oxlint-disable-next-line no-await-in-loop -- a page begins where the one before ends
        const answer = await ask(document, { ...variables, first, after: next ?? null });
        if (turn.current !== mine) return;
        const page = answer.data === undefined ? undefined : (listOf(answer.data) ?? undefined);
        errors = answer.errors;
        isFailed = page === undefined;
        if (page === undefined) break;
        pages.push(page);
        next = nextOf(page);
      } while (next !== undefined && rowsOf(pages).length < wanted);
      const isRead = pages.length > 0;
      setRead((known) => {
        const before = known.key === key ? known : NOTHING;
        return {
          key,
          rows: [...(isFirst && isRead ? [] : before.rows), ...rowsOf(pages)],
          total: pages.at(-1)?.totalCount ?? before.total,
          errors,
          // A list that cannot be read, or not read on, is still the one that it was.
          next: isRead ? next : before.next,
          state: isFailed && (isRead || !isFirst) ? "failed" : "ready",
          isLoading: false,
          askedAt: isFirst && isRead ? sentAt : before.askedAt,
        };
      });
    },
    // oxlint-disable-next-line react/exhaustive-deps -- the key is of document and variables
    [key],
  );
  // Before it is painted: the answer is on its way meanwhile.
  useLayoutEffect(() => {
    void readFrom(undefined);
  }, [readFrom, count, since]);

  const { rows, total, errors, next, state, isLoading, askedAt } = last.key === key ? last : NOTHING;
  const readOn = useCallback(() => {
    setRead((before) => ({ ...before, state: "reading" }));
    void readFrom(next);
  }, [readFrom, next]);
  const more = useMemo(() => (next === undefined ? undefined : { state, ask: readOn }), [next, state, readOn]);
  return { rows, total, errors, isLoading, askedAt, again, more };
}

function rowsOf<Row>(pages: readonly ListPage<Row>[]): readonly Row[] {
  return pages.flatMap(({ nodes }) => nodes);
}

function nextOf<Row>({ pageInfo }: ListPage<Row>): string | undefined {
  return pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined;
}
