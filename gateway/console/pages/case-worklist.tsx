/** Which support cases come first? A row leads to why, and one is resolved from it. */
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { CaseWorklistDocument } from "../generated/operations.ts";
import type { CaseWorklistQuery } from "../generated/operations.ts";
import { SOON_MS, useEvery } from "../graph/use-every.ts";
import { usePages } from "../graph/use-pages.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { inSmallLetters } from "../parts/text.ts";
import { useMay, useMayAsk } from "../session/caller.tsx";
import { ResolveCase } from "./resolve-case.tsx";

type Row = CaseWorklistQuery["caseWorklist"]["nodes"][number];

export function CaseWorklist() {
  const { rows, total, errors, isLoading, again, more } = usePages(
    CaseWorklistDocument,
    { first: 50, withPersons: useMayAsk("listeners:read") },
    ({ caseWorklist }) => caseWorklist,
  );
  const may = useMay("decisions:write");
  useEvery(SOON_MS, again);
  const [resolved, resolve] = useState<Row>();
  const act = (row: Row) =>
    may && (
      <button type="button" onClick={() => resolve(row)}>
        Resolve
      </button>
    );
  return (
    <>
      <Partial errors={rows.length > 0 ? errors : []} />
      {isLoading && <Skeleton lines={10} height="38px" />}
      {!isLoading && rows.length === 0 && errors.length > 0 && <Failure errors={errors} again={again} />}
      {!isLoading && rows.length === 0 && errors.length === 0 && (
        <Empty title="No case is open">
          A complaint or an inquiry comes here once it is opened, with its priority and queue.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          title="Support cases"
          columns={[...COLUMNS, { name: "act", title: "Actions", cell: act, isAction: true }]}
          rows={rows}
          keyOf={({ id }) => id}
          total={total ?? rows.length}
          more={more}
        />
      )}
      {resolved && <ResolveCase case={resolved} onClose={() => resolve(undefined)} />}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "priority", title: "Priority", isNumber: true, cell: ({ routing }) => routing?.priority ?? "–" },
  { name: "queue", title: "Queue", cell: ({ queue, routing }) => queue ?? routing?.queue ?? "not routed yet" },
  { name: "severity", title: "Severity", cell: ({ severity }) => <Status value={severity} /> },
  { name: "issue", title: "About", cell: ({ issue }) => inSmallLetters(issue) },
  {
    name: "account",
    title: "Account",
    isWide: true,
    cell: ({ id, account }) => (
      <Link class="row" href={`/worklists/cases/${id}`}>
        {account}
      </Link>
    ),
  },
  { name: "compensation", title: "Compensation", cell: ({ routing }) => routing?.compensation ?? "none" },
  { name: "opened", title: "Open since", cell: ({ openedAt }) => <Time value={openedAt} /> },
  {
    name: "campaign",
    title: "Campaign",
    isWide: true,
    cell: ({ campaign }) => campaign && <Link href={`/campaigns/${campaign.id}`}>{campaign.name}</Link>,
  },
];
