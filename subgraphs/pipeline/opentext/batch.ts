/**
 * How are many evaluations requested in one call?
 *
 * OpenText has no such call. A gateway or proxy in front of it may offer one, in this format: keyed, so that order does not
 * matter, and with a status for each item, so that one may fail without the others.
 *
 *   POST {base}{path}   {items: {"<key>": {decisionKey, inputVariables}}}
 *   200, 207 if mixed   {items: {"<key>": {status: 201, resultVariables: [[…]]} | {status: 400, message, exception}}}
 *
 * An item is the service's reply to a single evaluation, and its status. A missing or malformed item is an error; an item
 * that was not requested is ignored.
 */
import { z } from "zod";
import type { Results } from "../../platform/results.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import type { Execution } from "./execution.ts";
import type { Row } from "../table/table.ts";
import { readErrorMessage, valuesOf } from "./errors.ts";
import { EvaluationReply, surplusOf } from "./rows.ts";

/** Evaluations in one call at most: with more, each waits for too many others. */
export const MAX_ITEMS = 100;

/**
 * The call was refused as a whole. Its items may be fine: the endpoint may be missing, accept less at once, or fail on a
 * single one of them.
 */
export class BatchRefusedError extends UpstreamError {
  /** There is no such endpoint. */
  readonly isMissing: boolean;

  constructor(status: number, { detail }: Pick<UpstreamError, "detail">) {
    const isMissing = MISSING.has(status);
    const state = isMissing ? "it has no endpoint for batches" : "it refused a batch as a whole";
    super(NAME, "STATUS", `${state}, it answered ${status}${suffix(detail)}`, { status, detail });
    this.isMissing = isMissing;
  }
}

/** The body of a call. The key of an item is its index. */
export function batchRequest(executions: readonly Execution[]): object {
  const items = executions.map(({ key, inputs }) => ({ decisionKey: key, inputVariables: inputs }));
  return { items: Object.fromEntries(items.entries()) };
}

export const BatchReply = z.object({ items: z.record(z.string(), z.unknown()) });

/** Aligned with the executions: rows, or an UpstreamError. */
export function readBatch(
  { items }: z.infer<typeof BatchReply>,
  executions: readonly Execution[],
): Results<readonly Row[]> {
  return executions.map((execution, index) => readItem(items[index], execution));
}

/** The error of a call; a BatchRefusedError where it was refused as a whole. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof UpstreamError) || error.upstream !== NAME || error.status === undefined) return error;
  return MISSING.has(error.status) || REFUSED.has(error.status) ? new BatchRefusedError(error.status, error) : error;
}

const NAME = "opentext";
const MISSING = new Set([404, 405]);
const REFUSED = new Set([400, 413, 422]);
const ItemStatus = z.object({ status: z.int() });

function readItem(item: unknown, { inputs, maxRows }: Execution): readonly Row[] | UpstreamError {
  const parsed = ItemStatus.safeParse(item);
  if (!parsed.success) return unexpected(item === undefined ? "is missing" : "has no status");
  const { status } = parsed.data;
  if (status < 200 || status > 299) {
    const detail = readErrorMessage(item, valuesOf(inputs));
    const state = `it answered ${status} to an item of a batch${suffix(detail)}`;
    return new UpstreamError(NAME, "STATUS", state, { status, detail });
  }
  const rows = EvaluationReply.safeParse(item);
  if (!rows.success) return unexpected(`has no rows that can be read: ${fieldOf(rows.error)}`);
  const surplus = surplusOf(rows.data, maxRows);
  return surplus === undefined ? rows.data : unexpected(`has too many rows: ${surplus}`);
}

function unexpected(state: string): UpstreamError {
  return new UpstreamError(NAME, "UNEXPECTED", `it answered unexpectedly: an item of a batch ${state}`);
}

function suffix(detail: string | undefined): string {
  return detail === undefined ? "" : `: ${detail}`;
}

/** The field and what was expected of it, never its value. */
function fieldOf({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
}
