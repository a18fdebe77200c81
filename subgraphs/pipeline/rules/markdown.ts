/** How do people read what is known of a table? As Markdown, for a terminal and for the description of a pull request. */
import type { Checks } from "../table/diagram/check.ts";
import type { Change, Difference } from "../table/diagram/diff.ts";
import type { Deployed } from "./deploy.ts";
import type { TableImpact } from "./impact.ts";
import type { ProposedTable } from "./propose.ts";
import type { Facts } from "../table/table.ts";

export function checksMarkdown(found: Checks): string {
  const { key, gaps, neverMatch, neverDecide, contradictions, duplicates, missing, size } = found;
  const pairs = (items: readonly { readonly rules: readonly [number, number] }[]): string =>
    items.map(({ rules: [one, other] }) => `${one} and ${other}`).join(", ") || "none";
  return [
    `## ${key}`,
    "",
    `Of ${grouped(size.cells)} cells, by a diagram of ${size.nodes} nodes:`,
    "",
    `- facts without a verdict: ${gaps.length === 0 ? "none" : ""}`,
    ...gaps.map(({ witness }) => `  - ${factsText(witness)}`),
    `- rules that never match: ${neverMatch.join(", ") || "none"}`,
    `- rules that match, but never decide: ${neverDecide.join(", ") || "none"}`,
    `- rules that say the same of the same facts: ${pairs(duplicates)}`,
    `- inputs of which an unknown fact could open what a known one closes: ${missing.map(({ input }) => input).join(", ") || "none"}`,
    `- pairs of rules of different verdicts that match the same facts, of which the severer wins: ${contradictions.length}`,
  ].join("\n");
}

export function differenceMarkdown({ key, equivalent, changes, outputs, cells }: Difference): string {
  if (equivalent) {
    return [
      `## ${key}: equivalent`,
      "",
      `Proven for all of ${grouped(cells)} cells: no verdict and no output changes. Reasons may.`,
    ].join("\n");
  }
  return [
    `## ${key}: ${changes.length === 0 ? "no verdict changes" : "verdicts change"}`,
    "",
    `Of ${grouped(cells)} cells, each of which is all facts that no condition tells apart:`,
    ...table(
      "verdict",
      changes.map((change) => ({ of: "", change })),
    ),
    ...table(
      "output",
      outputs.map((change) => ({ of: change.output, change })),
    ),
  ].join("\n");
}

export function impactMarkdown({ model, days, today, ledger }: TableImpact): string {
  return [
    `## ${model}: ${today.changed} of ${today.considered} verdicts would change`,
    ...partMarkdown("today", today),
    "",
    `Of ${ledger.considered} evaluations of the last ${days} days, ${ledger.changed} would have another verdict:`,
    ...partMarkdown("in the ledger", ledger),
  ].join("\n");
}

export function proposedText({ candidate, model, state }: ProposedTable): string {
  return `${model}: ${candidate} is ${state}`;
}

export function deployedText({ model, candidate, approvedBy, target, version }: Deployed): string {
  const runs = version === null ? "" : `, which runs it as version ${version}`;
  return `${model}: ${candidate}, approved by ${approvedBy}, was handed to ${target}${runs}`;
}

function partMarkdown(title: string, part: TableImpact["today"]): readonly string[] {
  const limits = [
    ...(part.unknown === 0 ? [] : [`Of ${part.unknown} a fact is not known: nothing is decided of them.`]),
    ...(part.isComplete ? [] : ["There are more than were considered."]),
  ];
  const rows = part.changes.map(
    ({ from, to, count, rules }) =>
      `| ${valueText(from)} | ${valueText(to)} | ${count} | ${rules.map((one) => `${one.rule} (${one.count})`).join(", ")} |`,
  );
  const changes =
    rows.length === 0
      ? []
      : ["", `| ${title}, from | to | how many | by the new rules |`, "| --- | --- | ---: | --- |", ...rows];
  return [...changes, ...limits.flatMap((limit) => ["", limit])];
}

function table(
  title: string,
  rows: readonly { readonly of: string; readonly change: Change<string | number | boolean | null> }[],
): readonly string[] {
  if (rows.length === 0) return [];
  return [
    "",
    `| ${title} | from | to | cells | for example |`,
    "| --- | --- | --- | ---: | --- |",
    ...rows.map(
      ({ of, change: { from, to, cells, witness } }) =>
        `| ${[of, valueText(from), valueText(to), grouped(cells), factsText(witness)].map(cellText).join(" | ")} |`,
    ),
  ];
}

function valueText(value: string | number | boolean | null): string {
  return value === null ? "none" : `${value}`;
}

function factsText(facts: Facts): string {
  return Object.entries(facts)
    .map(([name, fact]) => `${name} ${JSON.stringify(fact)}`)
    .join(", ");
}

function cellText(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}

function grouped(cells: bigint): string {
  return cells.toLocaleString("en");
}
