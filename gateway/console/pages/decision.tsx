/** How was this decided? The table with the rules that matched, the facts cell by cell, and the answer as it came. */
import { useMemo } from "preact/hooks";
import { Link } from "wouter-preact";
import type { Row, Table } from "../../../subgraphs/pipeline/table/table.ts";
import { DecisionDocument, ModelDocument } from "../generated/operations.ts";
import type { DecisionQuery } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { Id } from "../parts/id.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Lacking, Partial, Skeleton } from "../parts/states.tsx";
import { subjectHref } from "../parts/subject.ts";
import { Time } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { useMay } from "../session/caller.tsx";
import { DecisionTable, textOf } from "../table/decision-table.tsx";
import { factsOf, lightOf, rowOf, tableOf } from "../table/engine.ts";
import type { Model } from "../table/engine.ts";
import { Outcome } from "../table/outcome.tsx";

type Evaluation = NonNullable<DecisionQuery["evaluation"]>;

export function DecisionPage({ id }: { readonly id: string }) {
  const { data, errors, isLoading, again } = useQuery(DecisionDocument, { id });
  const evaluation = data?.evaluation ?? undefined;
  const seesPersons = useMay("listeners:read");
  return (
    <Page
      title="Decision"
      crumb={<Link href="/decisions">Decisions</Link>}
      actions={
        evaluation && (
          <Link class="button" href={`/models/${evaluation.model.key}?from=${evaluation.id}`}>
            Try other facts
          </Link>
        )
      }
    >
      {seesPersons && <Partial errors={evaluation ? errors : []} />}
      {isLoading && <Skeleton lines={10} height="34px" />}
      {!isLoading && !evaluation && errors.length > 0 && <Failure errors={errors} again={again} />}
      {data && !evaluation && errors.length === 0 && (
        <Empty title="There is no such evaluation">
          It does not exist, or has not been written yet. <Link href="/decisions">All decisions</Link>
        </Empty>
      )}
      {evaluation && <Head evaluation={evaluation} />}
      {evaluation && !seesPersons && (
        <Lacking scope="listeners:read" what="The facts of an evaluation may be personal. To see them" />
      )}
      {evaluation && <Decided evaluation={evaluation} />}
    </Page>
  );
}

function Head({
  evaluation: { id, verdict, subject, model, decidedAt, requestedBy },
}: {
  readonly evaluation: Evaluation;
}) {
  return (
    <section class="panel" aria-label="Evaluation">
      <dl class="facts">
        <dt>Verdict</dt>
        <dd>
          <Verdict value={verdict} />
        </dd>
        <dt>Subject</dt>
        <dd>
          <Id value={subject} href={subjectHref(subject)} />{" "}
          <Link href={`/decisions?subject=${subject}`}>all its decisions</Link>
        </dd>
        <dt>Model</dt>
        <dd>
          <Link href={`/models/${model.key}`}>{model.key}</Link>, version {model.version}
        </dd>
        <dt>Decided</dt>
        <dd>
          <Time value={decidedAt} /> <span class="muted">by request of {requestedBy ?? "nobody"}</span>
        </dd>
        <dt>Evaluation</dt>
        <dd>
          <Id value={id} />
        </dd>
      </dl>
    </section>
  );
}

function Decided({ evaluation }: { readonly evaluation: Evaluation }) {
  const { data } = useQuery(ModelDocument, { key: evaluation.model.key });
  if (data?.decisionModel) return <WithTable evaluation={evaluation} model={data.decisionModel} />;
  return data ? (
    <Empty title="Its table is not here any more">The graph decides nothing by {evaluation.model.key} now.</Empty>
  ) : (
    <Skeleton lines={8} height="34px" />
  );
}

function WithTable({ evaluation, model }: { readonly evaluation: Evaluation; readonly model: Model }) {
  const table = useMemo(() => tableOf(model), [model]);
  const facts = useMemo(() => (evaluation.facts ? factsOf(evaluation.facts) : undefined), [evaluation]);
  const lit = useMemo(() => facts && lightOf(table)(facts), [table, facts]);
  const rows = Array.isArray(evaluation.outputs) ? evaluation.outputs.map(rowOf) : undefined;
  const matched = rows && rulesOf(table, rows);
  const isOther = evaluation.model.version !== model.version;
  const differs = lit?.matched && matched && !sameSet(lit.matched, matched);
  return (
    <>
      {rows && <Outcome table={table} rows={rows} />}
      {(isOther || differs) && (
        <div class="notice review" role="status">
          <strong>The table has changed since.</strong> It was decided under version {evaluation.model.version}; the
          service runs {model.version} now.
          {differs
            ? ` Now rules ${[...(lit?.matched ?? [])].join(", ")} match these facts.`
            : " The same rules match now."}
        </div>
      )}
      <DecisionTable
        model={model}
        table={table}
        lit={lit}
        matched={matched}
        factsRow={facts && (({ name }) => <code title={name}>{textOf(facts[name] ?? null) || "unknown"}</code>)}
      />
      <details class="panel">
        <summary>Facts and answer, as JSON</summary>
        <div class="columns">
          <pre class="code small">{JSON.stringify(evaluation.facts, undefined, 2)}</pre>
          <pre class="code small">{JSON.stringify(evaluation.outputs, undefined, 2)}</pre>
        </div>
      </details>
    </>
  );
}

/** The service does not say which rules matched: the code of a reason does. */
function rulesOf({ rules }: Table, rows: readonly Row[]): ReadonlySet<number> {
  const codes = new Set(rows.map((row) => row["reason_code"]));
  return new Set(rules.filter(({ row }) => codes.has(row["reason_code"])).map(({ number }) => number));
}

function sameSet(one: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}
