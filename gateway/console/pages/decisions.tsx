/** What was decided? The ledger, newest first, with filters; what is decided now comes in from above. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { DecisionMadeDocument, DecisionsDocument, ModelsDocument } from "../generated/operations.ts";
import type { DecisionRowFragment, DecisionsQueryVariables } from "../generated/operations.ts";
import { useLive } from "../graph/use-live.ts";
import { useQuery } from "../graph/use-query.ts";
import { usePages } from "../graph/use-pages.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { FilterField, SelectField, TextField, useFilters } from "../parts/filters.tsx";
import type { Filters } from "../parts/filters.tsx";
import { Id } from "../parts/id.tsx";
import { subjectHref } from "../parts/subject.ts";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import { Time } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { Person } from "../session/caller.tsx";
import { verdictOf } from "../table/engine.ts";

const COLUMNS: readonly Column<DecisionRowFragment>[] = [
  {
    name: "when",
    title: "Decided",
    cell: ({ id, decidedAt }) => (
      <Link class="row" href={`/decisions/${id}`}>
        <Time value={decidedAt} />
      </Link>
    ),
  },
  { name: "verdict", title: "Verdict", cell: ({ verdict }) => <Verdict value={verdict} /> },
  {
    name: "model",
    title: "Model",
    cell: ({ model: { key, version } }) => (
      <>
        <Link href={`/models/${key}`}>{key}</Link> <span class="muted small">v{version}</span>
      </>
    ),
  },
  { name: "subject", title: "Subject", cell: ({ subject }) => <Id value={subject} href={subjectHref(subject)} /> },
  { name: "by", title: "Asked by", cell: ({ requestedBy }) => <Person id={requestedBy} /> },
  { name: "id", title: "Evaluation", cell: ({ id }) => <Id value={id} /> },
];

/** Of hours; the URL has the number. */
const TIMES = [
  ["", "any time"],
  ["1", "the last hour"],
  ["24", "the last day"],
  ["168", "the last week"],
] as const;

export function DecisionsPage() {
  const { filters, set, clear } = useFilters();
  // Since the filters were chosen: a time that moved on would be another list.
  // oxlint-disable-next-line react/exhaustive-deps -- the text is of the filters
  const variables = useMemo(() => variablesOf(filters), [JSON.stringify(filters)]);
  const { rows, total, errors, isLoading, again, more } = usePages(
    DecisionsDocument,
    variables,
    ({ evaluations }) => evaluations,
  );
  const fresh = useFresh(filters, variables);
  const newest = fresh.filter(({ id }) => !rows.some((row) => row.id === id));
  const shown = [...newest, ...rows];
  const freshIds = new Set(fresh.map(({ id }) => id));
  return (
    <Page
      title="Decisions"
      lead="Every evaluation of the decision service, as it was answered. Nothing here can be changed."
    >
      <Filter filters={filters} set={set} />
      <Partial errors={rows.length > 0 ? errors : []} />
      {isLoading && <Skeleton lines={12} height="38px" />}
      {!isLoading && rows.length === 0 && errors.length > 0 && <Failure errors={errors} again={again} />}
      {!isLoading && shown.length === 0 && errors.length === 0 && (
        <Empty title="No decision is like that">
          Decisions appear here when a field is asked that decides.{" "}
          {Object.keys(filters).length > 0 && (
            <button type="button" class="plain" onClick={clear}>
              Clear the filters
            </button>
          )}
        </Empty>
      )}
      {shown.length > 0 && (
        <div>
          <DataTable
            title="Decisions"
            columns={COLUMNS}
            rows={shown}
            keyOf={({ id }) => id}
            isFresh={({ id }) => freshIds.has(id)}
            total={(total ?? 0) + newest.length}
            more={more}
          />
          <p class="table-foot">
            <span>
              {shown.length.toLocaleString("en")} of {((total ?? 0) + newest.length).toLocaleString("en")}
            </span>
            <span>new ones appear by themselves</span>
          </p>
        </div>
      )}
    </Page>
  );
}

function Filter({ filters, set }: { readonly filters: Filters; readonly set: (name: string, value: string) => void }) {
  const { data } = useQuery(ModelsDocument, {});
  return (
    <search class="filters">
      <TextField
        label="Subject"
        isSearch
        placeholder="the id of a campaign, a location, a request…"
        value={filters["subject"] ?? ""}
        onValue={(value) => set("subject", value)}
      />
      <FilterField
        label="Model"
        value={filters["model"] ?? ""}
        onValue={(value) => set("model", value)}
        choices={data?.decisionModels.map(({ key }) => key) ?? []}
      />
      <FilterField
        label="Verdict"
        value={filters["verdict"] ?? ""}
        onValue={(value) => set("verdict", value)}
        choices={["ALLOW", "REVIEW", "DENY"]}
      />
      <SelectField
        label="When"
        value={filters["hours"] ?? ""}
        onValue={(value) => set("hours", value)}
        choices={TIMES.map(([hours]) => hours)}
        textOf={(choice) => TIMES.find(([hours]) => hours === choice)?.[1] ?? choice}
      />
      {filters["model"] !== undefined && (
        <TextField
          label="Rule"
          placeholder="a reason's code"
          value={filters["rule"] ?? ""}
          onValue={(value) => set("rule", value)}
        />
      )}
    </search>
  );
}

function variablesOf({ subject, model, verdict, rule, hours }: Filters): DecisionsQueryVariables {
  const minute = 60_000;
  const isTime = hours !== undefined && TIMES.some(([one]) => one === hours);
  return {
    first: 100,
    subject: subject ?? null,
    model: model ?? null,
    verdict: verdictOf(verdict),
    rule: model === undefined ? null : (rule ?? null),
    since: isTime ? new Date(Math.floor(Date.now() / minute) * minute - Number(hours) * 3_600_000).toISOString() : null,
  };
}

const MAX_FRESH = 200;

/** What was decided since the page was opened, as far as the filters can tell. */
function useFresh(filters: Filters, { subject = null, model = null, verdict }: DecisionsQueryVariables) {
  const key = JSON.stringify(filters);
  const [fresh, setFresh] = useState<readonly DecisionRowFragment[]>([]);
  useEffect(() => setFresh([]), [key]);
  useLive(DecisionMadeDocument, { subject, model }, ({ decisionMade: made }) => {
    if (typeof filters["rule"] === "string" || (verdict && made.verdict !== verdict)) return;
    setFresh((before) => [made, ...before.filter(({ id }) => id !== made.id)].slice(0, MAX_FRESH));
  });
  return fresh;
}
