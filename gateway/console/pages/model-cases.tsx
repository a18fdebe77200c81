/** Does a table still answer its examples as expected? They are run here, by the engine that decides, and each can be tried. */
import { useMemo } from "preact/hooks";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { caseOutcome } from "../../../subgraphs/pipeline/table/outcome.ts";
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { ModelCasesDocument } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { FilterField, useFilters } from "../parts/filters.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import { textOf } from "../parts/text.ts";
import { Verdict } from "../parts/verdict.tsx";
import { factsOf, rowOf, tableOf, verdictOf, waysOf } from "../table/engine.ts";
import type { Model } from "../table/engine.ts";

export interface ModelCasesProps {
  readonly model: Model;
  readonly onTry: (facts: Facts) => void;
}

interface Run {
  readonly number: number;
  readonly facts: Facts;
  /** By output, as text. */
  readonly expected: Readonly<Record<string, string>>;
  /** By output; undefined where the engine refuses the facts. */
  readonly answered: Readonly<Record<string, string>>;
  /** The outputs that are otherwise. */
  readonly wrong: readonly string[];
}

export function ModelCases({ model, onTry }: ModelCasesProps) {
  const { data, errors, isLoading, again } = useQuery(ModelCasesDocument, { key: model.key });
  const { filters, set } = useFilters();
  const given = data?.decisionModel?.cases;
  const runs = useMemo(() => given && runAll(model, given), [model, given]);
  if (isLoading) return <Skeleton lines={10} height="38px" />;
  if (!runs) return <Failure errors={errors} again={again} />;
  if (runs.length === 0) {
    return (
      <Empty title="It has no cases">
        Examples stand in <code>{model.key}.cases.csv</code> or <code>.cases.json</code> beside the table.{" "}
        <code>npm run rules -- cases FILE --generate</code> writes one for each slip that no case would notice.
      </Empty>
    );
  }
  const failed = runs.filter(({ wrong }) => wrong.length > 0);
  const shown = runs.filter(
    ({ expected, wrong }) =>
      (filters["verdict"] === undefined || expected["verdict"] === filters["verdict"]) &&
      (filters["answer"] === undefined || wrong.length > 0 === (filters["answer"] === "otherwise")),
  );
  return (
    <>
      <div class={`notice ${failed.length === 0 ? "allow" : "deny"}`} role="status">
        <strong>
          {failed.length === 0
            ? `All ${runs.length} cases are answered as expected.`
            : `${failed.length} of ${runs.length} cases are answered otherwise.`}
        </strong>
        <span>They were run here, by the engine that decides.</span>
      </div>
      <search class="filters">
        <FilterField
          label="Verdict"
          value={filters["verdict"] ?? ""}
          onValue={(value) => set("verdict", value)}
          choices={["ALLOW", "REVIEW", "DENY"]}
        />
        <FilterField
          label="Answer"
          value={filters["answer"] ?? ""}
          onValue={(value) => set("answer", value)}
          choices={["as expected", "otherwise"]}
        />
        <span class="muted small">
          {shown.length} of {runs.length}
        </span>
      </search>
      {shown.length === 0 ? (
        <Empty title="No case is like that">Other filters show the rest.</Empty>
      ) : (
        <DataTable
          title="Cases"
          columns={columnsOf(model, onTry)}
          rows={shown}
          keyOf={({ number }) => String(number)}
        />
      )}
    </>
  );
}

function runAll(
  model: Model,
  cases: readonly { readonly number: number; readonly facts: unknown; readonly expected: unknown }[],
): readonly Run[] {
  const compiled = compile(tableOf(model));
  const ways = waysOf(model);
  return cases.map(({ number, facts: given, expected: outcome }) => {
    const facts = factsOf(given);
    const expected = Object.fromEntries(Object.entries(rowOf(outcome)).map(([name, text]) => [name, String(text)]));
    const answered = caseOutcome(compiled, facts, ways);
    const wrong = Object.entries(expected).flatMap(([name, text]) => (answered[name] === text ? [] : [name]));
    return { number, facts, expected, answered, wrong };
  });
}

function columnsOf(model: Model, onTry: ModelCasesProps["onTry"]): readonly Column<Run>[] {
  return [
    { name: "number", title: "#", isNumber: true, cell: ({ number }) => number },
    {
      name: "answer",
      title: "Answer",
      cell: ({ wrong, expected, answered }) =>
        wrong.length === 0 ? (
          <span class="badge allow">as expected</span>
        ) : (
          <span
            class="badge deny"
            title={wrong
              .map((name) => `${name}: expected ${expected[name] ?? ""}, got ${answered[name] ?? ""}`)
              .join("\n")}
          >
            {wrong.join(", ")} otherwise
          </span>
        ),
    },
    { name: "verdict", title: "Verdict", cell: ({ expected }) => <Verdict value={verdictOf(expected["verdict"])} /> },
    ...model.inputs.map(({ name, label }): Column<Run> => ({
      name,
      title: label ?? name,
      cell: ({ facts }) =>
        (facts[name] ?? null) === null ? <span class="muted">not known</span> : textOf(facts[name]) || "none",
    })),
    {
      name: "act",
      title: "Actions",
      isAction: true,
      cell: ({ facts }) => (
        <button type="button" onClick={() => onTry(facts)}>
          Try it
        </button>
      ),
    },
  ];
}
