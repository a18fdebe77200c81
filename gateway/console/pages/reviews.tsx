/** What waits for a person? The queues, the oldest first; what is opened or resolved meanwhile comes and goes by itself. */
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { ReviewOpenedDocument, ReviewResolvedDocument, ReviewsDocument } from "../generated/operations.ts";
import type { ReviewOpenedSubscriptionVariables, ReviewRowFragment } from "../generated/operations.ts";
import { nextInOrder } from "../graph/order.ts";
import { useLive } from "../graph/use-live.ts";
import { usePages } from "../graph/use-pages.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { FilterField, useFilters } from "../parts/filters.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Time } from "../parts/time.tsx";
import { useMayAsk } from "../session/caller.tsx";
import { requested } from "./requested.ts";

const COLUMNS: readonly Column<ReviewRowFragment>[] = [
  {
    name: "request",
    title: "Request",
    isWide: true,
    cell: (row) => (
      <Link class="row" href={`/reviews/${row.id}`} title={requested(row)}>
        {requested(row)}
      </Link>
    ),
  },
  { name: "when", title: "Waits since", cell: ({ openedAt }) => <Time value={openedAt} /> },
  { name: "queue", title: "Queue", cell: ({ queue }) => queue },
  {
    name: "model",
    title: "Model",
    cell: ({ evaluation: { model } }) => <Link href={`/models/${model.key}`}>{model.key}</Link>,
  },
];

export function ReviewsPage() {
  const { filters, set } = useFilters();
  const queue = filters["queue"] ?? null;
  const withRequest = useMayAsk("graph:read");
  const { rows, total, errors, isLoading, askedAt, again, more } = usePages(
    ReviewsDocument,
    { first: 100, queue, withRequest },
    ({ reviewQueue }) => reviewQueue,
  );
  const { opened, resolved } = useMeanwhile({ queue, withRequest }, askedAt);
  const known = new Set(rows.map(({ id }) => id));
  const added = opened.filter(({ id }) => !known.has(id));
  const shown = [...rows, ...(more ? [] : added)].filter(({ id }) => !resolved.has(id));
  const left = Math.max(0, (total ?? 0) + added.length - rows.filter(({ id }) => resolved.has(id)).length);
  const queues = new Set([...rows, ...added].map((row) => row.queue).concat(queue ?? []));
  return (
    <Page title="Reviews" lead="Requests that the rules leave to a person, the oldest first.">
      <search class="filters">
        <FilterField
          label="Queue"
          value={queue ?? ""}
          onValue={(value) => set("queue", value)}
          choices={[...queues].toSorted()}
        />
        <p class="muted small" role="status">
          {total === undefined ? "" : `${left.toLocaleString("en")} ${left === 1 ? "waits" : "wait"}`}
        </p>
      </search>
      <Partial errors={rows.length > 0 ? errors : []} />
      {isLoading && <Skeleton lines={8} height="38px" />}
      {!isLoading && rows.length === 0 && errors.length > 0 && <Failure errors={errors} again={again} />}
      {!isLoading && shown.length === 0 && errors.length === 0 && (
        <Empty title="Nobody has to look">
          A request comes here when its rules say REVIEW: a sponsorship, or a branded playlist. It appears without a
          reload.
        </Empty>
      )}
      {shown.length > 0 && (
        <DataTable title="Reviews" columns={COLUMNS} rows={shown} keyOf={({ id }) => id} total={left} more={more} />
      )}
    </Page>
  );
}

interface Heard {
  readonly at: number;
  readonly id: string;
  /** undefined where it was resolved. */
  readonly opened?: ReviewRowFragment;
}

/** What was opened and what was resolved since the list was asked for: a list that is newer knows better. */
function useMeanwhile({ queue, withRequest }: ReviewOpenedSubscriptionVariables, askedAt: number) {
  const [heard, setHeard] = useState<readonly Heard[]>([]);
  useEffect(() => setHeard([]), [queue]);
  const hear = (one: Omit<Heard, "at">): void => setHeard((before) => [...before, { ...one, at: nextInOrder() }]);
  useLive(ReviewOpenedDocument, { queue, withRequest }, ({ reviewOpened: opened }) => hear({ id: opened.id, opened }));
  useLive(ReviewResolvedDocument, { queue }, ({ reviewResolved: { id } }) => hear({ id }));
  const since = heard.filter(({ at }) => at >= askedAt);
  return {
    opened: [...new Map(since.flatMap(({ id, opened }) => (opened ? [[id, opened] as const] : []))).values()],
    resolved: new Set(since.filter(({ opened }) => !opened).map(({ id }) => id)),
  };
}
