/** What was told to which upstream, and what has failed? What has can be carried out again, or given up. */
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import {
  DropEffectDocument,
  EffectChangedDocument,
  EffectsDocument,
  RetryEffectDocument,
} from "../generated/operations.ts";
import type { EffectRowFragment, EffectStatus } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { nextInOrder } from "../graph/order.ts";
import { useLive } from "../graph/use-live.ts";
import { usePages } from "../graph/use-pages.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { useFilters } from "../parts/filters.tsx";
import { Id } from "../parts/id.tsx";
import { Page } from "../parts/page.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { subjectHref } from "../parts/subject.ts";
import { Time } from "../parts/time.tsx";
import { useMay } from "../session/caller.tsx";

const STATUSES: readonly EffectStatus[] = ["FAILED", "RETRYING", "WAITING", "RUNNING", "DONE", "CANCELLED"];

export function EffectsPage() {
  const { filters } = useFilters();
  const status = STATUSES.find((one) => one === filters["status"]) ?? null;
  const { rows, total, errors, isLoading, askedAt, again, more } = usePages(
    EffectsDocument,
    { first: 100, status },
    ({ effects }) => effects,
  );
  const changed = useChanged(askedAt);
  const may = useMay("operations:write");
  const [dropping, drop] = useState<EffectRowFragment>();
  const retry = useChange(RetryEffectDocument);
  const dropIt = useChange(DropEffectDocument);
  const known = new Set(rows.map(({ id }) => id));
  const current = [...[...changed.values()].filter(({ id }) => !known.has(id)), ...rows]
    .map((row) => changed.get(row.id) ?? row)
    .filter((row) => status === null || row.status === status);
  const act = (row: EffectRowFragment) =>
    may &&
    row.status === "FAILED" && (
      <span class="row-actions">
        <button type="button" disabled={retry.isRunning} onClick={() => void retry.run({ effectId: row.id })}>
          Retry
        </button>
        <button type="button" onClick={() => drop(row)}>
          Drop
        </button>
      </span>
    );
  return (
    <Page title="Effects" lead="Changes to upstreams that follow from decisions, in the order they were asked for.">
      <nav class="tabs" aria-label="Status">
        <Link href="/effects" aria-current={status === null ? "page" : undefined}>
          All
        </Link>
        {STATUSES.map((one) => (
          <Link key={one} href={`/effects?status=${one}`} aria-current={status === one ? "page" : undefined}>
            {one.toLowerCase()}
          </Link>
        ))}
      </nav>
      <Partial errors={rows.length > 0 ? errors : []} />
      <Refusal errors={retry.errors} />
      {isLoading && <Skeleton lines={8} height="38px" />}
      {!isLoading && rows.length === 0 && errors.length > 0 && <Failure errors={errors} again={again} />}
      {!isLoading && current.length === 0 && errors.length === 0 && (
        <Empty title={status === null ? "Nothing was told to an upstream yet" : `No effect is ${status.toLowerCase()}`}>
          An effect is here when a mutation changes an upstream: a campaign that is activated, an episode that is
          published, a playlist that is made.
        </Empty>
      )}
      {current.length > 0 && (
        <DataTable
          title="Effects"
          columns={[...COLUMNS, { name: "act", title: "Actions", cell: act, isAction: true }]}
          rows={current}
          keyOf={({ id }) => id}
          total={total ?? current.length}
          more={more}
        />
      )}
      {dropping && (
        <ChangeDialog
          title="Drop this effect?"
          action="Drop it"
          change={dropIt}
          input={() => ({ effectId: dropping.id })}
          onClose={() => drop(undefined)}
        >
          <p>
            <code>{dropping.kind}</code> will never be carried out, and the upstream stays as it is. Later effects on
            the same subject go on.
          </p>
        </ChangeDialog>
      )}
    </Page>
  );
}

const COLUMNS: readonly Column<EffectRowFragment>[] = [
  { name: "status", title: "Status", cell: ({ status }) => <Status value={status} /> },
  { name: "kind", title: "Kind", cell: ({ kind }) => <code>{kind}</code> },
  { name: "subject", title: "Subject", cell: ({ subject }) => <Id value={subject} href={subjectHref(subject)} /> },
  { name: "when", title: "Asked for", cell: ({ createdAt }) => <Time value={createdAt} /> },
  { name: "attempts", title: "Attempts", isNumber: true, cell: ({ attempts }) => attempts },
  {
    name: "next",
    title: "Then",
    cell: ({ nextAt, endedAt }) => (endedAt ? <Time value={endedAt} /> : nextAt ? <Time value={nextAt} /> : ""),
  },
  {
    name: "error",
    title: "Why it failed",
    isWide: true,
    cell: ({ error }) => <span title={error ?? ""}>{error}</span>,
  },
];

/** What has changed since the list was asked for, by id: a list that is newer knows better. */
function useChanged(askedAt: number): ReadonlyMap<string, EffectRowFragment> {
  const [changed, setChanged] = useState<
    ReadonlyMap<string, { readonly at: number; readonly effect: EffectRowFragment }>
  >(new Map());
  useLive(EffectChangedDocument, {}, ({ effectChanged: effect }) =>
    setChanged((before) => new Map([...before, [effect.id, { at: nextInOrder(), effect }]])),
  );
  return new Map([...changed].filter(([, { at }]) => at >= askedAt).map(([id, { effect }]) => [id, effect]));
}
