/**
 * What is there to know of a model? Its table, to be tried; what is proven of it; its versions side by side; whom a change of it
 * would concern; and its cases. Facts that are tried, and a candidate that was chosen, stay while one looks at another tab.
 */
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { CandidateDocument, ModelDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { useFilters } from "../parts/filters.tsx";
import { shortened } from "../parts/id.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failure, Partial, Skeleton } from "../parts/states.tsx";
import type { Candidate } from "../table/candidate.tsx";
import type { Model } from "../table/engine.ts";
import { ModelCases } from "./model-cases.tsx";
import { ModelChecks } from "./model-checks.tsx";
import { ModelImpact } from "./model-impact.tsx";
import { ModelTable } from "./model-table.tsx";
import type { TriedFacts } from "./model-table.tsx";
import { ModelVersions } from "./model-versions.tsx";

export function ModelPage({ modelKey }: { readonly modelKey: string }) {
  const { data, errors, isLoading, again } = useQuery(ModelDocument, { key: modelKey });
  const model = data?.decisionModel ?? undefined;
  return (
    <Page
      title={model?.name ?? modelKey}
      crumb={<Link href="/models">Models</Link>}
      lead={model && <Lead text={model.description ?? ""} />}
      actions={
        model && (
          <Link class="button" href={`/decisions?model=${model.key}`}>
            Its decisions
          </Link>
        )
      }
    >
      <Partial errors={model ? errors : []} />
      {isLoading && <Skeleton lines={12} height="34px" />}
      {!isLoading && !model && errors.length > 0 && <Failure errors={errors} again={again} />}
      {data && !model && errors.length === 0 && (
        <Empty title="There is no such model">
          The graph decides nothing by <code>{modelKey}</code>. <Link href="/models">All models</Link>
        </Empty>
      )}
      {model && <Opened key={model.key} model={model} />}
    </Page>
  );
}

/** The question; what has to be known besides it is there on demand. */
function Lead({ text }: { readonly text: string }) {
  const end = text.search(/(?<=[?.!])\s/);
  if (end < 0) return <>{text}</>;
  return (
    <details>
      <summary>{text.slice(0, end)}</summary>
      {text.slice(end + 1)}
    </details>
  );
}

const TABS = [
  ["", "Table"],
  ["checks", "Checks"],
  ["versions", "Versions"],
  ["impact", "Impact"],
  ["cases", "Cases"],
] as const;

function Opened({ model }: { readonly model: Model }) {
  const { filters, set } = useFilters();
  const tab = filters["tab"] ?? "";
  const id = filters["candidate"];
  const [tried, setTried] = useState<TriedFacts>();
  const [chosen, choose] = useState<Candidate>();
  const opened = useQuery(CandidateDocument, { id: id ?? "" }, { isAsked: id !== undefined });
  const proposed = id === undefined ? undefined : opened.data?.tableCandidate;
  const candidate =
    proposed?.model === model.key
      ? { name: shortened(proposed.id), text: proposed.source }
      : id === undefined
        ? chosen
        : undefined;
  const [, navigate] = useLocation();
  const hrefOf = (name: string): string => {
    const search = [name && `tab=${name}`, id !== undefined && `candidate=${id}`].filter(Boolean).join("&");
    return `/models/${model.key}${search && `?${search}`}`;
  };
  const changeCandidate = (next: Candidate | undefined): void => {
    choose(next);
    if (id !== undefined) set("candidate", "");
  };
  const tryFacts = (facts: TriedFacts["facts"]): void => {
    setTried({ facts, isLed: true });
    navigate(hrefOf(""));
  };
  return (
    <>
      <nav class="tabs" aria-label="Of the model">
        {TABS.map(([name, title]) => (
          <Link key={name} href={hrefOf(name)} aria-current={name === tab ? "page" : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      {tab === "" && <ModelTable model={model} tried={tried} onTry={setTried} />}
      {tab === "checks" && <ModelChecks model={model} onTry={tryFacts} />}
      {tab === "versions" && (
        <ModelVersions
          model={model}
          candidate={candidate}
          opened={opened}
          onCandidate={changeCandidate}
          onTry={tryFacts}
        />
      )}
      {tab === "impact" && <ModelImpact model={model} candidate={candidate} onCandidate={changeCandidate} />}
      {tab === "cases" && <ModelCases model={model} onTry={tryFacts} />}
      {!TABS.some(([name]) => name === tab) && (
        <Empty title="There is no such tab">
          <Link href={hrefOf("")}>The table</Link>
        </Empty>
      )}
    </>
  );
}
