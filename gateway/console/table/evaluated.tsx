/** How did a table come to its answer? The rules that matched, the facts cell by cell, and what has changed since. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Row, Table } from "../../../subgraphs/pipeline/table/table.ts";
import { ModelDocument } from "../generated/operations.ts";
import type { DecisionQuery } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { Empty, Skeleton } from "../parts/states.tsx";
import { textOf } from "../parts/text.ts";
import { DecisionTable } from "./decision-table.tsx";
import { factsOf, lightOf, rowOf, tableOf } from "./engine.ts";
import type { Model } from "./engine.ts";
import { Outcome } from "./outcome.tsx";

export type Evaluation = NonNullable<DecisionQuery["evaluation"]>;

export interface EvaluatedProps {
  readonly evaluation: Evaluation;
  /** Between the outcome and the table. */
  readonly children?: ComponentChildren;
}

/** With the table that decides now. */
export function Evaluated(props: EvaluatedProps) {
  const { key } = props.evaluation.model;
  const { data } = useQuery(ModelDocument, { key });
  if (data?.decisionModel) return <WithTable {...props} model={data.decisionModel} />;
  return (
    <>
      {props.children}
      {data ? (
        <Empty title="Its table is not here any more">The graph decides nothing by {key} now.</Empty>
      ) : (
        <Skeleton lines={8} height="34px" />
      )}
    </>
  );
}

function WithTable({ evaluation, model, children }: EvaluatedProps & { readonly model: Model }) {
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
      {children}
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
        isLed={matched !== undefined}
        factsRow={
          facts &&
          (({ name }) => (
            <code title={name} class={(facts[name] ?? null) === null ? "muted" : ""}>
              {textOf(facts[name] ?? null) || "not known"}
            </code>
          ))
        }
      />
      {facts && (
        <details class="panel">
          <summary>Facts and answer, as JSON</summary>
          <div class="columns">
            <pre class="code small">{JSON.stringify(evaluation.facts, undefined, 2)}</pre>
            <pre class="code small">{JSON.stringify(evaluation.outputs, undefined, 2)}</pre>
          </div>
        </details>
      )}
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
