/**
 * How does an `.otdt` file become a table? Every part is checked by itself, so that one read reports all problems of a
 * file; there is a table only without problems. What this reader does not know it refuses: a cell that is skipped here but
 * obeyed by OpenText would be a wrong decision that nobody notices.
 */
import { z } from "zod";
import { checkPolicy, readPolicy } from "./hit-policy.ts";
import { requireUnchanged } from "./literal.ts";
import { attempt, Refusal, type Report, show, TableError } from "./problem.ts";
import { repeatedName } from "./repeated-name.ts";
import { locationOf, readRules } from "./rule.ts";
import { type Table, type Variable, VARIABLE_TYPES } from "./table.ts";

export const MAX_CHARACTERS = 5_000_000;
/** The memory of a compiled input grows with the square of the rules. */
export const MAX_RULES = 2_000;

/** Reads the text of one file. Throws a TableError. */
export function readTable(text: string, file: string): Table {
  const problems: string[] = [];
  const table = read(text, file, (location, problem) => {
    problems.push(`Cannot read ${file}: ${location === "" ? "" : `${location}: `}${problem}`);
  });
  if (table === undefined || problems.length > 0) throw new TableError(problems);
  return table;
}

const SCHEMA = "https://www.opentext.com/ocp/devx/decision/1.0.0/DecisionTable";

/** The format of every message, in place of zod's. */
function expects(what: string, got: (input: unknown) => string = show) {
  return { error: ({ input }: { readonly input?: unknown }) => `expected ${what}, got ${got(input)}` };
}
const count = (input: unknown) => String(Array.isArray(input) ? input.length : 0);
const text = z.string(expects("text"));
/** A setting that changes the meaning of the table in a way that this engine does not support. */
const isOff = z.literal([false, "false"], expects("false")).nullish();
/** Names become keys of objects, which already have `constructor` and others. */
const isFree = (name: string) => !(name in Object.prototype);

const Envelope = z.object(
  { schemaId: z.literal(SCHEMA, expects(show(SCHEMA))), data: z.looseObject({}, expects("an object")) },
  expects("an object"),
);

const Head = z.object({
  id: text.nullish(),
  key: text.regex(/^\S+$/, expects("a key without blanks")).refine(isFree, expects("a key that is not reserved")),
  version: z
    .number(expects("a positive whole number"))
    .refine((version) => Number.isSafeInteger(version) && version > 0, expects("a positive whole number")),
  name: text.nullish(),
  description: text.nullish(),
  namespace: text.nullish(),
  forceDMN11: isOff,
});

const Lists = z.object({
  inputExpressions: z.array(z.unknown(), expects("a list")).min(1, expects("at least one input", count)),
  outputExpressions: z.array(z.unknown(), expects("a list")).min(1, expects("at least one output", count)),
  rules: z
    .array(z.unknown(), expects("a list"))
    .min(1, expects("at least one rule", count))
    .max(MAX_RULES, expects(`at most ${MAX_RULES} rules`, count)),
});

const Column = z.object(
  {
    id: text.min(1, expects("an id")).refine(isFree, expects("an id that is not reserved")),
    variableId: text
      .regex(/^[A-Za-z_]\w*$/, expects("a name of letters, digits and _"))
      .refine(isFree, expects("a name that is not reserved")),
    type: z.enum(VARIABLE_TYPES, expects(`one of ${VARIABLE_TYPES.join(", ")}`)),
    label: text.nullish(),
    entries: z.array(text, expects("a list")).nullish(),
    complexExpression: isOff,
  },
  expects("an object"),
);

function read(json: string, file: string, report: Report): Table | undefined {
  const content = attempt(report, "", () => readJson(json));
  if (content === undefined) return undefined;
  const data = parse(Envelope, content, "", report)?.data;
  if (data === undefined) return undefined;
  const head = parse(Head, data, "", report);
  const lists = parse(Lists, data, "", report);
  if (lists === undefined) return undefined;

  const inputs = readColumns("input", lists.inputExpressions, report);
  const outputs = readColumns("output", lists.outputExpressions, report);
  const complete = inputs.length + outputs.length === lists.inputExpressions.length + lists.outputExpressions.length;
  const policy = attempt(report, "hitIndicator", () => readPolicy(data["hitIndicator"], data["collectOperator"]));
  if (policy && complete) attempt(report, "hitIndicator", () => checkPolicy(policy, outputs, lists.rules.length));
  const rules = readRules(lists.rules, { inputs, outputs, complete }, policy ?? { hitPolicy: "FIRST" }, report);
  if (head === undefined || policy === undefined) return undefined;
  return {
    file,
    id: head.id ?? "",
    key: head.key,
    name: head.name ?? head.key,
    description: head.description ?? "",
    namespace: head.namespace ?? "",
    version: head.version,
    ...policy,
    inputs,
    outputs,
    rules,
  };
}

function readJson(json: string): unknown {
  if (json.length > MAX_CHARACTERS) throw new Refusal(`at most ${MAX_CHARACTERS} characters`, String(json.length));
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (error) {
    throw new Refusal("JSON", String(error));
  }
  const repeated = repeatedName(json);
  if (repeated !== undefined) throw new Refusal("each name of an object once", `${show(repeated)} twice`);
  return content;
}

function readColumns(side: "input" | "output", columns: readonly unknown[], report: Report): readonly Variable[] {
  const names = new Set<string>();
  return columns.flatMap((value, index) => {
    const column = parse(Column, value, `${side} ${index + 1}`, report);
    if (column === undefined) return [];
    const { id, variableId: name, type } = column;
    const variable = { id, name, type, label: column.label ?? name, entries: column.entries ?? [] };
    if (names.has(name)) report(locationOf(side, variable), `expected a name of its own, got ${show(name)} twice`);
    names.add(name);
    if (side === "input") attempt(report, locationOf(side, variable), () => requireName(name));
    return [variable];
  });
}

/** OpenText reads the names of inputs as part of an expression. Throws a Refusal. */
function requireName(name: string): void {
  requireUnchanged(name);
  if (WORDS.has(name)) throw new Refusal("a name that is no word of OpenText's expressions", show(name));
}

const WORDS: ReadonlySet<string> = new Set(
  // The last one is a value of its engine.
  "null true false empty instanceof and or not div mod eq ne lt gt le ge authenticatedUserId".split(" "),
);

/** The parsed value, or undefined after a report of each issue. */
function parse<T>(schema: z.ZodType<T>, value: unknown, location: string, report: Report): T | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    const parts = path.map((part) => String(typeof part === "number" ? part + 1 : part));
    report([location, ...parts].filter((part) => part !== "").join(", "), message);
  }
  return undefined;
}
