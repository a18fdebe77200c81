/** Which locations need attention? A licence is recorded from the row. */
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { LocationWorklistDocument } from "../generated/operations.ts";
import type { LocationRowFragment } from "../generated/operations.ts";
import { SOON_MS, useEvery } from "../graph/use-every.ts";
import { usePages } from "../graph/use-pages.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { severestFirst } from "../parts/reasons.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { Day } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { useMay } from "../session/caller.tsx";
import { LicenceDialog } from "./licence-dialog.tsx";

export function LocationWorklist() {
  const { rows, total, errors, isLoading, again, more } = usePages(
    LocationWorklistDocument,
    { first: 50 },
    ({ locationWorklist }) => locationWorklist,
  );
  const may = useMay("decisions:write");
  useEvery(SOON_MS, again);
  const [edited, edit] = useState<LocationRowFragment>();
  const act = (row: LocationRowFragment) =>
    may && (
      <button type="button" onClick={() => edit(row)}>
        Record licence
      </button>
    );
  return (
    <>
      <Partial errors={rows.length > 0 ? errors : []} />
      {isLoading && <Skeleton lines={10} height="38px" />}
      {!isLoading && rows.length === 0 && errors.length > 0 && <Failure errors={errors} again={again} />}
      {!isLoading && rows.length === 0 && errors.length === 0 && (
        <Empty title="No location needs anybody">
          Locations come here when their playback is not allowed, or their licence has to be renewed.
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          title="Locations that need attention"
          columns={[...COLUMNS, { name: "act", title: "Actions", cell: act, isAction: true }]}
          rows={rows}
          keyOf={({ id }) => id}
          total={total ?? rows.length}
          more={more}
        />
      )}
      {edited && <LicenceDialog location={edited} onClose={() => edit(undefined)} />}
    </>
  );
}

const COLUMNS: readonly Column<LocationRowFragment>[] = [
  { name: "priority", title: "Priority", isNumber: true, cell: ({ playback }) => playback?.priority ?? "–" },
  {
    name: "action",
    title: "Licence action",
    cell: ({ playback }) => playback && <Status value={playback.licenceAction} />,
  },
  {
    name: "name",
    title: "Location",
    isWide: true,
    cell: ({ id, name }) => (
      <Link class="row" href={`/locations/${id}`}>
        {name}
      </Link>
    ),
  },
  { name: "verdict", title: "Playback", cell: ({ playback }) => <Verdict value={playback?.verdict ?? null} /> },
  {
    name: "reason",
    title: "Why",
    isWide: true,
    cell: ({ playback }) => {
      const reasons = severestFirst(playback?.reasons ?? []);
      return <span title={reasons.map(({ message }) => message).join("\n")}>{reasons[0]?.message}</span>;
    },
  },
  {
    name: "until",
    title: "Licensed until",
    cell: ({ licence }) =>
      licence?.expiresAt ? <Day value={licence.expiresAt} /> : (licence?.status.toLowerCase() ?? "none"),
  },
  { name: "account", title: "Account", isWide: true, cell: ({ account }) => account },
  { name: "country", title: "Country", cell: ({ country }) => country },
];
