/**
 * How is a list read that is longer than a page?
 *
 * Page after page, as far as somebody looks. All that were read stay; when the list is asked for anew, it begins again, and
 * a page of the list of before that comes after is not shown.
 */
import type { TypedDocumentNode } from "@urql/core";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
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
  /** Asks for the next page; undefined where there is none, or it is on its way. */
  readonly more: (() => void) | undefined;
}

interface Read<Row> {
  readonly rows: readonly Row[];
  readonly total: number | undefined;
  readonly errors: readonly GraphError[];
  readonly next: string | undefined;
  readonly isReading: boolean;
  readonly isLoading: boolean;
  readonly askedAt: number;
}

const NOTHING = {
  rows: [],
  total: undefined,
  errors: [],
  next: undefined,
  isReading: true,
  isLoading: true,
  askedAt: 0,
};

interface PagedVariables {
  readonly after?: string | null | undefined;
}

export function usePages<Row, Data, Variables extends PagedVariables & Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  listOf: (data: Data) => ListPage<Row> | null,
): Pages<Row> {
  const [read, setRead] = useState<Read<Row>>(NOTHING);
  const [count, setCount] = useState(0);
  const since = useStore(epoch);
  const key = keyOf(document, variables);
  /** Of the list that is read: a page of another one is not shown. */
  const turn = useRef({});
  const again = useCallback(() => setCount((before) => before + 1), []);

  const readFrom = useCallback(
    async (after: string | undefined): Promise<void> => {
      if (after === undefined) turn.current = {};
      const mine = turn.current;
      const sentAt = nextInOrder();
      const { data, errors } = await ask(document, { ...variables, after: after ?? null });
      if (turn.current !== mine) return;
      const page = data === undefined ? undefined : (listOf(data) ?? undefined);
      setRead((before) => ({
        rows: [...(after === undefined && page ? [] : before.rows), ...(page?.nodes ?? [])],
        total: page?.totalCount ?? before.total,
        errors,
        // A list that cannot be asked for anew is still the one that it was.
        next: page || after !== undefined ? nextOf(page) : before.next,
        isReading: false,
        isLoading: false,
        askedAt: after === undefined && page ? sentAt : before.askedAt,
      }));
    },
    // oxlint-disable-next-line react/exhaustive-deps -- the key is of document and variables
    [key],
  );
  useLayoutEffect(() => setRead(NOTHING), [key]);
  // Before it is painted: the answer is on its way meanwhile.
  useLayoutEffect(() => {
    void readFrom(undefined);
  }, [readFrom, count, since]);

  const { rows, total, errors, next, isReading, isLoading, askedAt } = read;
  const more = useCallback(() => {
    setRead((before) => ({ ...before, isReading: true }));
    void readFrom(next);
  }, [readFrom, next]);
  return { rows, total, errors, isLoading, askedAt, again, more: next === undefined || isReading ? undefined : more };
}

function nextOf<Row>(page: ListPage<Row> | undefined): string | undefined {
  return page?.pageInfo.hasNextPage === true ? (page.pageInfo.endCursor ?? undefined) : undefined;
}
