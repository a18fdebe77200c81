/**
 * What do the matched rows of a table mean?
 *
 * By convention each row has a `verdict`, a `reason_code` and a `reason`. The severest verdict wins (DENY over REVIEW
 * over ALLOW), every row is a reason, and the decision's own outputs come from the rows of the winning verdict. Nothing is
 * guessed: rows that break the convention are an UndecidedError, never a verdict.
 */
import { SEVEREST_FIRST, isVerdict } from "../../schema/verdict.ts";
import type { Verdict } from "../../schema/verdict.ts";
import { UndecidedError } from "./decision.ts";
import type { Decision, FactTypes, RowOrder } from "./decision.ts";
import type { Row } from "./table/table.ts";

export interface Reason {
  readonly code: string;
  readonly message: string;
  /** That this row alone gives: a milder one than the decision's is of a row that lost. */
  readonly verdict: Verdict;
}

export interface Judgement<Answer> {
  readonly verdict: Verdict;
  /** One for each row, in their order. */
  readonly reasons: readonly Reason[];
  readonly answer: Answer;
}

/** The outputs every table has. */
export const CONVENTION = ["verdict", "reason_code", "reason"] as const;

/** Throws an UndecidedError where there are no rows, or not rows of this decision. */
export function judge<Inputs extends FactTypes, Answer extends object>(
  decision: Decision<Inputs, Answer>,
  rows: readonly Row[],
  order?: RowOrder,
): Judgement<Answer> {
  const verdict = severest(rows);
  return { verdict, reasons: rows.map(reasonOf), answer: answerOf(decision, { verdict, rows }, order) };
}

/** The decision's own fields. Throws an UndecidedError where the winning rows do not give them. */
export function answerOf<Inputs extends FactTypes, Answer extends object>(
  decision: Decision<Inputs, Answer>,
  { verdict, rows }: { readonly verdict: Verdict; readonly rows: readonly Row[] },
  order?: RowOrder,
): Answer {
  return decision.answer(
    rows.filter((row) => row["verdict"] === verdict),
    order,
  );
}

/** Throws an UndecidedError where a row has no reason or no verdict. */
export function reasonOf(row: Row): Reason {
  const { reason_code: code, reason: message } = row;
  if (typeof code !== "string" || typeof message !== "string") throw new UndecidedError("a row has no reason");
  return { code, message, verdict: verdictOf(row) };
}

function severest(rows: readonly Row[]): Verdict {
  const verdicts = new Set(rows.map(verdictOf));
  const verdict = SEVEREST_FIRST.find((severe) => verdicts.has(severe));
  if (verdict === undefined) throw new UndecidedError("no rule matched, or the evaluation failed");
  return verdict;
}

function verdictOf(row: Row): Verdict {
  const verdict = row["verdict"];
  if (!isVerdict(verdict))
    throw new UndecidedError(verdict === undefined ? "a row has no verdict" : "a row has an unknown verdict");
  return verdict;
}
