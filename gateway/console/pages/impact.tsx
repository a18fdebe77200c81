/**
 * Whose verdict would this table change?
 *
 * The graph looks through everybody of today and the ledger's last days, which takes a while: how far it is is shown, and what it
 * has found so far. Nothing is asked of the decision service.
 */
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { ImpactDocument, VersionSourceDocument } from "../generated/operations.ts";
import type { ImpactPartFragment } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { SelectField, useFilters } from "../parts/filters.tsx";
import { Id } from "../parts/id.tsx";
import { Failure, Lacking, Skeleton } from "../parts/states.tsx";
import { subjectHref } from "../parts/subject.ts";
import { Verdict } from "../parts/verdict.tsx";
import { useMay } from "../session/caller.tsx";

/** The text of a file, or a version that is kept. */
export type ImpactSource = { readonly text: string } | { readonly digest: string };

export interface ImpactProps {
  readonly model: string;
  readonly source: ImpactSource;
}

const DAYS = ["7", "30", "90"];

export function Impact({ model, source }: ImpactProps) {
  const may = useMay("listeners:read");
  const { filters, set } = useFilters();
  const days = DAYS.find((one) => one === filters["days"]) ?? "30";
  const [isWanted, want] = useState(false);
  if (!may)
    return <Lacking scope="listeners:read" what="Listeners are among those whose verdict would change. To see them" />;
  return (
    <section class="panel" aria-label="Impact">
      <div class="panel-head">
        <h2>Whose verdict would change</h2>
      </div>
      <p class="muted">
        Of everybody today, and of the evaluations of the last days, against the table that decides here. The decision
        service is not asked, and nothing is recorded.
      </p>
      <div class="filters">
        <SelectField
          label="Of the ledger"
          value={days}
          onValue={(value) => set("days", value)}
          choices={DAYS}
          textOf={(choice) => `the last ${choice} days`}
        />
        {!isWanted && (
          <button type="button" class="primary" onClick={() => want(true)}>
            Find whom it changes
          </button>
        )}
      </div>
      {isWanted && <OfSource model={model} source={source} days={Number(days)} />}
    </section>
  );
}

interface AskedProps extends ImpactProps {
  readonly days: number;
}

function OfSource({ model, source, days }: AskedProps) {
  const digest = "digest" in source ? source.digest : undefined;
  const { data, errors, isLoading, again } = useQuery(
    VersionSourceDocument,
    { key: model },
    { isAsked: digest !== undefined },
  );
  const kept = data?.decisionModel?.versions.find((one) => one.digest === digest)?.source;
  const text = "text" in source ? source.text : kept;
  if (text !== undefined) return <Running model={model} text={text} days={days} />;
  return isLoading ? <Skeleton lines={3} /> : <Failure errors={errors} again={again} />;
}

interface RunningProps {
  readonly model: string;
  readonly text: string;
  readonly days: number;
}

/** Milliseconds between an answer and the next question, while it runs. */
const PAUSE_MS = 500;

function Running({ model, text, days }: RunningProps) {
  const { data, errors, isLoading, again } = useQuery(ImpactDocument, { model, table: text, days });
  const impact = data?.changeImpact;
  useEffect(() => {
    if (impact?.state !== "RUNNING") return undefined;
    const timer = setTimeout(again, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [impact, again]);
  if (isLoading) return <Progress considered={undefined} />;
  if (!impact) return <Failure errors={errors} again={again} />;
  const { state, problem, today, ledger } = impact;
  return (
    <div class="stack impact">
      {state === "RUNNING" && <Progress considered={today.considered + ledger.considered} />}
      {state === "FAILED" && (
        <div class="notice deny" role="alert">
          <strong>It could not be found to the end.</strong> <span>{problem}</span>
          <button type="button" onClick={again}>
            Try again
          </button>
        </div>
      )}
      <Part title="Today" part={today} isRunning={state === "RUNNING"} />
      <Part title={`In the last ${impact.days} days`} part={ledger} isRunning={state === "RUNNING"} />
    </div>
  );
}

function Progress({ considered }: { readonly considered: number | undefined }) {
  return (
    <div class="progress" role="status">
      <progress aria-label="Looking through everybody" />
      <span class="muted">
        {considered === undefined
          ? "Looking through everybody…"
          : `${considered.toLocaleString("en")} looked at so far`}
      </span>
    </div>
  );
}

interface PartProps {
  readonly title: string;
  readonly part: ImpactPartFragment;
  readonly isRunning: boolean;
}

function Part({ title, part, isRunning }: PartProps) {
  const { considered, unknown, changed, isComplete, changes, flips } = part;
  return (
    <section aria-label={title} class="stack">
      <h3>
        {title}: {changed.toLocaleString("en")} of {considered.toLocaleString("en")} would get another verdict
      </h3>
      {unknown > 0 && (
        <p class="muted small">
          Of {unknown.toLocaleString("en")} more a fact cannot be read: of them it is not known.
        </p>
      )}
      {!isComplete && !isRunning && (
        <p class="notice review">
          <strong>Not all were looked at.</strong> There are more than one run looks through, or nobody can list them.
        </p>
      )}
      {changes.length > 0 && (
        <ul class="findings">
          {changes.map(({ from, to, count, rules }) => (
            <li key={`${from} ${to}`}>
              <Verdict value={from} /> <span aria-hidden="true">→</span>
              <span class="unseen">becomes</span> <Verdict value={to} /> <strong>{count.toLocaleString("en")}</strong>
              <span class="muted small">
                by{" "}
                {rules.map(({ rule, count: times }) => `rule ${rule} (${times.toLocaleString("en")})`).join(", ") ||
                  "no rule"}
              </span>
            </li>
          ))}
        </ul>
      )}
      {flips.nodes.length > 0 && (
        <DataTable title={`Who, ${title.toLowerCase()}`} columns={COLUMNS} rows={flips.nodes} keyOf={keyOf} />
      )}
      {flips.totalCount > flips.nodes.length && (
        <p class="muted small">
          The first {flips.nodes.length} of {flips.totalCount.toLocaleString("en")}.{" "}
          <code>npm run rules -- impact</code> and <code>changeImpact</code> have all.
        </p>
      )}
    </section>
  );
}

type Flip = ImpactPartFragment["flips"]["nodes"][number];

function keyOf({ field, subject, about, evaluationId }: Flip): string {
  return `${field ?? ""} ${subject} ${about ?? ""} ${evaluationId ?? ""}`;
}

const COLUMNS: readonly Column<Flip>[] = [
  { name: "subject", title: "Who", cell: ({ subject }) => <Id value={subject} href={subjectHref(subject)} /> },
  {
    name: "verdict",
    title: "Verdict",
    cell: ({ from, to }) => (
      <>
        <Verdict value={from} /> <span aria-hidden="true">→</span>
        <span class="unseen">becomes</span> <Verdict value={to} />
      </>
    ),
  },
  { name: "rules", title: "By rules", cell: ({ rules }) => rules.join(", ") },
  {
    name: "before",
    title: "Now by",
    cell: ({ rulesBefore }) => rulesBefore.join(", ") || <span class="muted">as recorded</span>,
  },
  {
    name: "about",
    title: "Decided by",
    cell: ({ field, about, evaluationId }) => (
      <>
        {field !== null && <code class="small">{field}</code>}
        {about !== null && <Id value={about} href={subjectHref(about)} />}
        {evaluationId !== null && <Link href={`/decisions/${evaluationId}`}>the evaluation</Link>}
      </>
    ),
  },
];
