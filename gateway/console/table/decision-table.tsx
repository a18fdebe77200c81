/**
 * How is a decision table shown?
 *
 * As the table that the business knows: a column for each input and each output, a row for each rule, with its number. What
 * does not matter to a rule is hardly there. Of facts it shows which cells hold, and lights the rules that match.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Table } from "../../../subgraphs/pipeline/table/table.ts";
import { textOf } from "../parts/text.ts";
import { VerdictShape } from "../parts/verdict.tsx";
import { verdictOf } from "./engine.ts";
import type { Lit, Model } from "./engine.ts";

export interface DecisionTableProps {
  readonly model: Model;
  readonly table: Table;
  /** Of the facts that are shown; none where there are no facts. */
  readonly lit?: Lit | undefined;
  /** The rules to light. Default: those that match. */
  readonly matched?: ReadonlySet<number> | undefined;
  /** The numbers of the rules to show. Default: all. */
  readonly shown?: ReadonlySet<number> | undefined;
  /** Whether it begins at the first rule that is lit. Default false. */
  readonly isLed?: boolean;
  /** The number of a rule that somebody was sent to. */
  readonly pointed?: number | undefined;
  /** Under the names of the inputs: a cell for each. */
  readonly factsRow?: ((input: Table["inputs"][number]) => ComponentChildren) | undefined;
}

/** Where the first of these rules is the first below the header. */
function above(place: HTMLElement, selector: string): number {
  const first = place.querySelector<HTMLElement>(selector);
  const header = place.querySelector<HTMLElement>("thead")?.offsetHeight ?? 0;
  return first ? Math.max(0, first.offsetTop - header - 40) : 0;
}

/** Wide enough for text that people read. */
const LONG = new Set(["reason"]);

export function DecisionTable(props: DecisionTableProps) {
  const { model, table, lit, matched = lit?.matched, shown, isLed = false, pointed, factsRow } = props;
  const { inputs, outputs } = table;
  const rules = table.rules.filter(({ number }) => shown?.has(number) !== false);
  const counts = new Map(model.table.map(({ number, matched: count }) => [number, count]));
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const selector = pointed === undefined ? (isLed ? "tr.matched" : undefined) : "tr.pointed";
    if (selector !== undefined) place.current?.scrollTo({ top: above(place.current, selector) });
  }, [isLed, pointed]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <div class="scroll" role="region" aria-label={`The table ${model.name}`} tabIndex={0} ref={place}>
      <table class={`rules${lit ? " tried" : ""}`}>
        <thead>
          <tr class="side-name">
            <th class="rule" scope="col">
              <span class="unseen">Rule</span>
            </th>
            <th scope="colgroup" colSpan={inputs.length}>
              Inputs
            </th>
            <th scope="colgroup" colSpan={outputs.length} class="first-output">
              Outputs
            </th>
            <td />
          </tr>
          <tr>
            <th scope="col" class="rule">
              #
            </th>
            {inputs.map(({ name, label }) => (
              <th key={name} scope="col" title={name}>
                {label}
              </th>
            ))}
            {outputs.map(({ name, label }, index) => (
              <th key={name} scope="col" title={name} class={index === 0 ? "first-output" : ""}>
                {label}
              </th>
            ))}
            <th scope="col" class="number" title="of the last 10,000 evaluations of this model">
              Matched
            </th>
          </tr>
          {factsRow && (
            <tr class="facts-row">
              <th scope="row" class="rule">
                Facts
              </th>
              {inputs.map((input) => (
                <td key={input.name}>{factsRow(input)}</td>
              ))}
              <td colSpan={outputs.length + 1} class="first-output" />
            </tr>
          )}
        </thead>
        <tbody>
          {rules.map(({ number, conditions, row }) => (
            <tr
              key={number}
              class={`lit${matched?.has(number) === true ? ` matched ${String(row["verdict"])}` : ""}${number === pointed ? " pointed" : ""}`}
              aria-current={number === pointed ? "true" : undefined}
            >
              <th scope="row" class="rule">
                <VerdictShape value={verdictOf(row["verdict"])} /> {number}
                {matched?.has(number) === true && <span class="unseen"> matches</span>}
              </th>
              {inputs.map(({ name }, column) => (
                <Cell
                  key={name}
                  written={conditions[column] ? model.table[number - 1]?.conditions[column] : undefined}
                  holds={lit?.holds(number, name)}
                />
              ))}
              {outputs.map(({ name }, index) => {
                const text = textOf(row[name]);
                const classes = `output${index === 0 ? " first-output" : ""}${LONG.has(name) ? " long" : ""}`;
                return (
                  <td key={name} class={classes} title={LONG.has(name) ? text : undefined}>
                    {text}
                  </td>
                );
              })}
              <td class="number muted">{(counts.get(number) ?? 0).toLocaleString("en")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Written = Model["table"][number]["conditions"][number];

function Cell({ written, holds }: { readonly written: Written | undefined; readonly holds: boolean | undefined }) {
  if (!written) {
    return (
      <td class="any">
        <span class="unseen">any</span>
      </td>
    );
  }
  const { operator, text } = conditionText(written);
  return (
    <td class={holds === undefined ? "" : holds ? "holds" : "fails"}>
      <span class="values" title={written.values.length > 3 ? text : undefined}>
        <span class="operator">{operator}</span> {text}
      </span>
      {holds !== undefined && <span class="unseen">{holds ? ", holds" : ", does not hold"}</span>}
    </td>
  );
}

/** As people write it. */
export function conditionText({ operator, values }: NonNullable<Written>): {
  readonly operator: string;
  readonly text: string;
} {
  return { operator: OPERATORS[operator] ?? operator, text: values.map(textOf).join(", ") };
}

const OPERATORS: Readonly<Record<string, string>> = {
  "==": "=",
  "!=": "≠",
  "<=": "≤",
  ">=": "≥",
  "IS IN": "in",
  "IS NOT IN": "not in",
  "ANY OF": "any of",
  "NONE OF": "none of",
  "ALL OF": "all of",
  "NOT ALL OF": "not all of",
};
