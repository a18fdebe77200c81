/**
 * `npm run rules`: what is wrong with a table, and what does a change of one change?
 *
 *   check FILE… [--json]
 *   diff OLD NEW [--json] [--fail-on opening]
 *   cases FILE [--generate]
 *   mutants FILE [--json]
 *   impact FILE [--graph URL] [--key-file FILE] [--days N] [--json] [--fail-on opening]
 *   propose FILE --note TEXT [--graph URL] [--key-file FILE] [--json]
 *   deploy FILE (--sandbox URL | --out PATH [--force]) [--graph URL] [--key-file FILE] [--json]
 *
 * A table's key says which decision it is of. What that declares of its inputs and outputs is used; a table of no decision is
 * analysed by itself. Without --json the answer is Markdown.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { monotonic } from "../../platform/clock.ts";
import type { Decision } from "../decision.ts";
import { compile } from "../table/compile.ts";
import { check } from "../table/diagram/check.ts";
import { diff } from "../table/diagram/diff.ts";
import { CASES_ENDINGS, loadCases, loadTable, withoutEnding } from "../table/load.ts";
import type { Table } from "../table/table.ts";
import { failedCases, readCases, writeCases } from "./cases.ts";
import { isJsonOfCases, writeJsonCases } from "./json-cases.ts";
import { deployFile } from "./deploy.ts";
import type { DeployTarget } from "./deploy.ts";
import { findImpact } from "./impact.ts";
import { checksJson, differenceJson } from "./json.ts";
import { checksMarkdown, deployedText, differenceMarkdown, impactMarkdown, proposedText } from "./markdown.ts";
import { generateCases, testMutants } from "./mutants.ts";
import { proposeFile } from "./propose.ts";

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
  const { json, failOn, generate } = flags(args);
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
  if (command === "cases" && files.length === 1) return casesAnswer(files[0] ?? "", generate, options);
  if (command === "mutants" && files.length === 1) return mutantsAnswer(files[0] ?? "", json, options);
  if (command === "impact" && files.length === 1) {
    const impact = await findImpact({ file: files[0] ?? "", ...graphFlags(args) });
    const opens = impact.today.changes.some(({ to }) => to === "ALLOW");
    return { text: json ? asJson(impact) : impactMarkdown(impact), failed: failOn === "opening" && opens };
  }
  if (command === "propose" && files.length === 1) {
    const proposed = await proposeFile({ file: files[0] ?? "", note: noteIn(args) }, graphFlags(args));
    return { text: json ? asJson(proposed) : proposedText(proposed), failed: false };
  }
  if (command === "deploy" && files.length === 1) {
    const deployed = await deployFile(files[0] ?? "", targetIn(args), graphFlags(args));
    return { text: json ? asJson(deployed) : deployedText(deployed), failed: false };
  }
  throw new Error(USAGE);
}

const USAGE =
  "usage: rules check FILE… [--json] | rules diff OLD NEW [--json] [--fail-on opening] | " +
  "rules cases FILE [--generate] | rules mutants FILE [--json] | " +
  "rules impact FILE [--graph URL] [--key-file FILE] [--days N] [--json] [--fail-on opening] | " +
  "rules propose FILE --note TEXT [--graph URL] [--key-file FILE] [--json] | " +
  "rules deploy FILE (--sandbox URL | --out PATH [--force]) [--graph URL] [--key-file FILE] [--json]";

async function casesAnswer(file: string, generate: boolean, options: RulesOptions): Promise<RulesAnswer> {
  const { table, ways, declared, cases, isJson } = await withCases(file, options);
  const failed = failedCases(compile(table), ways, cases);
  if (failed.length > 0) return { text: failed.join("\n"), failed: true };
  if (!generate) return { text: `${table.key}: ${cases.length} cases, all as expected`, failed: false };
  const generated = generateCases(table, cases, declared);
  const text = isJson ? writeJsonCases(generated) : writeCases(table, ways, generated);
  await writeFile(`${withoutEnding(file)}${CASES_ENDINGS[isJson ? "json" : "csv"]}`, text);
  return { text: `${table.key}: ${generated.length - cases.length} cases added to ${cases.length}`, failed: false };
}

async function mutantsAnswer(file: string, json: boolean, options: RulesOptions): Promise<RulesAnswer> {
  const { table, ways, declared, cases } = await withCases(file, options);
  // A case that the table itself answers otherwise would kill every mutant.
  const failed = failedCases(compile(table), ways, cases);
  if (failed.length > 0) return { text: failed.join("\n"), failed: true };
  const found = testMutants(table, cases, declared);
  const { mutants, killed, equivalent, survived } = found;
  const lines = [
    `${table.key}: ${mutants} mutants, ${killed} killed by ${cases.length} cases, ${equivalent} proven equivalent, ${survived.length} survived`,
    ...survived.map(({ change, witness }) => `${change}: no case like ${JSON.stringify(witness)}`),
  ];
  return { text: json ? asJson({ key: table.key, ...found }) : lines.join("\n"), failed: survived.length > 0 };
}

async function withCases(file: string, options: RulesOptions) {
  const table = await loadTable(file);
  const { constraints, outputs } = declaredFor(table, options);
  const ways = outputs ?? {};
  const text = (await loadCases(file)) ?? "";
  const cases = text === "" ? [] : readCases(table, ways, text);
  return { table, ways, declared: { constraints, outputs: ways }, cases, isJson: isJsonOfCases(text) };
}

function positionals(args: readonly string[]): readonly string[] {
  return parsed(args).positionals;
}

function flags(args: readonly string[]) {
  const { json = false, generate = false, "fail-on": failOn } = parsed(args).values;
  if (failOn !== undefined && failOn !== "opening") throw new Error(USAGE);
  return { json, failOn, generate };
}

function graphFlags(args: readonly string[]) {
  const { graph = "http://127.0.0.1:4000/graphql", "key-file": keyFile, days = "30" } = parsed(args).values;
  if (!URL.canParse(graph) || !/^\d{1,2}$/.test(days)) throw new Error(USAGE);
  return { graph, keyFile, days: Number(days) };
}

function noteIn(args: readonly string[]): string {
  const { note } = parsed(args).values;
  if (note === undefined) throw new Error(USAGE);
  return note;
}

/** One of the two. */
function targetIn(args: readonly string[]): DeployTarget {
  const { sandbox, out, force = false } = parsed(args).values;
  if (sandbox !== undefined && out === undefined && !force && /^https?:/.test(sandbox) && URL.canParse(sandbox))
    return { sandbox };
  if (out !== undefined && sandbox === undefined) return { out, force };
  throw new Error(USAGE);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        generate: { type: "boolean" },
        "fail-on": { type: "string" },
        graph: { type: "string" },
        "key-file": { type: "string" },
        days: { type: "string" },
        note: { type: "string" },
        sandbox: { type: "string" },
        out: { type: "string" },
        force: { type: "boolean" },
      },
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
