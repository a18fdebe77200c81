/** What does a table answer to facts, in the names of its outputs? The verdict, and what is made of each own output. */
import type { OutputWay, OutputWays } from "./output-way.ts";
import { SEVEREST_FIRST } from "../../../schema/verdict.ts";
import type { CompiledTable } from "./compile.ts";
import type { Facts, Row } from "./table.ts";

/** By output, as text; empty for none. `verdict` is one of them. */
export type CaseOutcome = Readonly<Record<string, string>>;

export function caseOutcome(compiled: CompiledTable, facts: Facts, ways: OutputWays): CaseOutcome {
  const evaluated = compiled.evaluate(facts);
  const rows = "failed" in evaluated ? [] : evaluated.rows;
  const verdict = SEVEREST_FIRST.find((severe) => rows.some((row) => row["verdict"] === severe));
  const winning = rows.filter((row) => row["verdict"] === verdict);
  const own = Object.entries(ways).map(([output, way]) => [output, madeOf(winning, output, way)]);
  return { verdict: verdict ?? "", ...Object.fromEntries(own) };
}

function madeOf(winning: readonly Row[], output: string, way: OutputWay): string {
  const leading = typeof way === "object" ? way.beside : output;
  const saying = winning.filter((row) => (row[leading] ?? "") !== "");
  const texts = saying.map((row) => String(row[output] ?? ""));
  if (way === "list")
    return [...new Set(texts.flatMap((text) => text.split(",").flatMap((item) => item.trim() || [])))].join(", ");
  if (way === "first" || typeof way === "object") return texts[0] ?? "";
  const ordered = texts.map(Number).toSorted((one, other) => one - other);
  return String((way === "lowest" ? ordered[0] : ordered.at(-1)) ?? "");
}
