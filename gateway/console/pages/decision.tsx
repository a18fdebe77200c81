/** How was this decided? The table with the rules that matched, the facts cell by cell, and the answer as it came. */
import { Link } from "wouter-preact";
import { ExplainEvaluationDocument } from "../generated/operations.ts";
import type { ExplainEvaluationQuery } from "../generated/operations.ts";
import type { Asked } from "../graph/use-query.ts";
import { useQuery } from "../graph/use-query.ts";
import { Copyable } from "../parts/copyable.tsx";
import { Sufficient, WouldAllow } from "../parts/explanation.tsx";
import { Id } from "../parts/id.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Lacking, Partial, Skeleton, isOfNothing } from "../parts/states.tsx";
import { subjectHref } from "../parts/subject.ts";
import { Time } from "../parts/time.tsx";
import { Verdict } from "../parts/verdict.tsx";
import { Person, useMay } from "../session/caller.tsx";
import { Evaluated } from "../table/evaluated.tsx";
import type { Evaluation } from "../table/evaluated.tsx";
import { useEvaluation } from "../table/use-evaluation.ts";
import { FactList } from "./entity-page.tsx";
import { Request, isRequest } from "./request.tsx";
import { ThenAndNow } from "./then-and-now.tsx";

export function DecisionPage({ id }: { readonly id: string }) {
  const { data, errors, isLoading, again } = useEvaluation(id);
  const evaluation = data?.evaluation ?? undefined;
  const explained = useQuery(ExplainEvaluationDocument, { id });
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
      {!isLoading && !evaluation && !isOfNothing(errors) && <Failure errors={errors} again={again} />}
      {!isLoading && !evaluation && isOfNothing(errors) && (
        <Empty title="There is no such evaluation">
          It does not exist, or has not been written yet. <Link href="/decisions">All decisions</Link>
        </Empty>
      )}
      {evaluation && (
        <div class="columns">
          <Head evaluation={evaluation} explained={explained} />
          <Explanation explained={explained} />
        </div>
      )}
      {evaluation && isRequest(evaluation.subject) && <Request id={evaluation.subject} />}
      {evaluation && !seesPersons && (
        <Lacking scope="listeners:read" what="The facts of an evaluation may be personal. To see them" />
      )}
      {evaluation && seesPersons && <ThenAndNow evaluation={evaluation} />}
      {evaluation && <Evaluated evaluation={evaluation} />}
    </Page>
  );
}

interface ExplanationProps {
  readonly explained: Asked<ExplainEvaluationQuery>;
}

function Head({ evaluation, explained }: ExplanationProps & { readonly evaluation: Evaluation }) {
  const { id, verdict, subject, model, decidedAt, requestedBy } = evaluation;
  return (
    <section class="panel" aria-label="Evaluation">
      <FactList
        facts={[
          ["Verdict", <Verdict key="verdict" value={verdict} />],
          [
            "Subject",
            <>
              <Id value={subject} href={subjectHref(subject)} />{" "}
              <Link href={`/decisions?subject=${subject}`}>all its decisions</Link>
            </>,
          ],
          [
            "Model",
            <>
              <Link href={`/models/${model.key}`}>{model.key}</Link>, version {model.version}
            </>,
          ],
          [
            "Decided",
            <>
              <Time value={decidedAt} />{" "}
              <span class="muted">
                asked for by <Person id={requestedBy} />
              </span>
            </>,
          ],
          ["Evaluation", <Id key="id" value={id} />],
        ]}
      />
      <h2 class="apart">Receipt</h2>
      <Receipt explained={explained} />
    </section>
  );
}

function Explanation({ explained: { data, errors, isLoading, again } }: ExplanationProps) {
  const explanation = data?.evaluation;
  return (
    <section class="panel explained" aria-label="Explanation">
      {!isLoading && !explanation && <Failure errors={errors} again={again} />}
      <h2>What would have to change</h2>
      {isLoading && <Skeleton lines={2} />}
      {explanation && <WouldAllow explanation={explanation} />}
      <h2>Why exactly</h2>
      {isLoading && <Skeleton lines={3} />}
      {explanation && <Sufficient explanation={explanation} />}
    </section>
  );
}

/** What shows the decision to others. */
function Receipt({ explained: { data, isLoading } }: ExplanationProps) {
  if (isLoading) return <Skeleton height="34px" />;
  if (!data?.evaluation) return <p class="muted">It could not be read.</p>;
  const { receipt } = data.evaluation;
  if (receipt === null) {
    return (
      <p class="muted">
        There is none: this graph has no key to sign with. <code>LEDGER_KEY</code> sets one.
      </p>
    );
  }
  return (
    <>
      <Copyable label="Receipt" text={receipt} />
      <p class="muted small">
        It says which table gave which verdict, and when. Anybody can verify it without this graph: it is a JSON Web
        Signature by one of the keys that <code>receiptKeys</code> gives.
      </p>
    </>
  );
}
