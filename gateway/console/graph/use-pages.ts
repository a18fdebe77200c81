/**
 * How is a list read that is longer than a page?
 *
 * Page after page, as far as somebody looks. All that were read stay; when the list is asked for anew, it begins again.
 */
import type { TypedDocumentNode } from "@urql/core";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useStore } from "../parts/store.ts";
import { ask } from "./client.ts";
import type { GraphError } from "./client.ts";
import { epoch } from "./connection.ts";
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
}

const NOTHING = { rows: [], total: undefined, errors: [], next: undefined, isReading: true, isLoading: true };

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
  /** Of the question that is asked: an answer to another one is not shown. */
  const turn = useRef({});
  const again = useCallback(() => setCount((before) => before + 1), []);

  const readFrom = useCallback(
    async (after: string | undefined): Promise<void> => {
      const mine = turn.current;
      const { data, errors } = await ask(document, { ...variables, after: after ?? null });
      if (turn.current !== mine) return;
      const page = data === undefined ? undefined : (listOf(data) ?? undefined);
      setRead((before) => ({
        rows: [...(after === undefined && page ? [] : before.rows), ...(page?.nodes ?? [])],
        total: page?.totalCount ?? before.total,
        errors,
        next: page?.pageInfo.hasNextPage === true ? (page.pageInfo.endCursor ?? undefined) : undefined,
        isReading: false,
        isLoading: false,
      }));
    },
    // oxlint-disable-next-line react/exhaustive-deps -- the key is of document and variables
    [key],
  );
  useEffect(() => {
    turn.current = {};
    setRead(NOTHING);
  }, [key]);
  useEffect(() => {
    void readFrom(undefined);
  }, [readFrom, count, since]);

  const { rows, total, errors, next, isReading, isLoading } = read;
  const more = useCallback(() => {
    setRead((before) => ({ ...before, isReading: true }));
    void readFrom(next);
  }, [readFrom, next]);
  return { rows, total, errors, isLoading, again, more: next === undefined || isReading ? undefined : more };
}
