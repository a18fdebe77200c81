/**
 * What is different between two versions of a table?
 *
 * One table of both: a rule of the one stands in the row of the same rule of the other, and a cell that changed has what it said
 * and what it says. Rules that were added, removed or moved are marked.
 */
import { useMemo } from "preact/hooks";
import type { ComparedTableFragment } from "../generated/operations.ts";
import { textOf } from "../parts/text.ts";
import { VerdictShape } from "../parts/verdict.tsx";
import { alignRules, isSame } from "./align.ts";
import type { Aligned } from "./align.ts";
import { conditionText } from "./decision-table.tsx";
import { rowOf, verdictOf } from "./engine.ts";

type Compared = ComparedTableFragment;
type Rule = Compared["table"][number];
type Pair = Aligned<Rule>;

export interface ComparedTableProps {
  readonly before: Compared;
  readonly after: Compared;
  /** Rules that are the same are left out, and inputs that no other rule tests. */
  readonly isShort: boolean;
}

export function ComparedTable({ before, after, isShort }: ComparedTableProps) {
  const all = useMemo(() => alignRules(before.table, after.table), [before, after]);
  const possible = columnsOf(before, after);
  const isChanged = (pair: Pair): boolean =>
    !pair.before ||
    !pair.after ||
    pair.isMoved ||
    possible.some(({ of }) => !isSame(of(pair.before, before), of(pair.after, after)));
  const pairs = isShort ? all.filter(isChanged) : all;
  if (pairs.length === 0) return <p class="muted">Rule by rule, both say the same.</p>;
  const isTested = ({ of }: Column): boolean =>
    pairs.some((pair) => Boolean(of(pair.before, before) ?? of(pair.after, after)));
  const columns = possible.filter((column) => !isShort || !column.isInput || isTested(column));
  const inputs = columns.filter(({ isInput }) => isInput).length;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <div class="scroll" role="region" aria-label="Both versions, rule by rule" tabIndex={0}>
      <table class="rules compared">
        <thead>
          <tr class="side-name">
            <th class="rule" scope="col">
              <span class="unseen">Rule</span>
            </th>
            <th scope="colgroup" colSpan={inputs}>
              Inputs
            </th>
            <th scope="colgroup" colSpan={columns.length - inputs} class="first-output">
              Outputs
            </th>
          </tr>
          <tr>
            <th scope="col" class="rule">
              #
            </th>
            {columns.map(({ name, label, change }, index) => (
              <th key={name} scope="col" title={name} class={index === inputs ? "first-output" : ""}>
                {change === "same" ? label : <mark class={change}>{label}</mark>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <Row
              key={`${pair.before?.number ?? ""} ${pair.after?.number ?? ""}`}
              pair={pair}
              columns={columns}
              inputs={inputs}
              before={before}
              after={after}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<ComparedTableProps, "before" | "after"> {
  readonly pair: Pair;
  readonly columns: readonly Column[];
  readonly inputs: number;
}

function Row({ pair, columns, inputs, before, after }: RowProps) {
  const kind = !pair.before ? "added" : !pair.after ? "removed" : "";
  const verdict = verdictOf(rowOf((pair.after ?? pair.before)?.outputs)["verdict"]);
  return (
    <tr class={kind}>
      <th scope="row" class="rule">
        <VerdictShape value={verdict} /> <Numbers pair={pair} />
      </th>
      {columns.map((column, index) => {
        const old = pair.before && column.text(column.of(pair.before, before));
        const next = pair.after && column.text(column.of(pair.after, after));
        const isAny = column.isInput && !old && !next;
        return (
          <td
            key={column.name}
            class={`${index === inputs ? "first-output " : ""}${column.name === "reason" ? "long" : ""}${isAny ? "any" : ""}`}
          >
            {isAny ? (
              <span class="unseen">any</span>
            ) : (
              <Cell isRuleSame={kind === ""} empty={column.isInput ? "any" : "none"} old={old} next={next} />
            )}
          </td>
        );
      })}
    </tr>
  );
}

function Numbers({ pair: { before, after, isMoved } }: { readonly pair: Pair }) {
  if (!before) return <ins>{after?.number}</ins>;
  if (!after) return <del>{before.number}</del>;
  if (before.number === after.number) return <>{after.number}</>;
  return (
    <>
      <span class="muted">{before.number}→</span>
      {after.number}
      {isMoved && <span class="moved"> moved</span>}
    </>
  );
}

interface CellProps {
  readonly isRuleSame: boolean;
  /** What an empty cell means. */
  readonly empty: string;
  readonly old: string | undefined;
  readonly next: string | undefined;
}

function Cell({ isRuleSame, empty, old = "", next = "" }: CellProps) {
  if (!isRuleSame || old === next) return <>{next === "" ? old : next}</>;
  return (
    <span class="changed">
      <del>{old === "" ? empty : old}</del> <ins>{next === "" ? empty : next}</ins>
    </span>
  );
}

interface Column {
  readonly name: string;
  readonly label: string;
  readonly isInput: boolean;
  /** Only one of the versions may have it. */
  readonly change: "same" | "added" | "removed";
  readonly of: (rule: Rule | undefined, table: Compared) => unknown;
  readonly text: (value: unknown) => string;
}

type Condition = Rule["conditions"][number];

/** Those of both, in the order of the new version; what was removed comes last. */
function columnsOf(before: Compared, after: Compared): readonly Column[] {
  const sides = [
    { isInput: true, old: before.inputs, next: after.inputs },
    { isInput: false, old: before.outputs, next: after.outputs },
  ];
  return sides.flatMap(({ isInput, old, next }) => {
    const [before, after] = [new Set(old.map(({ name }) => name)), new Set(next.map(({ name }) => name))];
    return [...next, ...old.filter(({ name }) => !after.has(name))].map(({ name, label }): Column => ({
      name,
      label: label ?? name,
      isInput,
      change: !before.has(name) ? "added" : after.has(name) ? "same" : "removed",
      of: (rule, { inputs }) =>
        isInput
          ? rule?.conditions[inputs.findIndex((input) => input.name === name)]
          : rule && rowOf(rule.outputs)[name],
      text: isInput ? textOfCondition : textOf,
    }));
  });
}

function textOfCondition(value: unknown): string {
  if (value === null || value === undefined) return "";
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a column of inputs
  const { operator, text } = conditionText(value as NonNullable<Condition>);
  return `${operator} ${text}`;
}
