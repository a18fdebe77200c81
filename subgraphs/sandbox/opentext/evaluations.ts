/**
 * How does the sandbox answer an evaluation, and a batch of them?
 *
 * Each item of a batch is answered as it would be alone, with its key and status. The response has status 200 if all
 * succeeded, else 207.
 */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { CompiledTable } from "../../pipeline/table/compile.ts";
import type { Row } from "../../pipeline/table/table.ts";
import { faultsOf, faultsOfOne } from "../sandbox.ts";
import type { Faults } from "../sandbox.ts";
import type { Behaviour } from "./behaviour.ts";
import { ROUTES } from "./calls.ts";
import type { OpenTextCalls } from "./calls.ts";
import { evaluateTable, outputsOf } from "./engine.ts";
import { BadRequest, problem, refusal } from "./problems.ts";
import type { Guard } from "./tokens.ts";
import { readVariables } from "./variables.ts";

/** The deployed tables by key. */
type Models = ReadonlyMap<string, { readonly compiled: CompiledTable }>;

export interface EvaluationOptions {
  readonly models: Models;
  readonly bearer: Guard;
  readonly behaviour: () => Behaviour;
  /** 0 to 1, for rows in any order. */
  readonly random: () => number;
}

export function addExecute(app: FastifyInstance, options: EvaluationOptions): void {
  app.post(ROUTES.execute, { onRequest: options.bearer }, (request, reply) =>
    reply.code(201).send(evaluate(request.body, options, faultsOf(request).rows)),
  );
}

export function addBatch(
  app: FastifyInstance,
  path: string,
  { calls, ...options }: EvaluationOptions & { readonly calls: Pick<OpenTextCalls, "answered"> },
): void {
  app.post(path, { onRequest: options.bearer }, (request, reply) => {
    const asked = BatchRequest.safeParse(request.body);
    if (!asked.success) throw new BadRequest("items is not a map of evaluations");
    const items = Object.entries(asked.data.items);
    if (items.length > MOST_ITEMS) throw new BadRequest(`items are more than ${MOST_ITEMS}: ${items.length}`);
    const answers = items.map(([key, item]) => ({ key, item, answer: answerOne(item, options, faultsOfOne(request)) }));
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

const MOST_ITEMS = 100;
const ExecuteRequest = z.object({ decisionKey: z.string().min(1), inputVariables: z.unknown().optional() });
const BatchRequest = z.object({ items: z.record(z.string(), z.unknown()) });

function answerOne(item: unknown, options: EvaluationOptions, { status, rows }: Faults): { readonly status: number } {
  if (status !== undefined) return { ...problem(status), status };
  try {
    return { status: 201, ...evaluate(item, options, rows) };
  } catch (error) {
    if (error instanceof BadRequest) return { status: 400, ...refusal(400, error.message) };
    throw error;
  }
}

/** Throws a BadRequest for an invalid request. */
function evaluate(
  body: unknown,
  { models, behaviour, random }: EvaluationOptions,
  fault: Faults["rows"],
): { readonly resultVariables: readonly (readonly object[])[] } {
  const asked = ExecuteRequest.safeParse(body);
  if (!asked.success) throw new BadRequest("Decision key is required.");
  const { decisionKey, inputVariables } = asked.data;
  const table = models.get(decisionKey)?.compiled.table;
  if (!table) throw new BadRequest(`No decision found for key: ${decisionKey}`);
  const rows = evaluateTable(table, readVariables(inputVariables, table.inputs), behaviour(), random);
  return { resultVariables: spoilt(rows, fault).map((row) => outputsOf(row, table, behaviour().emptyTexts)) };
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
