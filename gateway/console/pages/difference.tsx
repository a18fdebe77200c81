/** What does a change of the rules mean? Which verdicts and outputs change, for how many of all facts, with facts that show it. */
import type { Facts } from "../../../subgraphs/pipeline/table/table.ts";
import type { ComparisonQuery } from "../generated/operations.ts";
import { textOf } from "../parts/text.ts";
import { Verdict } from "../parts/verdict.tsx";
import { factsOf } from "../table/engine.ts";
import type { Model } from "../table/engine.ts";

type Comparison = NonNullable<ComparisonQuery["decisionModel"]>["comparison"];

export interface DifferenceProps {
  readonly model: Pick<Model, "outputs">;
  readonly comparison: Comparison;
  readonly onTry: (facts: Facts) => void;
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumSignificantDigits: 2 });
const SHOWN = 8;

export function Difference({ model, comparison: { difference, problem }, onTry }: DifferenceProps) {
  return (
    <section class="panel" aria-label="What changes">
      <h2>What changes</h2>
      {!difference && (
        <p class="muted">
          It is not known: {problem}. The rules stand below, and the impact says whom they would concern.
        </p>
      )}
      {difference && <Proven model={model} difference={difference} onTry={onTry} />}
    </section>
  );
}

type Proof = NonNullable<Comparison["difference"]>;

function Proven({
  model,
  difference: { equivalent, changes, outputs, cells },
  onTry,
}: Pick<DifferenceProps, "model" | "onTry"> & { readonly difference: Proof }) {
  const labels = new Map(model.outputs.map(({ name, label }) => [name, label ?? name]));
  const share = (of: string) => (
    <span class="muted small" title={`${of} of ${cells} cells: all facts that no rule tells apart are one`}>
      {percentOf(of, cells)}
    </span>
  );
  if (equivalent) {
    return (
      <p>
        <strong>Nothing, proven for all {compact.format(Number(cells))} kinds of facts.</strong> No verdict and no
        output changes for anybody; reasons may.
      </p>
    );
  }
  return (
    <>
      {changes.length === 0 && <p>No verdict changes for anybody.</p>}
      <ul class="findings">
        {changes.map(({ from, to, cells: of, witness }) => (
          <li key={`${from} ${to}`}>
            <Verdict value={from} /> <span aria-hidden="true">→</span>
            <span class="unseen">becomes</span> <Verdict value={to} /> {share(of)}
            <button type="button" onClick={() => onTry(factsOf(witness))}>
              Try it
            </button>
          </li>
        ))}
        {outputs.slice(0, SHOWN).map(({ output, from, to, cells: of, witness }) => (
          <li key={`${output} ${textOf(from)} ${textOf(to)}`}>
            {labels.get(output) ?? output}:{" "}
            {from !== null && from !== undefined && <mark class="removed">{textOf(from)}</mark>}{" "}
            {to !== null && to !== undefined && <mark class="added">{textOf(to)}</mark>} {share(of)}
            <button type="button" onClick={() => onTry(factsOf(witness))}>
              Try it
            </button>
          </li>
        ))}
      </ul>
      {outputs.length > SHOWN && <p class="muted small">{outputs.length - SHOWN} more changes of outputs.</p>}
      <p class="muted small after">
        Proven, and counted, over all {compact.format(Number(cells))} kinds of facts that a rule tells apart.
      </p>
    </>
  );
}

function percentOf(part: string, all: string): string {
  const share = Number(part) / Number(all);
  return share > 0 && share < 0.0001 ? "less than 0.01%" : percent.format(share);
}
