/**
 * How are many evaluations asked for in one call?
 *
 * OpenText has no such call. A gateway or proxy in front of it may, and this is the shape that it has to have: keyed, so
 * that nothing rests on an order, and with a status for each item, so that one that fails leaves its neighbours alone.
 *
 *   POST {base}{path}   {items: {"<key>": {decisionKey, inputVariables}}}
 *   200, 207 if mixed   {items: {"<key>": {status: 201, resultVariables: [[…]]} | {status: 400, message, exception}}}
 *
 * An item says what the service says of a single evaluation, and its status beside it. One that is missing, or that
 * nobody understands, is an error; one that nobody asked for is nothing.
 */
import { z } from "zod";
import type { Results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream.ts";
import type { Execution } from "./execution.ts";
import type { Row } from "../table/table.ts";
import { readErrorWords, valuesOf } from "./errors.ts";
import { EvaluationReply } from "./rows.ts";

/** What one call may ask for: more, and whoever waits for one of them waits for too many. */
export const MAX_ITEMS = 100;

/**
 * The call was refused as a whole. That says nothing of its items: the path leads to no endpoint, or the endpoint does
 * not take as much, or chokes on one of them.
 */
export class BatchRefusedError extends UpstreamError {
  /** There is no such endpoint. */
  readonly isMissing: boolean;

  constructor(status: number, { detail }: Pick<UpstreamError, "detail">) {
    const isMissing = MISSING.has(status);
    const state = isMissing ? "it has no endpoint for batches" : "it refused a batch as a whole";
    const said = detail === undefined ? "" : `: ${detail}`;
    super(NAME, "STATUS", `${state}, it answered ${status}${said}`, { status, detail });
    this.isMissing = isMissing;
  }
}

/** What is sent. The key of an item is its place. */
export function batchRequest(executions: readonly Execution[]): object {
  const items = executions.map(({ key, inputs }) => ({ decisionKey: key, inputVariables: inputs }));
  return { items: Object.fromEntries(items.entries()) };
}

export const BatchReply = z.object({ items: z.record(z.string(), z.unknown()) });

/** What came of each, aligned with what was asked: rows, or an UpstreamError. */
export function readBatch(
  { items }: z.infer<typeof BatchReply>,
  executions: readonly Execution[],
): Results<readonly Row[]> {
  return executions.map((execution, place) => readItem(items[place], execution));
}

/** What a call failed with: a BatchRefusedError where it was refused as a whole. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof UpstreamError) || error.upstream !== NAME || error.status === undefined) return error;
  return MISSING.has(error.status) || TURNED_DOWN.has(error.status)
    ? new BatchRefusedError(error.status, error)
    : error;
}

const NAME = "opentext";
const MISSING = new Set([404, 405]);
const TURNED_DOWN = new Set([400, 413, 422]);
const Answered = z.object({ status: z.int() });

function readItem(item: unknown, { inputs }: Execution): readonly Row[] | UpstreamError {
  const answered = Answered.safeParse(item);
  if (!answered.success) return unexpected(item === undefined ? "is missing" : "has no status");
  const { status } = answered.data;
  if (status < 200 || status > 299) {
    const detail = readErrorWords(item, valuesOf(inputs));
    const said = detail === undefined ? "" : `: ${detail}`;
    return new UpstreamError(NAME, "STATUS", `it answered ${status} to an item of a batch${said}`, { status, detail });
  }
  const rows = EvaluationReply.safeParse(item);
  return rows.success ? rows.data : unexpected(`has no rows that can be read: ${fieldOf(rows.error)}`);
}

function unexpected(state: string): UpstreamError {
  return new UpstreamError(NAME, "UNEXPECTED", `it answered unexpectedly: an item of a batch ${state}`);
}

/** Names it and what was expected of it, never its value. */
function fieldOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
}
