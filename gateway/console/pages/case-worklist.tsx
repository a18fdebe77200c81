/** Which support cases come first? One is resolved from its row. */
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { CaseWorklistDocument, ResolveCaseDocument } from "../generated/operations.ts";
import type { CaseWorklistQuery } from "../generated/operations.ts";
import { useChange } from "../graph/use-change.ts";
import { usePages } from "../graph/use-pages.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { ChangeDialog } from "../parts/change-dialog.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { useMay } from "../session/caller.tsx";

type Row = CaseWorklistQuery["caseWorklist"]["nodes"][number];

export function CaseWorklist() {
  const { rows, total, errors, isLoading, again, more } = usePages(
    CaseWorklistDocument,
    { first: 50 },
    ({ caseWorklist }) => caseWorklist,
  );
  const may = useMay("decisions:write");
  const seesPersons = useMay("listeners:read");
  const [resolved, resolve] = useState<Row>();
  const act = (row: Row) =>
    may && (
      <button type="button" onClick={() => resolve(row)}>
        Resolve
      </button>
    );
  return (
    <>
      {seesPersons && <Partial errors={rows.length > 0 ? errors : []} />}
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
      {resolved && <ResolveDialog row={resolved} onClose={() => resolve(undefined)} />}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  { name: "priority", title: "Priority", isNumber: true, cell: ({ routing }) => routing?.priority ?? "–" },
  { name: "queue", title: "Queue", cell: ({ queue, routing }) => queue ?? routing?.queue ?? "not routed yet" },
  { name: "severity", title: "Severity", cell: ({ severity }) => <Status value={severity} /> },
  { name: "issue", title: "About", cell: ({ issue }) => issue.toLowerCase().replaceAll("_", " ") },
  { name: "account", title: "Account", isWide: true, cell: ({ account }) => account },
  { name: "compensation", title: "Compensation", cell: ({ routing }) => routing?.compensation ?? "none" },
  { name: "opened", title: "Open since", cell: ({ openedAt }) => <Time value={openedAt} /> },
  {
    name: "campaign",
    title: "Campaign",
    isWide: true,
    cell: ({ campaign }) => campaign && <Link href={`/campaigns/${campaign.id}`}>{campaign.name}</Link>,
  },
];

function ResolveDialog({ row, onClose }: { readonly row: Row; readonly onClose: () => void }) {
  const [note, setNote] = useState("");
  const resolve = useChange(ResolveCaseDocument);
  return (
    <ChangeDialog
      title={`Resolve the case of ${row.account}`}
      action="Resolve it"
      change={resolve}
      input={() => ({ caseId: row.id, note: note.trim() })}
      onClose={onClose}
    >
      <p>{row.description}</p>
      <div class="field">
        <label for="outcome">The outcome, in words</label>
        <textarea
          id="outcome"
          rows={3}
          required
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </div>
    </ChangeDialog>
  );
}
