/** How was this decided? The table with the rules that matched, the facts cell by cell, and the answer as it came. */
import { Link } from "wouter-preact";
import { DecisionDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { Id } from "../parts/id.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Lacking, Partial, Skeleton } from "../parts/states.tsx";
import { subjectHref } from "../parts/subject.ts";
import { Time } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { useMay } from "../session/caller.tsx";
import { Evaluated } from "../table/evaluated.tsx";
import type { Evaluation } from "../table/evaluated.tsx";

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
      {evaluation && <Evaluated evaluation={evaluation} />}
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
