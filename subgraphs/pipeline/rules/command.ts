/**
 * `npm run rules`: what is wrong with a table, and what does a change of one change?
 *
 *   check FILE… [--json]
 *   diff OLD NEW [--json] [--fail-on opening]
 *
 * A table's key says which decision it is of. What that declares of its inputs and outputs is used; a table of no decision is
 * analysed by itself. Without --json the answer is Markdown.
 */
import { parseArgs } from "node:util";
import { monotonic } from "../../platform/clock.ts";
import type { Decision } from "../decision.ts";
import { check } from "../table/diagram/check.ts";
import { diff } from "../table/diagram/diff.ts";
import { loadTable } from "../table/load.ts";
import type { Table } from "../table/table.ts";
import { checksJson, differenceJson } from "./json.ts";
import { checksMarkdown, differenceMarkdown } from "./markdown.ts";

export interface RulesOptions {
  readonly decisions: readonly Pick<Decision, "key" | "constraints" | "outputs">[];
  /** Milliseconds that only ever go forward. */
  readonly elapsed?: () => number;
}

export interface RulesAnswer {
  readonly text: string;
  /** Whether it is one that the caller wanted to fail. */
  readonly failed: boolean;
}

/** Rejects with an Error whose message is for the operator. */
export async function rulesCommand(args: readonly string[], options: RulesOptions): Promise<RulesAnswer> {
  const [command, ...files] = positionals(args);
  const { elapsed = monotonic } = options;
  const { json, failOn } = flags(args);
  if (command === "check" && files.length > 0 && failOn === undefined) {
    const tables = await Promise.all(files.map(loadTable));
    const found = tables.map((table) => timed(elapsed, () => check(table, declaredFor(table, options))));
    const [first, ...others] = found.map(({ value, ms }) => checksJson(value, ms));
    const text = json
      ? asJson(others.length === 0 ? first : [first, ...others])
      : found.map(({ value }) => checksMarkdown(value)).join("\n\n");
    return { text, failed: false };
  }
  if (command === "diff" && files.length === 2) {
    const [before, after] = await Promise.all([loadTable(files[0] ?? ""), loadTable(files[1] ?? "")]);
    const { value, ms } = timed(elapsed, () => diff(before, after, declaredFor(after, options)));
    const opens = value.changes.some(({ to }) => to === "ALLOW");
    return {
      text: json ? asJson(differenceJson(value, ms)) : differenceMarkdown(value),
      failed: failOn === "opening" && opens,
    };
  }
  throw new Error(USAGE);
}

const USAGE = "usage: rules check FILE… [--json] | rules diff OLD NEW [--json] [--fail-on opening]";

function positionals(args: readonly string[]): readonly string[] {
  return parsed(args).positionals;
}

function flags(args: readonly string[]) {
  const { json = false, "fail-on": failOn } = parsed(args).values;
  if (failOn !== undefined && failOn !== "opening") throw new Error(USAGE);
  return { json, failOn };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean" }, "fail-on": { type: "string" } },
    });
  } catch {
    throw new Error(USAGE);
  }
}

function declaredFor({ key }: Table, { decisions }: RulesOptions) {
  const { constraints, outputs } = decisions.find((decision) => decision.key === key) ?? {};
  return { constraints, outputs };
}

function timed<T>(elapsed: () => number, work: () => T): { readonly value: T; readonly ms: number } {
  const startedAt = elapsed();
  const value = work();
  return { value, ms: Math.round(elapsed() - startedAt) };
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
