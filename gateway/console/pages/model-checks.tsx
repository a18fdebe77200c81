/** What is proven of a table? Gaps, rules without effect, contradictions: each with facts that show it, to be tried. */
import type { ComponentChildren } from "preact";
import { Link } from "wouter-preact";
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import { ModelChecksDocument } from "../generated/operations.ts";
import type { ModelChecksQuery } from "../generated/operations.ts";
import { useQuery } from "../graph/use-query.ts";
import { DataTable } from "../parts/data-table.tsx";
import type { Column } from "../parts/data-table.tsx";
import { wordsOf } from "../parts/explanation.tsx";
import { Empty, Failure, Skeleton } from "../parts/states.tsx";
import { VerdictShape } from "../parts/verdict.tsx";
import { factsOf, severest, rowOf } from "../table/engine.ts";
import type { Model } from "../table/engine.ts";

type Checks = NonNullable<NonNullable<ModelChecksQuery["decisionModel"]>["checks"]>;
type Contradiction = Checks["contradictions"][number];

export interface ModelChecksProps {
  readonly model: Model;
  readonly onTry: (facts: Facts) => void;
}

export function ModelChecks({ model, onTry }: ModelChecksProps) {
  const { data, errors, isLoading, again } = useQuery(ModelChecksDocument, { key: model.key });
  const checks = data?.decisionModel?.checks;
  if (isLoading) return <Skeleton lines={10} height="34px" />;
  if (!data) return <Failure errors={errors} again={again} />;
  if (!checks) {
    return (
      <Empty title="It is not known">
        The table is too large to prove something of all facts. <code>npm run rules -- check</code> says how large.
      </Empty>
    );
  }
  return <Shown checks={checks} model={model} onTry={onTry} />;
}

function Shown({ checks, model, onTry }: ModelChecksProps & { readonly checks: Checks }) {
  const { gaps, neverMatch, neverDecide, contradictions, duplicates, missing } = checks;
  const labels = new Map(model.inputs.map(({ name, label }) => [name, label ?? wordsOf(name)]));
  const tryIt = (witness: unknown) => (
    <button type="button" onClick={() => onTry(factsOf(witness))}>
      Try it
    </button>
  );
  return (
    <>
      <p class="muted">
        Proven for all facts that can occur, not found by samples. Each finding has facts that show it: <em>Try it</em>{" "}
        loads them into the table.
      </p>
      <div class="columns">
        <Finding title="Facts without a verdict" count={gaps.length} none="For all facts a rule gives a verdict.">
          <ul class="findings">
            {gaps.map(({ witness }, index) => (
              <li key={index}>No rule matches {tryIt(witness)}</li>
            ))}
          </ul>
        </Finding>
        <Finding
          title="Rules that never match"
          count={neverMatch.length}
          none="Each rule matches some facts that can occur."
        >
          <Rules model={model} numbers={neverMatch} />
        </Finding>
        <Finding
          title="Rules that never decide"
          count={neverDecide.length}
          none="Each rule gives the verdict of some facts."
        >
          <p class="muted small lead-in">They match, but wherever they do, a severer verdict wins.</p>
          <Rules model={model} numbers={neverDecide} />
        </Finding>
        <Finding title="Rules that say the same" count={duplicates.length} none="No two rules are the same.">
          <ul class="findings">
            {duplicates.map(({ rules }) => (
              <li key={rules.join()}>
                <Rules model={model} numbers={rules} />
              </li>
            ))}
          </ul>
        </Finding>
        <Finding
          title="Unknown facts that open"
          count={missing.length}
          isRemark
          none="No fact leads to ALLOW by being unknown."
        >
          <p class="muted small lead-in">
            Where one of these alone is not known, the verdict is ALLOW, which some value of it would not give.
          </p>
          <ul class="findings">
            {missing.map(({ input, witness }) => (
              <li key={input}>
                {labels.get(input) ?? wordsOf(input)} {tryIt(witness)}
              </li>
            ))}
          </ul>
        </Finding>
      </div>
      <Finding
        title="Rules that disagree"
        count={contradictions.length}
        isRemark
        none="No two rules give different verdicts to the same facts, besides those that always match."
      >
        <p class="muted small lead-in">
          They give different verdicts to the same facts, and the severer one wins. It is worth a look whether that is
          meant.
        </p>
        <DataTable
          title="Contradictions"
          columns={columnsOf(model, tryIt)}
          rows={contradictions}
          keyOf={({ rules }) => rules.join()}
        />
      </Finding>
    </>
  );
}

interface FindingProps {
  readonly title: string;
  readonly count: number;
  /** It may well be meant. Default false. */
  readonly isRemark?: boolean;
  /** What is proven where there is nothing. */
  readonly none: string;
  readonly children: ComponentChildren;
}

function Finding({ title, count, isRemark = false, none, children }: FindingProps) {
  const colour = count === 0 ? "allow" : isRemark ? "neutral" : "review";
  return (
    <section class="panel" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        <span class={`badge ${colour}`}>{count === 0 ? "none" : count.toLocaleString("en")}</span>
      </div>
      {count === 0 ? <p class="muted">{none}</p> : children}
    </section>
  );
}

interface RulesProps {
  readonly model: Pick<Model, "key" | "table">;
  readonly numbers: readonly number[];
}

/** Each leads to its row. */
export function Rules({ model, numbers }: RulesProps) {
  return (
    <span class="rule-links">
      {numbers.map((number) => (
        <Link key={number} href={`/models/${model.key}?rule=${number}`} title={codeOf(model, number)}>
          rule {number}
        </Link>
      ))}
    </span>
  );
}

function codeOf({ table }: Pick<Model, "table">, number: number): string {
  return String(rowOf(table[number - 1]?.outputs)["reason_code"] ?? "");
}

function columnsOf(model: Model, tryIt: (witness: unknown) => ComponentChildren): readonly Column<Contradiction>[] {
  const verdictOf = (number: number | undefined) =>
    severest([rowOf(number === undefined ? undefined : model.table[number - 1]?.outputs)]);
  const ruleColumn = (index: 0 | 1, title: string): Column<Contradiction> => ({
    name: title,
    title,
    cell: ({ rules }) => {
      const number = rules[index];
      return (
        number !== undefined && (
          <>
            <VerdictShape value={verdictOf(number)} /> <Rules model={model} numbers={[number]} />{" "}
            <code class="muted small">{codeOf(model, number)}</code>
          </>
        )
      );
    },
  });
  return [
    ruleColumn(0, "One"),
    ruleColumn(1, "Other"),
    { name: "act", title: "Actions", isAction: true, cell: ({ witness }) => tryIt(witness) },
  ];
}
