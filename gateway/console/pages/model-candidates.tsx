/**
 * Which tables were proposed for a model, and what became of them?
 *
 * The newest first; one that is looked at is in the URL. What somebody else does with one is shown by itself.
 */
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { CandidateChangedDocument, CandidatesDocument } from "../generated/operations.ts";
import type { CandidateQuery, CandidateRowFragment } from "../generated/operations.ts";
import { useLive } from "../graph/use-live.ts";
import { usePages } from "../graph/use-pages.ts";
import type { Asked } from "../graph/use-query.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { useFilters } from "../parts/filters.tsx";
import { shortened } from "../parts/id.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import { Status } from "../parts/status.tsx";
import { Time } from "../parts/time.tsx";
import { Person } from "../session/caller.tsx";
import { CandidateField } from "../table/candidate.tsx";
import type { CandidateFieldProps } from "../table/candidate.tsx";
import { OpenedCandidate, isOpen } from "./opened-candidate.tsx";
import { ProposeTable } from "./propose-table.tsx";

export interface ModelCandidatesProps extends CandidateFieldProps {
  readonly model: string;
  /** Of the one in the URL. */
  readonly opened: Asked<CandidateQuery>;
}

export function ModelCandidates({ model, opened, candidate, onCandidate }: ModelCandidatesProps) {
  const { filters } = useFilters();
  const [, navigate] = useLocation();
  const { rows, total, errors, isLoading, again, more } = usePages(
    CandidatesDocument,
    { key: model, first: 50 },
    ({ decisionModel }) => decisionModel?.candidates ?? null,
  );
  /** The one that was there already when somebody proposed the same table. */
  const [known, setKnown] = useState<string>();
  const id = filters["candidate"];
  const found = opened.data?.tableCandidate;
  useLive(CandidateChangedDocument, { model }, ({ candidateChanged: changed }) => {
    again();
    if (changed.id === id) opened.again();
  });
  const proposed = (one: string): void => {
    setKnown(rows.some((row) => row.id === one) ? one : undefined);
    onCandidate(undefined);
    navigate(hrefOf(model, one));
  };
  return (
    <>
      {isLoading && <Skeleton lines={2} height="38px" />}
      {!isLoading && rows.length === 0 && errors.length > 0 && <Failure errors={errors} again={again} />}
      {rows.length > 0 && (
        <DataTable
          title="Candidates"
          columns={columnsOf(model)}
          rows={rows}
          keyOf={({ id: one }) => one}
          isFresh={({ id: one }) => one === id}
          total={total ?? rows.length}
          more={more}
        />
      )}
      {id === undefined && (
        <>
          <CandidateField candidate={candidate} onCandidate={onCandidate} />
          {candidate && <ProposeTable model={model} table={candidate.text} onProposed={proposed} />}
        </>
      )}
      {id !== undefined && opened.isLoading && <Skeleton lines={5} />}
      {id !== undefined && !opened.isLoading && !opened.data && <Failure errors={opened.errors} again={opened.again} />}
      {id !== undefined && opened.data && found?.model !== model && (
        <Empty title="There is no such candidate">
          Nobody has proposed <code>{id}</code> for this model.
        </Empty>
      )}
      {id !== undefined && found?.model === model && (
        <OpenedCandidate
          key={found.id}
          candidate={found}
          wasKnown={known === found.id}
          onClose={() => onCandidate(undefined)}
        />
      )}
    </>
  );
}

function hrefOf(model: string, id: string): string {
  return `/models/${model}?tab=versions&candidate=${id}`;
}

function columnsOf(model: string): readonly Column<CandidateRowFragment>[] {
  return [
    {
      name: "candidate",
      title: "Candidate",
      cell: ({ id }) => (
        <Link class="row" href={hrefOf(model, id)} title={id}>
          {shortened(id)}
        </Link>
      ),
    },
    {
      name: "state",
      title: "State",
      cell: ({ state, outdated, caution }) => (
        <>
          <Status value={state} />{" "}
          {outdated !== null && isOpen(state) && (
            <span class="badge deny" title={outdated}>
              outdated
            </span>
          )}{" "}
          {caution !== null && isOpen(state) && (
            <span class="badge review" title={caution}>
              caution
            </span>
          )}
        </>
      ),
    },
    { name: "version", title: "Version", isNumber: true, cell: ({ version }) => version },
    { name: "digest", title: "SHA-256", cell: ({ digest }) => <code title={digest}>{digest.slice(0, 12)}</code> },
    { name: "by", title: "Proposed by", cell: ({ proposedBy }) => <Person id={proposedBy} /> },
    { name: "when", title: "When", cell: ({ proposedAt }) => <Time value={proposedAt} /> },
    {
      name: "note",
      title: "What it changes, and why",
      isWide: true,
      cell: ({ note }) => <span title={note}>{note}</span>,
    },
    {
      name: "look",
      title: "Actions",
      isAction: true,
      cell: ({ id }) => (
        <Link class="button" href={hrefOf(model, id)}>
          Look at it
        </Link>
      ),
    },
  ];
}
