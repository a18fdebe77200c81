/**
 * How does the sandbox answer an evaluation, and a batch of them?
 *
 * Each item of a batch is answered as it would be alone, with its key and status. The response has status 200 if all
 * succeeded, else 207.
 */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { CompiledTable } from "../../pipeline/table/compile.ts";
import { FactError } from "../../pipeline/table/fact.ts";
import type { Row, Table, VariableType } from "../../pipeline/table/table.ts";
import { faultsOf, faultsOfOne } from "../sandbox.ts";
import type { Faults } from "../sandbox.ts";
import { ROUTES } from "./calls.ts";
import type { OpenTextCalls } from "./calls.ts";
import { BadRequest, problem, refusal } from "./problems.ts";
import type { Guard } from "./tokens.ts";
import { readVariables } from "./variables.ts";

/** The deployed tables by key. */
type Models = ReadonlyMap<string, { readonly compiled: CompiledTable }>;

export interface EvaluationOptions {
  readonly models: Models;
  readonly bearer: Guard;
}

export function addExecute(app: FastifyInstance, { models, bearer }: EvaluationOptions): void {
  app.post(ROUTES.execute, { onRequest: bearer }, (request, reply) =>
    reply.code(201).send(evaluate(request.body, models, faultsOf(request).rows)),
  );
}

export function addBatch(
  app: FastifyInstance,
  path: string,
  { models, bearer, calls }: EvaluationOptions & { readonly calls: Pick<OpenTextCalls, "answered"> },
): void {
  app.post(path, { onRequest: bearer }, (request, reply) => {
    const asked = BatchRequest.safeParse(request.body);
    if (!asked.success) throw new BadRequest("items is not a map of evaluations");
    const items = Object.entries(asked.data.items);
    if (items.length > MOST_ITEMS) throw new BadRequest(`items are more than ${MOST_ITEMS}: ${items.length}`);
    const answers = items.map(([key, item]) => ({ key, item, answer: answerOne(item, models, faultsOfOne(request)) }));
    calls.answered(
      request,
      answers.map(({ item, answer: { status } }) => ({ item, status })),
    );
    const isMixed = answers.some(({ answer: { status } }) => status !== 201);
    return reply
      .code(isMixed ? 207 : 200)
      .send({ items: Object.fromEntries(answers.map(({ key, answer }) => [key, answer])) });
  });
}

/** A mistake of the request. */
export function isTheirs(error: unknown): error is BadRequest | FactError {
  return error instanceof BadRequest || error instanceof FactError;
}

const MOST_ITEMS = 100;
const ExecuteRequest = z.object({ decisionKey: z.string().min(1), inputVariables: z.unknown().optional() });
const BatchRequest = z.object({ items: z.record(z.string(), z.unknown()) });

function answerOne(item: unknown, models: Models, { status, rows }: Faults): { readonly status: number } {
  if (status !== undefined) return { ...problem(status), status };
  try {
    return { status: 201, ...evaluate(item, models, rows) };
  } catch (error) {
    if (isTheirs(error)) return { status: 400, ...refusal(400, error.message) };
    throw error;
  }
}

/** Throws a BadRequest or a FactError for an invalid request. */
function evaluate(body: unknown, models: Models, fault: Faults["rows"]): object {
  const asked = ExecuteRequest.safeParse(body);
  if (!asked.success) throw new BadRequest("Decision key is required.");
  const { decisionKey, inputVariables } = asked.data;
  const compiled = models.get(decisionKey)?.compiled;
  if (!compiled) throw new BadRequest(`No decision found for key: ${decisionKey}`);
  const evaluation = compiled.evaluate(readVariables(inputVariables, compiled.table.inputs));
  const rows = spoilt("failed" in evaluation ? [] : evaluation.rows, fault);
  return { resultVariables: rows.map((row) => asVariables(row, compiled.table)) };
}

/** The rows of the table, changed by a fault. */
function spoilt(rows: readonly Row[], how: Faults["rows"]): readonly Row[] {
  if (how === undefined) return rows;
  if (how === "empty") return [];
  if (how === "unknown") return rows.map((row) => ({ ...row, verdict: "PERHAPS" }));
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === "string" ? value.length : String(value)]),
    ),
  );
}

/** A number is a `double` as in Flowable; a date is the text of its cell. */
const RESULT_TYPES: Readonly<Record<VariableType, string>> = {
  string: "string",
  number: "double",
  boolean: "boolean",
  date: "date",
  collection: "json",
};

function asVariables(row: Row, { outputs }: Table): readonly object[] {
  return outputs.flatMap(({ name, type }) => {
    const value = row[name];
    return value === undefined ? [] : [{ name, type: RESULT_TYPES[type], value }];
  });
}
